"""Accounts: Django's users, and the role of each."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from perisai.desk.permissions import Role


class Member(models.Model):
    """The role of one account, and the platform that a liaison speaks for."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True
    )
    role = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Role])
    platform = models.CharField(max_length=200, blank=True)
