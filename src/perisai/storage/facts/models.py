"""The tables of facts. Events are only ever added; nothing in the code changes or deletes one."""

from __future__ import annotations

from django.db import models

HEX = 64


class Event(models.Model):
    """One fact. ``number`` counts all facts from 1, ``position`` those of its stream from 1."""

    number = models.BigIntegerField(primary_key=True)
    stream = models.CharField(max_length=100)
    position = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    at = models.CharField(max_length=40)
    by = models.CharField(max_length=200)
    data = models.TextField()
    stream_link = models.CharField(max_length=HEX)
    log_link = models.CharField(max_length=HEX)

    class Meta:
        """Every place in a stream is taken once."""

        constraints = (
            models.UniqueConstraint(fields=["stream", "position"], name="event_place_once"),
        )
        indexes = (models.Index(fields=["kind"], name="event_by_kind"),)


class Head(models.Model):
    """Where the log ends. Who appends holds its one row until the transaction ends."""

    name = models.CharField(max_length=20, primary_key=True)
    number = models.BigIntegerField()
    link = models.CharField(max_length=HEX)


class PersonKey(models.Model):
    """The key to what is known of one person, wrapped. Deleting the row erases the person."""

    person = models.CharField(max_length=40, primary_key=True)
    wrapped = models.BinaryField()
    made = models.DateTimeField()
