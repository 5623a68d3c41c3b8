"""The store in a database: SQLite in one file, or PostgreSQL."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef

from perisai.storage import models, rows
from perisai.storage.checks import checked, findable
from perisai.storage.database_uploads import DatabaseUploads
from perisai.storage.memory import no_key, refuse_key
from perisai.storage.ports import Counted
from perisai.storage.steps import DAMAGED, REPORTS, Steps, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from perisai.storage import records


class DatabaseStore(DatabaseUploads):
    """See ``ports.Store``. Made by ``open_store``, which brings the tables up to date first."""

    def __init__(self, alias: str) -> None:
        """``alias`` is Django's name for the database; see ``configuration.alias_of``."""
        super().__init__(Steps(alias))

    # ---- verdicts

    def generation(self) -> int:
        """See ports.Store."""
        return self._steps.counter()

    def keep(self, screened: Sequence[records.Screened]) -> None:
        """See ports.Store."""
        made = [rows.screened_row(checked(each)) for each in screened]
        with self._steps.written():
            models.Screened.objects.using(self._alias).bulk_create(made)

    def screened(self, sha256s: Collection[str], basis: str) -> dict[str, records.Screened]:
        """See ports.Store."""
        table = models.Screened.objects.using(self._alias).filter(basis=basis)
        last: dict[str, models.Screened] = {}
        for some in parts(sha256s):
            found = table.filter(sha256__in=some).order_by("number")
            last |= self._steps.read(found, lambda row: (row.sha256, row))
        read: dict[str, records.Screened] = {}
        for sha256, row in last.items():
            with suppress(*DAMAGED):  # as if never screened: withheld until it is looked at anew
                read[sha256] = rows.screened(row)
        return read

    def unscreened(self, sha256s: Collection[str], basis: str) -> frozenset[str]:
        """See ports.Store."""
        known: set[str] = set()
        table = models.Screened.objects.using(self._alias).filter(basis=basis).only("sha256")
        for some in parts(sha256s):
            known.update(self._steps.read(table.filter(sha256__in=some), lambda row: row.sha256))
        return frozenset(sha256s) - known

    def add_opinion(self, opinion: records.Opinion) -> int:
        """See ports.Store."""
        row = rows.opinion_row(checked(opinion))
        with self._steps.written():
            generation = self._steps.raise_counter()
            row.save(using=self._alias)
            return generation

    def opinions(self, sha256s: Collection[str]) -> dict[str, tuple[records.Opinion, ...]]:
        """See ports.Store."""
        found: dict[str, list[records.Opinion]] = {}
        table = models.Opinion.objects.using(self._alias)
        for some in parts(sha256s):
            rows_of_some = table.filter(sha256__in=some).order_by("number")
            for each in self._steps.read(rows_of_some, rows.opinion):
                found.setdefault(each.sha256, []).append(each)
        return {sha256: tuple(each) for sha256, each in found.items()}

    def approve(self, approval: records.Approval) -> int:
        """See ports.Store."""
        row = rows.approval_row(checked(approval))
        with self._steps.written():
            generation = self._steps.raise_counter()
            row.save(using=self._alias)
            return generation

    def approvals(
        self, upstream: str, keys: Collection[str]
    ) -> dict[tuple[str, str], records.Approval]:
        """See ports.Store."""
        table = models.Approval.objects.using(self._alias).filter(upstream=upstream)
        return {
            (each.kind, each.key): each
            for some in parts(keys)
            for each in self._steps.read(
                table.filter(key__in=some).order_by("number"), rows.approval
            )
        }

    def all_approvals(self) -> Iterator[records.Approval]:
        """See ports.Store."""
        table = models.Approval.objects.using(self._alias).order_by("number")
        return iter(self._steps.read(table, rows.approval))

    def link(self, links: Sequence[records.Linked]) -> None:
        """See ports.Store."""
        made = [rows.linked_row(checked(each)) for each in links]
        with self._steps.written():
            models.Linked.objects.using(self._alias).bulk_create(made)

    def links(self, upstream: str, items: Collection[str]) -> dict[str, dict[str, records.Linked]]:
        """See ports.Store."""
        found: dict[str, dict[str, records.Linked]] = {}
        table = models.Linked.objects.using(self._alias).filter(upstream=upstream)
        for some in parts(items):
            rows_of_some = table.filter(item__in=some).order_by("number")
            for each in self._steps.read(rows_of_some, rows.linked):
                found.setdefault(each.item, {})[each.rendition] = each
        return found

    def holders(self, sha256: str) -> tuple[records.Linked, ...]:
        """See ports.Store."""
        table = models.Linked.objects.using(self._alias).filter(sha256__in=findable([sha256]))
        every = self._steps.read(table.order_by("number"), rows.linked)
        return tuple({(each.upstream, each.item, each.rendition): each for each in every}.values())

    def add_made(self, made: Sequence[records.Made]) -> None:
        """See ports.Store."""
        rows_made = [rows.made_row(checked(each)) for each in made]
        with self._steps.written():
            models.Made.objects.using(self._alias).bulk_create(rows_made)

    def kin(self, sha256s: Collection[str]) -> tuple[records.Made, ...]:
        """See ports.Store."""
        found: dict[tuple[str, str], records.Made] = {}
        table = models.Made.objects.using(self._alias)
        sources = set(sha256s)
        for some in parts(sha256s):
            sources.update(self._steps.read(table.filter(sha256__in=some), lambda row: row.source))
        for some in parts(sources):
            rows_of_some = table.filter(source__in=some).order_by("number")
            for each in self._steps.read(rows_of_some, rows.made):
                found.setdefault((each.sha256, each.source), each)
        return tuple(found.values())

    # ---- keys and reports

    def add_key(self, key: records.ApiKey) -> None:
        """See ports.Store."""
        row = rows.key_row(checked(key))
        with self._steps.written():
            self._steps.raise_counter()  # first: two who add the same name wait for one another
            refuse_key(key, self.keys())
            row.save(using=self._alias)

    def revoke_key(self, name: str, at: datetime) -> None:
        """See ports.Store."""
        with self._steps.written():
            self._steps.raise_counter()
            table = models.ApiKey.objects.using(self._alias)
            row = table.filter(name__in=findable([name]), revocation__isnull=True).first()
            if row is None:
                raise no_key(name)
            models.Revocation(key=row, at=at).save(using=self._alias, force_insert=True)

    def keys(self) -> tuple[records.ApiKey, ...]:
        """See ports.Store."""
        table = models.ApiKey.objects.using(self._alias).select_related("revocation")
        return tuple(self._steps.read(table.order_by("number"), rows.key))

    def add_report(self, report: records.ItemReport) -> int:
        """See ports.Store."""
        row = rows.report_row(checked(report))
        with self._steps.written():
            # The database's own numbers leave gaps, and may show up in another order.
            row.number = self._steps.raise_counter(REPORTS)
            row.save(using=self._alias, force_insert=True)
            return int(row.number)

    def reports(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, records.ItemReport], ...]:
        """See ports.Store."""
        table = models.ItemReport.objects.using(self._alias).filter(number__gt=since)
        found = table.order_by("number")[:limit]
        return tuple(self._steps.read(found, lambda row: (row.number, rows.report(row))))

    # ---- counts

    def count(self, day: date, name: str, labels: Mapping[str, str], n: int) -> None:
        """See ports.Store."""
        self.add_counts([Counted(day, name, labels, n)])

    def add_counts(self, counts: Sequence[Counted]) -> None:
        """See ports.Store."""
        with self._steps.written():
            self._steps.take_turn()
            table = models.Tally.objects.using(self._alias)
            for each in [checked(each) for each in counts]:
                labels = json.dumps(dict(each.labels), sort_keys=True, ensure_ascii=False)
                same = table.filter(name=each.name, day=each.day, labels=labels)
                if not same.update(n=F("n") + each.n):
                    table.create(day=each.day, name=each.name, labels=labels, n=each.n)

    def counts(self, name: str, since: date) -> tuple[Counted, ...]:
        """See ports.Store."""
        table = models.Tally.objects.using(self._alias)
        found = self._steps.read(
            table.filter(name__in=findable([name]), day__gte=since),
            lambda row: Counted(row.day, row.name, json.loads(row.labels), row.n),
        )
        return tuple(sorted(found, key=lambda each: (each.day, sorted(each.labels.items()))))

    # ---- catalogue

    def add_entries(self, entries: Sequence[records.CatalogueEntry]) -> None:
        """See ports.Store."""
        made = [rows.entry_row(checked(each)) for each in entries]
        if made:
            with self._steps.written():
                self._steps.raise_counter()
                models.CatalogueEntry.objects.using(self._alias).bulk_create(made)

    def entries(self, after: str = "", limit: int = 1000) -> tuple[records.CatalogueEntry, ...]:
        """See ports.Store."""
        table = models.CatalogueEntry.objects.using(self._alias)
        later = table.filter(entry=OuterRef("entry"), number__gt=OuterRef("number"))
        found = table.filter(~Exists(later), removed=False, entry__gt=after)
        return tuple(self._steps.read(found.order_by("entry")[:limit], rows.entry))

    def entry(self, ids: Collection[str]) -> dict[str, records.CatalogueEntry]:
        """See ports.Store."""
        table = models.CatalogueEntry.objects.using(self._alias)
        return {
            each.id: each
            for some in parts(ids)
            for each in self._steps.read(
                table.filter(entry__in=some).order_by("number"), rows.entry
            )
        }

    def remove_entries(self, ids: Collection[str], at: datetime) -> int:
        """See ports.Store."""
        with self._steps.written():
            self._steps.take_turn()  # before looking: nobody changes them meanwhile
            gone = [each for each in self.entry(ids).values() if not each.removed]
            self.add_entries([replace(each, removed=True, at=at) for each in gone])
            return len(gone)

    def entry_changes(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, records.CatalogueEntry], ...]:
        """See ports.Store."""
        table = models.CatalogueEntry.objects.using(self._alias).filter(number__gt=since)
        found = table.order_by("number")[:limit]
        return tuple(self._steps.read(found, lambda row: (row.number, rows.entry(row))))

    # ---- all together

    def together(
        self, calls: Sequence[Callable[[], object]]
    ) -> list[tuple[object, Exception | None]]:
        """See ports.Store."""
        done: list[tuple[object, Exception | None]] = []
        with self._steps.written():
            for call in calls:
                try:
                    with self._steps.part():
                        result = call()
                    done.append((result, None))
                except Exception as error:  # noqa: BLE001 - handed to whoever asked
                    self._steps.check(error)
                    done.append((None, error))
        return done

    def release(self) -> None:
        """See ports.Store."""
        self._steps.release()

    def close(self) -> None:
        """See ports.Store."""
        self._steps.close()
