"""What messages are looked up by. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class MessageRow(models.Model):
    """One message as it stands. What it says is not here, nor is the receiver's address."""

    id = models.CharField(max_length=20, primary_key=True)
    channel = models.CharField(max_length=10)
    kind = models.CharField(max_length=40)
    receiver = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    case = models.CharField(max_length=40, db_index=True)
    item = models.CharField(max_length=40)
    standing = models.CharField(max_length=20)
    rank = models.IntegerField(db_index=True)
    """0 is what needs somebody most; state.ORDER says why."""
    put = models.DateTimeField()
    attempts = models.IntegerField()
    due = models.DateTimeField(null=True, db_index=True)
    """When it is to be tried; None once it is delivered, or if it is carried by hand."""
    why = models.CharField(max_length=200)
    acknowledged = models.DateTimeField(null=True)
    position = models.BigIntegerField()
