"""Looks, as auditors read them. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class LookRow(models.Model):
    """One look. ``number`` is that of its fact."""

    number = models.BigIntegerField(primary_key=True)
    person = models.CharField(max_length=150)
    role = models.CharField(max_length=20)
    what = models.CharField(max_length=20)
    item = models.CharField(max_length=80)
    rows = models.IntegerField()
    """Rows of a spreadsheet; 0 for everything else."""
    at = models.DateTimeField(db_index=True)

    class Meta:  # noqa: D106
        indexes = (models.Index(fields=("person", "item", "at"), name="looks_by_person"),)
