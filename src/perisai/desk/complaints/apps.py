"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """The table in which complaints are looked up; all of it is computed from facts."""

    name = "perisai.desk.complaints"
    label = "complaints"
    default_auto_field = "django.db.models.BigAutoField"
