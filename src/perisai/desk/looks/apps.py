"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class LooksConfig(AppConfig):
    """Who has looked at what."""

    name = "perisai.desk.looks"
    label = "looks"
    default_auto_field = "django.db.models.BigAutoField"
