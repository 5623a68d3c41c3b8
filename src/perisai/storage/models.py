"""The tables. A row is a fact: it is added and, but for counters, never changed.

``rows.py`` turns rows into the records of ``records.py`` and back; nothing else reads these. What
is looked up by is a text of at most 500 characters (see ``checks.py``).
"""

from __future__ import annotations

from django.db import models

HEX = 64
"""Characters of a SHA-256."""


class Counter(models.Model):
    """A number that only grows. The row ``generation`` is also what writers take turns by.

    Who raises a counter holds that row until the transaction ends, so that what is numbered
    meanwhile appears in order.
    """

    name = models.TextField(primary_key=True)
    value = models.BigIntegerField()


class Screened(models.Model):
    """What was found in bytes, under one basis; the last row of both counts."""

    number = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=HEX)
    basis = models.TextField()
    findings = models.JSONField()
    covered = models.TextField()
    error_code = models.TextField(null=True)
    error_message = models.TextField()
    type = models.TextField()
    width = models.BigIntegerField()
    height = models.BigIntegerField()
    frames = models.BigIntegerField()
    duration_ms = models.BigIntegerField()
    size = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        """What it is looked up by."""

        indexes = (models.Index(fields=["sha256"], name="screened_by_sha256"),)


class Opinion(models.Model):
    """A person's word on a picture."""

    number = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=HEX)
    label = models.TextField()
    score = models.FloatField()
    by = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """What it is looked up by."""

        indexes = (models.Index(fields=["sha256"], name="opinion_by_sha256"),)


class Approval(models.Model):
    """A person's word that an item or collection is fit for age bands."""

    number = models.BigAutoField(primary_key=True)
    upstream = models.TextField()
    kind = models.TextField()
    key = models.TextField()
    bands = models.TextField()
    sha256 = models.TextField()
    by = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """What it is looked up by."""

        indexes = (models.Index(fields=["key", "upstream"], name="approval_by_key"),)


class Linked(models.Model):
    """Which bytes an upstream gave for a rendition."""

    number = models.BigAutoField(primary_key=True)
    upstream = models.TextField()
    item = models.TextField()
    rendition = models.TextField()
    sha256 = models.CharField(max_length=HEX)
    at = models.DateTimeField()

    class Meta:
        """What it is looked up by."""

        indexes = (
            models.Index(fields=["item", "upstream"], name="linked_by_item"),
            models.Index(fields=["sha256"], name="linked_by_sha256"),
        )


class Made(models.Model):
    """Which bytes were made here from which."""

    number = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=HEX, db_index=True)
    source = models.CharField(max_length=HEX, db_index=True)
    at = models.DateTimeField()


class ApiKey(models.Model):
    """A client of the gateway."""

    number = models.BigAutoField(primary_key=True)
    name = models.TextField()
    digest = models.TextField(unique=True)
    band = models.TextField()
    dialects = models.TextField()
    per_minute = models.BigIntegerField()
    shadow = models.BooleanField()
    webhook = models.TextField()
    created = models.DateTimeField()


class Revocation(models.Model):
    """The end of an API key."""

    key = models.OneToOneField(ApiKey, on_delete=models.PROTECT, primary_key=True)
    at = models.DateTimeField()


class ItemReport(models.Model):
    """What somebody said of an item."""

    number = models.BigAutoField(primary_key=True)
    item_number = models.TextField()
    upstream = models.TextField()
    item = models.TextField()
    sha256 = models.TextField()
    kind = models.TextField()
    reason = models.TextField()
    band = models.TextField()
    at = models.DateTimeField()


class Upload(models.Model):
    """What a client uploaded under an idempotency key."""

    row = models.BigAutoField(primary_key=True)
    client = models.TextField()
    idempotency = models.TextField()
    sha256 = models.CharField(max_length=HEX)
    number = models.TextField(unique=True)
    band = models.TextField()
    asked = models.TextField()
    shadow = models.BooleanField()
    holder = models.TextField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        """There is one under each idempotency key, and any number without."""

        constraints = (
            models.UniqueConstraint(
                fields=["client", "idempotency"],
                condition=~models.Q(idempotency=""),
                name="upload_once",
            ),
        )


class Outcome(models.Model):
    """What became of an upload; the last row of each counts."""

    row = models.BigAutoField(primary_key=True)
    event = models.TextField(unique=True)
    number = models.TextField(db_index=True)
    sha256 = models.TextField()
    bare = models.TextField()
    basis = models.TextField()
    decision = models.TextField()
    rule = models.TextField()
    notify = models.BooleanField()
    at = models.DateTimeField(db_index=True)


class Delivery(models.Model):
    """The end of telling a webhook of an outcome."""

    event = models.TextField(primary_key=True)
    state = models.TextField()
    at = models.DateTimeField()


class Tally(models.Model):
    """So many of something on one day. ``labels`` is a JSON object with sorted keys."""

    row = models.BigAutoField(primary_key=True)
    day = models.DateField()
    name = models.TextField()
    labels = models.TextField()
    n = models.BigIntegerField()

    class Meta:
        """There is one of each kind a day."""

        constraints = (
            models.UniqueConstraint(fields=["name", "day", "labels"], name="tally_once"),
        )


class CatalogueEntry(models.Model):
    """What became of an item of the catalogue; the last row of each id counts."""

    number = models.BigAutoField(primary_key=True)
    entry = models.TextField()
    kind = models.TextField()
    title = models.TextField()
    tags = models.JSONField()
    collection = models.TextField()
    attribution = models.TextField()
    licence = models.TextField()
    source = models.TextField()
    sha256 = models.CharField(max_length=HEX)
    type = models.TextField()
    width = models.BigIntegerField()
    height = models.BigIntegerField()
    size = models.BigIntegerField()
    at = models.DateTimeField()
    removed = models.BooleanField()

    class Meta:
        """What it is looked up by."""

        indexes = (models.Index(fields=["entry", "number"], name="entry_by_id"),)
