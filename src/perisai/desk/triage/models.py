"""The queue of complaints, and who works on which of them now."""

from __future__ import annotations

from django.db import models


def _leading(name: str, *fields: str) -> models.Index:
    return models.Index(fields=fields, condition=models.Q(leads=True), name=name)


class QueueRow(models.Model):
    """One complaint as the queue needs it. Computed from facts.

    Of a sealed one the digest ``exact`` of its link is left, if somebody of the house has sealed it
    (``closed``), and nothing otherwise.

    Complaints about the same thing share an ``entry``. One of those that wait ``leads``: it alone
    stands in the queue, with what ``number``, ``urgency`` and ``because`` say of all of them.
    """

    complaint = models.CharField(max_length=40, primary_key=True)
    received = models.DateTimeField()
    app = models.CharField(max_length=200)
    summary = models.CharField(max_length=200)
    band = models.CharField(max_length=10)
    weight = models.IntegerField()
    reasons = models.CharField(max_length=100)
    exact = models.CharField(max_length=64, db_index=True)
    place = models.CharField(max_length=64, db_index=True)
    case = models.CharField(max_length=40)
    entry = models.CharField(max_length=40)
    alone = models.BooleanField()
    closed = models.BooleanField(default=False)
    waits = models.BooleanField()
    leads = models.BooleanField()
    number = models.IntegerField()
    urgency = models.IntegerField()
    because = models.CharField(max_length=100)

    class Meta:
        """The orders in which the queue is read, and the look-up of an entry.

        Of the rows those that lead alone stand in the queue: so few are in its orders.
        """

        indexes = (
            _leading("queue_order", "-urgency", "received", "complaint"),
            _leading("queue_by_age", "received", "complaint"),
            _leading("queue_by_number", "-number", "received", "complaint"),
            _leading("queue_by_app", "app", "received"),
            models.Index(fields=["app"], condition=models.Q(closed=False), name="queue_of_app"),
            models.Index(fields=["entry", "waits", "received"], name="queue_entry"),
        )


class LockRow(models.Model):
    """Who has a complaint alone, and until when if nothing more is done.

    No fact, and not computed from facts: each look at the complaint moves ``until``. That somebody
    took, handed over or gave back a complaint is a fact.
    """

    complaint = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=150, db_index=True)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
