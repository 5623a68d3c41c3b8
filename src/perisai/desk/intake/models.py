"""What came in by machine."""

from __future__ import annotations

from django.db import models


class ReportRow(models.Model):
    """One report of the gateway that was taken in. Computed from facts."""

    fact = models.BigIntegerField(primary_key=True)
    number = models.BigIntegerField()
    complaint = models.CharField(max_length=40)
