"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """The queue, computed from facts, and the locks, which are no facts."""

    name = "perisai.desk.triage"
    label = "triage"
    default_auto_field = "django.db.models.BigAutoField"
