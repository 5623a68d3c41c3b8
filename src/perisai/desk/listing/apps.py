"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class ListingConfig(AppConfig):
    """The house's list, computed from facts."""

    name = "perisai.desk.listing"
    label = "listing"
    default_auto_field = "django.db.models.BigAutoField"
