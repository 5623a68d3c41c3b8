"""Previews and looks at them. Computed from facts: ``perisai rebuild`` makes them anew."""

from __future__ import annotations

from django.db import models


class PreviewRow(models.Model):
    """One preview; ``box`` is the name of its encrypted bytes, ``complaint`` what it came with."""

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    complaint = models.CharField(max_length=40, db_index=True)
    box = models.CharField(max_length=64)
    until = models.DateTimeField(db_index=True)
    purged = models.DateTimeField(null=True, db_index=True)


class ViewRow(models.Model):
    """One act of somebody who looks. ``number`` is that of its fact.

    ``seconds`` is how long the look lasts at most; 0 where it is no look, but ends the one before.
    """

    number = models.BigIntegerField(primary_key=True)
    person = models.CharField(max_length=150)
    at = models.DateTimeField(db_index=True)
    seconds = models.IntegerField()

    class Meta:  # noqa: D106
        indexes = (models.Index(fields=("person", "at"), name="views_by_person"),)
