"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class WithholdingConfig(AppConfig):
    """Decisions for the gateway, computed from facts."""

    name = "perisai.desk.withholding"
    label = "withholding"
    default_auto_field = "django.db.models.BigAutoField"
