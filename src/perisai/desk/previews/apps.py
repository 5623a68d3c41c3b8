"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class PreviewsConfig(AppConfig):
    """Which previews are kept until when, and who looked how long, computed from facts."""

    name = "perisai.desk.previews"
    label = "previews"
    default_auto_field = "django.db.models.BigAutoField"
