"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Tables of what came in by machine."""

    name = "perisai.desk.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
