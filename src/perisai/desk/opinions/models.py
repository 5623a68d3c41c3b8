"""Second opinions to be given and given. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class OpinionRow(models.Model):
    """One decision that a second reviewer looks at; ``second`` is empty until they have.

    ``number`` is that of the fact by which it was drawn: clocks go back, the log does not.
    """

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    decision = models.BigIntegerField()
    first = models.CharField(max_length=20)
    first_by = models.CharField(max_length=150)
    drawn = models.DateTimeField()
    number = models.BigIntegerField(default=0)
    second = models.CharField(max_length=20, db_index=True)
    second_by = models.CharField(max_length=150)
    given = models.DateTimeField(null=True)
