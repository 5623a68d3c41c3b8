"""What can be searched. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class SearchRow(models.Model):
    """The words of one complaint, of one case, or of one note.

    ``key`` is the number of the complaint or case, ``case`` that of the case it belongs to. The
    migrations add the index: a virtual table that triggers fill (SQLite), or a generated column
    with indexes for cases and one for complaints (PostgreSQL). A migration that remakes this
    table has to make these anew.
    """

    row = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=40, db_index=True)
    case = models.CharField(max_length=40)
    audience = models.CharField(max_length=20)
    text = models.TextField()
