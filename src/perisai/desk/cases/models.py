"""What cases are looked up by. Computed from facts: ``perisai rebuild`` makes it anew."""

from __future__ import annotations

from django.db import models


class CaseRow(models.Model):
    """One case as it stands."""

    id = models.CharField(max_length=40, primary_key=True)
    title = models.TextField()
    platform = models.CharField(max_length=200, db_index=True)
    status = models.CharField(max_length=20, db_index=True)
    claim = models.CharField(max_length=20)
    opened = models.DateTimeField()
    complaints = models.IntegerField()
    promised = models.DateTimeField(null=True, db_index=True)
    published = models.DateTimeField(null=True, db_index=True)
    result = models.CharField(max_length=20, db_index=True, default="")
    result_by = models.CharField(max_length=200, default="")
    position = models.BigIntegerField()


class ClockRow(models.Model):
    """One clock of one case."""

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    warn = models.DateTimeField()
    due = models.DateTimeField(db_index=True)
    paused = models.DateTimeField(null=True)
    met = models.DateTimeField(null=True)
    late = models.DateTimeField(null=True)
    warned = models.DateTimeField(null=True)

    class Meta:
        """One of each name in a case."""

        constraints = (models.UniqueConstraint(fields=["case", "name"], name="clock_once"),)


class ConflictRow(models.Model):
    """Somebody who is a party to a case, and so has no access to it."""

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=150, db_index=True)


class PlatformRow(models.Model):
    """One of the platforms that a case is about, with what is counted of the case by platform."""

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    platform = models.CharField(max_length=200, db_index=True)
    opened = models.DateTimeField()
    published = models.DateTimeField(null=True)


class SampleRow(models.Model):
    """One sample of one case: in which cases a file lies, and whether it is closed there."""

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    sha256 = models.CharField(max_length=64, db_index=True)
    sealed = models.BooleanField()


class SummonsRow(models.Model):
    """One letter of one case, as it stands.

    ``paper_by`` has entered an answer on paper which nobody has compared with that yet.
    """

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    summons = models.CharField(max_length=20)
    platform = models.CharField(max_length=200, db_index=True)
    recipient = models.CharField(max_length=200)
    standing = models.CharField(max_length=20, db_index=True)
    number = models.CharField(max_length=200)
    drafted_by = models.CharField(max_length=200)
    sent = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    paper_by = models.CharField(max_length=200, default="", db_index=True)


class CommitmentRow(models.Model):
    """One promise, as it stands."""

    row = models.BigAutoField(primary_key=True)
    case = models.CharField(max_length=40, db_index=True)
    commitment = models.CharField(max_length=20)
    platform = models.CharField(max_length=200, db_index=True)
    who = models.CharField(max_length=200)
    what = models.CharField(max_length=200)
    due = models.DateTimeField(db_index=True)
    outcome = models.CharField(max_length=20, db_index=True)


class DoorRow(models.Model):
    """The one-time link of a letter or a request: only its SHA-256, to find that by."""

    door = models.CharField(max_length=64, primary_key=True)
    case = models.CharField(max_length=40)
    item = models.CharField(max_length=20)
