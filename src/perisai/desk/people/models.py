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


class AskedRow(models.Model):
    """What an administrator asked for and another has to agree to. Computed from facts."""

    account = models.CharField(max_length=150, primary_key=True)
    what = models.CharField(max_length=10)
    role = models.CharField(max_length=20)
    platform = models.CharField(max_length=200)
    agency = models.CharField(max_length=40, blank=True)
    identity = models.CharField(max_length=64, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField()


class BoundRow(models.Model):
    """Somebody at an agency who signs in with an account. Computed from facts."""

    identity = models.CharField(max_length=64, primary_key=True)
    """A keyed digest of the agency's issuer and what it calls them."""
    account = models.CharField(max_length=150, db_index=True)
    agency = models.CharField(max_length=40)


class InvitationRow(models.Model):
    """A link that is out with which to choose a password, by its SHA-256. Computed from facts."""

    account = models.CharField(max_length=150, primary_key=True)
    door = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()


class SessionRow(models.Model):
    """An open session, as its owner knows it again. No fact: it is gone when the session is."""

    id = models.CharField(max_length=16, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    session = models.CharField(max_length=40, db_index=True)
    """The key of Django's session."""
    browser = models.CharField(max_length=40)
    """Its kind and the system, as in ``firefox windows``: nothing else of what it says."""
    network = models.CharField(max_length=16)
    """A keyed digest: tells whether two sessions come from the same network, not from which."""
    began = models.DateTimeField()
    seen = models.DateTimeField()
