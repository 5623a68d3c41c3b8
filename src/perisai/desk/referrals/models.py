"""How each referral stands. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class ReferralRow(models.Model):
    """The referral of one sealed complaint, or of a sample that came without one: nothing in it.

    ``id`` is the complaint's number, or ``CASE:SHA-256``. ``exact`` is the keyed digest of a link.
    ``asked`` is when somebody asked for the seal to be undone, until that is decided; ``lifted`` is
    when it was undone, and ``withdrawal`` the message which tells the receiver so. ``more`` is
    since when a message waits that came after it was sent.
    """

    id = models.CharField(max_length=110, primary_key=True)
    case = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64, default="")
    exact = models.CharField(max_length=64, db_index=True, default="")
    drafted = models.DateTimeField()
    sealed_by = models.CharField(max_length=200, default="")
    asked = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=200, default="")
    lifted = models.DateTimeField(null=True)
    sent = models.DateTimeField(null=True, db_index=True)
    sent_by = models.CharField(max_length=200)
    receiver = models.CharField(max_length=200)
    message = models.CharField(max_length=20)
    withdrawal = models.CharField(max_length=20, default="")
    reviewed = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=200)
    more = models.DateTimeField(null=True)
