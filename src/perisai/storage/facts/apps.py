"""Django's name for the tables of facts."""

from __future__ import annotations

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """The app ``facts``."""

    name = "perisai.storage.facts"
    label = "facts"
    default_auto_field = "django.db.models.BigAutoField"
