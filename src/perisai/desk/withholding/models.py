"""What was decided for the gateway. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class WithholdingRow(models.Model):
    """The last decision on a sample of a case: ``withheld``, ``freed``, or ``sealed``.

    Or on the file that a ``complaint`` names which was sealed; it has no case here. ``applied`` is
    empty until the gateway has it.
    """

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    complaint = models.CharField(max_length=40, db_index=True, default="")
    sha256 = models.CharField(max_length=64, db_index=True)
    what = models.CharField(max_length=20)
    decided = models.DateTimeField()
    applied = models.DateTimeField(null=True, db_index=True)
