"""The house's list. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class ListingRow(models.Model):
    """A sample that is proposed for the house's list, on it, refused, or taken off again.

    ``compared`` and ``hits`` are those of the last dry run; None before there was one.
    """

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    standing = models.CharField(max_length=20, db_index=True)
    category = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    pictures = models.IntegerField()
    proposed_by = models.CharField(max_length=200)
    proposed = models.DateTimeField(db_index=True)
    checked = models.DateTimeField(null=True)
    compared = models.IntegerField(null=True)
    unread = models.IntegerField(null=True)
    hits = models.IntegerField(null=True)
    agreed_by = models.CharField(max_length=200)
    agreed = models.DateTimeField(null=True)


class ItemHashRow(models.Model):
    """Hashes of an item of the gateway, 32 bytes each, kept so that it is decoded only once.

    Derived from the item's bytes, not from facts. ``readable`` is False where they are damaged.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    hashes = models.BinaryField()
    readable = models.BooleanField()
