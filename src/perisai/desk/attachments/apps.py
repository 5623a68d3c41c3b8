"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    """What is attached and until when, computed from facts."""

    name = "perisai.desk.attachments"
    label = "attachments"
    default_auto_field = "django.db.models.BigAutoField"
