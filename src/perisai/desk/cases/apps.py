"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The tables in which cases are looked up; all of it is computed from facts."""

    name = "perisai.desk.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
