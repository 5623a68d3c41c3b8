"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class ImprovementsConfig(AppConfig):
    """Improvement requests, computed from facts."""

    name = "perisai.desk.improvements"
    label = "improvements"
    default_auto_field = "django.db.models.BigAutoField"
