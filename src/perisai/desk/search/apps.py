"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """What can be searched; all of it is computed from facts."""

    name = "perisai.desk.search"
    label = "search"
    default_auto_field = "django.db.models.BigAutoField"
