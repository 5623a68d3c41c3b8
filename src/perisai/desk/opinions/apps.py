"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class OpinionsConfig(AppConfig):
    """Second opinions, computed from facts."""

    name = "perisai.desk.opinions"
    label = "opinions"
    default_auto_field = "django.db.models.BigAutoField"
