"""Until when attachments are kept. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class AttachmentRow(models.Model):
    """One attachment; ``box`` is the name of its encrypted bytes."""

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    attachment = models.CharField(max_length=20)
    box = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64, db_index=True, default="")
    until = models.DateTimeField(db_index=True)
    purged = models.DateTimeField(null=True, db_index=True)
