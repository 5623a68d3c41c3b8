"""The part of the store in a database that keeps what clients sent to be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from perisai.storage import models, rows
from perisai.storage.checks import checked, findable
from perisai.storage.steps import parts

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.storage import records
    from perisai.storage.steps import Steps


class DatabaseUploads:
    """See ``ports.Uploads``."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._alias = steps.alias

    def add_upload(self, upload: records.Upload) -> records.Upload:
        """See ports.Uploads."""
        row = rows.upload_row(checked(upload))
        with self._steps.written():
            self._steps.take_turn()  # two that come together wait for one another
            if upload.idempotency:
                table = models.Upload.objects.using(self._alias)
                known = table.filter(client=upload.client, idempotency=upload.idempotency)
                for first in self._steps.read(known, rows.upload):
                    return first
            row.save(using=self._alias)
            return upload

    def upload(self, client: str, number: str) -> records.Upload | None:
        """See ports.Uploads."""
        table = models.Upload.objects.using(self._alias).filter(client__in=findable([client]))
        found = self._steps.read(table.filter(number__in=findable([number])), rows.upload)
        return found[0] if found else None

    def open_uploads(self, since: datetime, limit: int = 1000) -> tuple[records.Upload, ...]:
        """See ports.Uploads."""
        decided = models.Outcome.objects.using(self._alias).filter(number=OuterRef("number"))
        table = models.Upload.objects.using(self._alias).filter(at__gte=since)
        found = table.filter(~Exists(decided)).order_by("row")[:limit]
        return tuple(self._steps.read(found, rows.upload))

    def add_outcome(self, outcome: records.Outcome) -> None:
        """See ports.Uploads."""
        row = rows.outcome_row(checked(outcome))
        with self._steps.written():
            self._steps.take_turn()  # who adds the same event waits here, and not for its row
            row.save(using=self._alias)

    def outcome(self, number: str) -> records.Outcome | None:
        """See ports.Uploads."""
        table = models.Outcome.objects.using(self._alias).filter(number__in=findable([number]))
        found = self._steps.read(table.order_by("-row")[:1], rows.outcome)
        return found[0] if found else None

    def untold(
        self, since: datetime, limit: int = 1000
    ) -> tuple[tuple[records.Upload, records.Outcome], ...]:
        """See ports.Uploads."""
        told = models.Delivery.objects.using(self._alias).filter(event=OuterRef("event"))
        table = models.Outcome.objects.using(self._alias).filter(notify=True, at__gte=since)
        found = self._steps.read(table.filter(~Exists(told)).order_by("row")[:limit], rows.outcome)
        uploads = models.Upload.objects.using(self._alias)
        of = {
            each.number: each
            for some in parts({each.number for each in found})
            for each in self._steps.read(uploads.filter(number__in=some), rows.upload)
        }
        return tuple((of[each.number], each) for each in found if each.number in of)

    def add_delivery(self, delivery: records.Delivery) -> None:
        """See ports.Uploads."""
        checked(delivery)
        with self._steps.written():
            self._steps.take_turn()
            models.Delivery.objects.using(self._alias).get_or_create(
                event=delivery.event, defaults={"state": delivery.state, "at": delivery.at}
            )

    def forget_uploads(self, before: datetime) -> int:
        """See ports.Uploads."""
        with self._steps.written():
            self._steps.take_turn()
            old = models.Upload.objects.using(self._alias).filter(at__lt=before)
            outcomes = models.Outcome.objects.using(self._alias)
            of_old = outcomes.filter(number__in=old.values("number"))
            deliveries = models.Delivery.objects.using(self._alias)
            deliveries.filter(event__in=of_old.values("event")).delete()
            of_old.delete()
            return old.delete()[0]
