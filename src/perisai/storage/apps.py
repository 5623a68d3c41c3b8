"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class StorageConfig(AppConfig):
    """The tables of what is kept, ``storage_…``."""

    name = "perisai.storage"
    label = "storage"
    default_auto_field = "django.db.models.BigAutoField"
