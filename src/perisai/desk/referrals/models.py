"""How each referral stands. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class ReferralRow(models.Model):
    """The referral of one sealed complaint; nothing of what is in it."""

    id = models.CharField(max_length=40, primary_key=True)
    case = models.CharField(max_length=40)
    drafted = models.DateTimeField()
    sent = models.DateTimeField(null=True, db_index=True)
    sent_by = models.CharField(max_length=200)
    receiver = models.CharField(max_length=200)
    message = models.CharField(max_length=20)
    reviewed = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=200)
