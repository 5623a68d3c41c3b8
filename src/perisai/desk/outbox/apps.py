"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """The table in which messages are looked up; all of it is computed from facts."""

    name = "perisai.desk.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"
