"""What complaints are looked up by. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class ComplaintRow(models.Model):
    """One complaint as it stands. Nothing in it says who complained.

    ``topic`` is the same for complaints about the same link or, without one, the same words.
    ``unanswered`` is since when a message of who complained waits, ``danger`` whether one ever told
    of danger.
    """

    id = models.CharField(max_length=40, primary_key=True)
    locator = models.CharField(max_length=6, db_index=True)
    proof = models.TextField()
    source = models.CharField(max_length=20)
    app = models.CharField(max_length=200)
    summary = models.CharField(max_length=200)
    topic = models.CharField(max_length=64, db_index=True, default="")
    received = models.DateTimeField(db_index=True)
    case = models.CharField(max_length=40, db_index=True)
    appeal = models.BooleanField(default=False)
    decision = models.CharField(max_length=20, default="")
    waiting = models.BooleanField(db_index=True)
    sealed = models.BooleanField()
    withdrawn = models.BooleanField()
    messages = models.IntegerField()
    unanswered = models.DateTimeField(null=True)
    danger = models.BooleanField(default=False)
    position = models.BigIntegerField()

    class Meta:
        """The orders in which the list is read. ``case`` in them says who may read a row.

        So the rows before a page are gone through by their index alone.
        """

        indexes = (
            models.Index(fields=["received", "id", "case"], name="complaint_by_age"),
            models.Index(
                fields=["received", "id", "case"],
                condition=models.Q(waiting=True),
                name="complaint_waiting",
            ),
            models.Index(fields=["app", "id", "case"], name="complaint_by_app"),
            models.Index(
                fields=["unanswered"],
                condition=models.Q(unanswered__isnull=False),
                name="complaint_unanswered",
            ),
        )


class TopicRow(models.Model):
    """How many complaints are about the same thing."""

    topic = models.CharField(max_length=64, primary_key=True)
    number = models.IntegerField(db_index=True)
