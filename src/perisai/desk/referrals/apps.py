"""How Django knows this package."""

from __future__ import annotations

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Referrals and how they stand, computed from facts."""

    name = "perisai.desk.referrals"
    label = "referrals"
    default_auto_field = "django.db.models.BigAutoField"
