"""The register of improvement requests. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class ImprovementRow(models.Model):
    """One request, as it stands; ``approved`` is when it left the house.

    ``paper_by`` has entered an answer on paper which nobody has compared with that yet.
    """

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    improvement = models.CharField(max_length=20)
    platform = models.CharField(max_length=200, db_index=True)
    agency = models.CharField(max_length=200)
    what = models.CharField(max_length=200)
    asked_by = models.CharField(max_length=200)
    approved_by = models.CharField(max_length=200, default="")
    approved = models.DateTimeField(null=True)
    due = models.DateTimeField(db_index=True)
    standing = models.CharField(max_length=20, db_index=True)
    paper_by = models.CharField(max_length=200, default="", db_index=True)
