"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Who has an account, and in which role."""

    name = "perisai.desk.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
