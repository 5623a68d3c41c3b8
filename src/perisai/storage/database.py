"""The store in a database: SQLite in one file, or PostgreSQL."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from django.db import Error, close_old_connections, connections, transaction
from django.db.models import Exists, F, Max, OuterRef

from perisai.errors import StorageError
from perisai.storage import models, rows
from perisai.storage.checks import checked
from perisai.storage.memory import no_key, refuse_key
from perisai.storage.ports import Counted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from perisai.storage import records

Thing = TypeVar("Thing")
TOGETHER = 500
"""Values in one question: databases have a limit."""
GENERATION = "generation"


class DatabaseStore:
    """See ``ports.Store``. Made by ``open_store``, which brings the tables up to date first."""

    def __init__(self, alias: str) -> None:
        """``alias`` is Django's name for the database; see ``configuration.alias_of``."""
        self._alias = alias
        self._closed = False

    # ---- verdicts

    def generation(self) -> int:
        """See ports.Store."""
        with self._asked():
            found = models.Counter.objects.using(self._alias).filter(name=GENERATION).first()
            return found.value if found else 0

    def keep(self, screened: Sequence[records.Screened]) -> None:
        """See ports.Store."""
        made = [rows.screened_row(checked(each)) for each in screened]
        with self._written():
            models.Screened.objects.using(self._alias).bulk_create(made)

    def screened(self, sha256s: Collection[str], basis: str) -> dict[str, records.Screened]:
        """See ports.Store."""
        with self._asked():
            table = models.Screened.objects.using(self._alias).filter(basis=basis)
            found = (
                rows.screened(row)
                for some in _parts(sha256s)
                for row in table.filter(sha256__in=some).order_by("number")
            )
            return {each.sha256: each for each in found}

    def unscreened(self, sha256s: Collection[str], basis: str) -> frozenset[str]:
        """See ports.Store."""
        known: set[str] = set()
        with self._asked():
            table = models.Screened.objects.using(self._alias).filter(basis=basis)
            for some in _parts(sha256s):
                known.update(table.filter(sha256__in=some).values_list("sha256", flat=True))
        return frozenset(sha256s) - known

    def add_opinion(self, opinion: records.Opinion) -> int:
        """See ports.Store."""
        row = rows.opinion_row(checked(opinion))
        with self._written():
            generation = self._raise()
            row.save(using=self._alias)
            return generation

    def opinions(self, sha256s: Collection[str]) -> dict[str, tuple[records.Opinion, ...]]:
        """See ports.Store."""
        found: dict[str, list[records.Opinion]] = {}
        with self._asked():
            table = models.Opinion.objects.using(self._alias)
            for some in _parts(sha256s):
                for row in table.filter(sha256__in=some).order_by("number"):
                    found.setdefault(row.sha256, []).append(rows.opinion(row))
        return {sha256: tuple(each) for sha256, each in found.items()}

    def approve(self, approval: records.Approval) -> int:
        """See ports.Store."""
        row = rows.approval_row(checked(approval))
        with self._written():
            generation = self._raise()
            row.save(using=self._alias)
            return generation

    def approvals(
        self, upstream: str, keys: Collection[str]
    ) -> dict[tuple[str, str], records.Approval]:
        """See ports.Store."""
        with self._asked():
            table = models.Approval.objects.using(self._alias).filter(upstream=upstream)
            return {
                (row.kind, row.key): rows.approval(row)
                for some in _parts(keys)
                for row in table.filter(key__in=some).order_by("number")
            }

    def all_approvals(self) -> Iterator[records.Approval]:
        """See ports.Store."""
        with self._asked():
            table = models.Approval.objects.using(self._alias).order_by("number")
            return iter([rows.approval(row) for row in table])

    def link(self, links: Sequence[records.Linked]) -> None:
        """See ports.Store."""
        made = [rows.linked_row(checked(each)) for each in links]
        with self._written():
            models.Linked.objects.using(self._alias).bulk_create(made)

    def links(self, upstream: str, items: Collection[str]) -> dict[str, dict[str, records.Linked]]:
        """See ports.Store."""
        found: dict[str, dict[str, records.Linked]] = {}
        with self._asked():
            table = models.Linked.objects.using(self._alias).filter(upstream=upstream)
            for some in _parts(items):
                for row in table.filter(item__in=some).order_by("number"):
                    found.setdefault(row.item, {})[row.rendition] = rows.linked(row)
        return found

    def holders(self, sha256: str) -> tuple[records.Linked, ...]:
        """See ports.Store."""
        with self._asked():
            table = models.Linked.objects.using(self._alias).filter(sha256=sha256)
            last = {
                (row.upstream, row.item, row.rendition): rows.linked(row)
                for row in table.order_by("number")
            }
            return tuple(last.values())

    def add_made(self, made: Sequence[records.Made]) -> None:
        """See ports.Store."""
        rows_made = [rows.made_row(checked(each)) for each in made]
        with self._written():
            models.Made.objects.using(self._alias).bulk_create(rows_made)

    def kin(self, sha256s: Collection[str]) -> tuple[records.Made, ...]:
        """See ports.Store."""
        found: dict[tuple[str, str], records.Made] = {}
        with self._asked():
            table = models.Made.objects.using(self._alias)
            sources = set(sha256s)
            for some in _parts(sha256s):
                sources.update(table.filter(sha256__in=some).values_list("source", flat=True))
            for some in _parts(sources):
                for row in table.filter(source__in=some).order_by("number"):
                    found.setdefault((row.sha256, row.source), rows.made(row))
        return tuple(found.values())

    # ---- keys, reports, uploads

    def add_key(self, key: records.ApiKey) -> None:
        """See ports.Store."""
        row = rows.key_row(checked(key))
        with self._written():
            self._raise()  # first: two who add the same name wait for one another
            refuse_key(key, self.keys())
            row.save(using=self._alias)

    def revoke_key(self, name: str, at: datetime) -> None:
        """See ports.Store."""
        with self._written():
            self._raise()
            table = models.ApiKey.objects.using(self._alias)
            row = table.filter(name=name, revocation__isnull=True).first()
            if row is None:
                raise no_key(name)
            models.Revocation(key=row, at=at).save(using=self._alias, force_insert=True)

    def keys(self) -> tuple[records.ApiKey, ...]:
        """See ports.Store."""
        with self._asked():
            table = models.ApiKey.objects.using(self._alias).select_related("revocation")
            return tuple(rows.key(row) for row in table.order_by("number"))

    def add_report(self, report: records.ItemReport) -> int:
        """See ports.Store."""
        row = rows.report_row(checked(report))
        with self._written():
            self._raise("reports")  # held to the end, so that numbers appear in order
            row.save(using=self._alias)
            return int(row.number)

    def reports(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, records.ItemReport], ...]:
        """See ports.Store."""
        with self._asked():
            table = models.ItemReport.objects.using(self._alias).filter(number__gt=since)
            return tuple((row.number, rows.report(row)) for row in table.order_by("number")[:limit])

    def add_upload(self, upload: records.Upload) -> records.Upload:
        """See ports.Store."""
        row = rows.upload_row(checked(upload))
        with self._written():
            if upload.idempotency:
                self._raise("uploads")  # two that come together wait for one another
                table = models.Upload.objects.using(self._alias)
                known = table.filter(client=upload.client, idempotency=upload.idempotency).first()
                if known is not None:
                    return rows.upload(known)
            row.save(using=self._alias)
            return upload

    def upload(self, client: str, number: str) -> records.Upload | None:
        """See ports.Uploads."""
        with self._asked():
            table = models.Upload.objects.using(self._alias)
            row = table.filter(client=client, number=number).first()
            return None if row is None else rows.upload(row)

    def open_uploads(self, since: datetime, limit: int = 1000) -> tuple[records.Upload, ...]:
        """See ports.Uploads."""
        with self._asked():
            decided = models.Outcome.objects.using(self._alias).filter(number=OuterRef("number"))
            table = models.Upload.objects.using(self._alias).filter(at__gte=since)
            found = table.filter(~Exists(decided)).order_by("row")[:limit]
            return tuple(rows.upload(row) for row in found)

    def add_outcome(self, outcome: records.Outcome) -> None:
        """See ports.Uploads."""
        row = rows.outcome_row(checked(outcome))
        with self._written():
            row.save(using=self._alias)

    def outcome(self, number: str) -> records.Outcome | None:
        """See ports.Uploads."""
        with self._asked():
            table = models.Outcome.objects.using(self._alias).filter(number=number)
            row = table.order_by("-row").first()
            return None if row is None else rows.outcome(row)

    def untold(
        self, since: datetime, limit: int = 1000
    ) -> tuple[tuple[records.Upload, records.Outcome], ...]:
        """See ports.Uploads."""
        with self._asked():
            told = models.Delivery.objects.using(self._alias).filter(event=OuterRef("event"))
            table = models.Outcome.objects.using(self._alias).filter(notify=True, at__gte=since)
            found = [
                rows.outcome(row) for row in table.filter(~Exists(told)).order_by("row")[:limit]
            ]
            numbers = {each.number for each in found}
            uploads = models.Upload.objects.using(self._alias)
            of = {
                row.number: rows.upload(row)
                for some in _parts(numbers)
                for row in uploads.filter(number__in=some)
            }
            return tuple((of[each.number], each) for each in found if each.number in of)

    def add_delivery(self, delivery: records.Delivery) -> None:
        """See ports.Uploads."""
        checked(delivery)
        with self._written():
            table = models.Delivery.objects.using(self._alias)
            table.get_or_create(
                event=delivery.event, defaults={"state": delivery.state, "at": delivery.at}
            )

    def forget_uploads(self, before: datetime) -> int:
        """See ports.Uploads."""
        with self._written():
            old = models.Upload.objects.using(self._alias).filter(at__lt=before)
            outcomes = models.Outcome.objects.using(self._alias).filter(
                number__in=old.values("number")
            )
            models.Delivery.objects.using(self._alias).filter(
                event__in=outcomes.values("event")
            ).delete()
            outcomes.delete()
            return old.delete()[0]

    # ---- counts

    def count(self, day: date, name: str, labels: Mapping[str, str], n: int) -> None:
        """See ports.Store."""
        self.add_counts([Counted(day, name, labels, n)])

    def add_counts(self, counts: Sequence[Counted]) -> None:
        """See ports.Store."""
        with self._written():
            table = models.Tally.objects.using(self._alias)
            for each in [checked(each) for each in counts]:
                labels = json.dumps(dict(each.labels), sort_keys=True, ensure_ascii=False)
                row, _ = table.get_or_create(
                    day=each.day, name=each.name, labels=labels, defaults={"n": 0}
                )
                table.filter(row=row.row).update(n=F("n") + each.n)

    def counts(self, name: str, since: date) -> tuple[Counted, ...]:
        """See ports.Store."""
        with self._asked():
            table = models.Tally.objects.using(self._alias).filter(name=name, day__gte=since)
            found = [
                Counted(row.day, row.name, json.loads(row.labels), row.n)
                for row in table.order_by("day", "row")
            ]
            return tuple(sorted(found, key=lambda each: (each.day, sorted(each.labels.items()))))

    # ---- catalogue

    def add_entries(self, entries: Sequence[records.CatalogueEntry]) -> None:
        """See ports.Store."""
        made = [rows.entry_row(checked(each)) for each in entries]
        if made:
            with self._written():
                self._raise()
                models.CatalogueEntry.objects.using(self._alias).bulk_create(made)

    def entries(self, after: str = "", limit: int = 1000) -> tuple[records.CatalogueEntry, ...]:
        """See ports.Store."""
        with self._asked():
            table = models.CatalogueEntry.objects.using(self._alias)
            last = table.values("entry").annotate(last=Max("number")).values("last")
            found = table.filter(number__in=last, removed=False, entry__gt=after)
            return tuple(rows.entry(row) for row in found.order_by("entry")[:limit])

    def entry(self, ids: Collection[str]) -> dict[str, records.CatalogueEntry]:
        """See ports.Store."""
        with self._asked():
            table = models.CatalogueEntry.objects.using(self._alias)
            return {
                row.entry: rows.entry(row)
                for some in _parts(ids)
                for row in table.filter(entry__in=some).order_by("number")
            }

    def remove_entries(self, ids: Collection[str], at: datetime) -> int:
        """See ports.Store."""
        with self._written():
            self._raise()
            gone = [each for each in self.entry(ids).values() if not each.removed]
            made = [rows.entry_row(each) for each in gone]
            for row in made:
                row.removed, row.at = True, at
            models.CatalogueEntry.objects.using(self._alias).bulk_create(made)
            return len(made)

    def entry_changes(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, records.CatalogueEntry], ...]:
        """See ports.Store."""
        with self._asked():
            table = models.CatalogueEntry.objects.using(self._alias).filter(number__gt=since)
            return tuple((row.number, rows.entry(row)) for row in table.order_by("number")[:limit])

    # ---- all together

    def together(
        self, calls: Sequence[Callable[[], object]]
    ) -> list[tuple[object, Exception | None]]:
        """See ports.Store."""
        done: list[tuple[object, Exception | None]] = []
        with self._written():
            for call in calls:
                try:
                    with transaction.atomic(using=self._alias):
                        done.append((call(), None))
                except Exception as error:  # noqa: BLE001 - handed to whoever asked
                    done.append((None, error))
        return done

    def close(self) -> None:
        """See ports.Store."""
        self._closed = True
        connections[self._alias].close()

    def _raise(self, name: str = GENERATION) -> int:
        """Raise a counter and hold it until the transaction ends; return its new value."""
        table = models.Counter.objects.using(self._alias)
        table.get_or_create(name=name, defaults={"value": 0})
        table.filter(name=name).update(value=F("value") + 1)
        return int(table.get(name=name).value)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Turn what the database complains of into StorageError."""
        if self._closed:
            raise StorageError("the store is closed; open it again with open_store")
        if not connections[self._alias].in_atomic_block:
            close_old_connections()
        try:
            yield
        except Error as error:
            raise StorageError(
                f"the database cannot be used now: {error}; see that it runs and has room"
            ) from error
        except (ValueError, LookupError, TypeError) as error:
            raise StorageError(f"a row in the database is damaged: {error}") from error

    @contextmanager
    def _written(self) -> Iterator[None]:
        """One durable step; inside of another it becomes part of that."""
        with self._asked(), transaction.atomic(using=self._alias):
            yield


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    every = list(values)
    for start in range(0, len(every), TOGETHER):
        yield every[start : start + TOGETHER]
