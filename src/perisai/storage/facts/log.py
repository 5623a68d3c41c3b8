"""Adds facts and reads them back, in the order in which they happened."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import Error, IntegrityError, transaction

from perisai.errors import Outdated, StorageError
from perisai.storage.facts import chain
from perisai.storage.facts.models import Event, Head
from perisai.storage.facts.records import Broken, Fact

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from perisai.storage.facts.records import NewFact

HEAD = "log"
AT_ONCE = 2_000
"""Facts that are held in memory while the whole log is read."""
_OF_FACT = ("number", "stream", "position", "kind", "at", "by", "data")


class FactLog:
    """The log in one database; ``alias`` is Django's name of it."""

    def __init__(self, alias: str = "default") -> None:
        self.alias = alias

    def append(
        self,
        stream: str,
        facts: Sequence[NewFact],
        *,
        by: str,
        at: datetime,
        after: int | None = None,
    ) -> tuple[Fact, ...]:
        """Add facts to a stream, all or none; they are durable when the transaction ends.

        ``after`` is the last position that the caller has seen. Raises Outdated if the stream has
        gone on since, StorageError if nothing can be written.
        """
        if not facts:
            return ()
        with asked(), transaction.atomic(using=self.alias):
            head = self.hold()
            last = self._events(stream).order_by("-position").first()
            position = last.position if last else 0
            if after is not None and after != position:
                raise Outdated("Somebody else has changed this meanwhile; look again first.")
            before = last.stream_link if last else chain.BEGINNING
            rows = rows_after(stream, facts, by, at, (head.number, head.link), (position, before))
            Event.objects.using(self.alias).bulk_create(rows)
            head.number, head.link = rows[-1].number, rows[-1].log_link
            head.save(using=self.alias, update_fields=["number", "link"])
            return tuple(fact_of(row) for row in rows)

    def stream(self, name: str) -> tuple[Fact, ...]:
        """Every fact of one stream, oldest first."""
        with asked():
            return tuple(fact_of(row) for row in self._events(name).order_by("position"))

    def streams(self, names: Sequence[str]) -> dict[str, tuple[Fact, ...]]:
        """Every fact of each of these streams, oldest first: some hundreds of them at a time."""
        found: dict[str, list[Fact]] = {name: [] for name in names}
        rows = Event.objects.using(self.alias).filter(stream__in=names).order_by("position")
        with asked():
            for row in rows.iterator(chunk_size=AT_ONCE):
                found[row.stream].append(fact_of(row))
        return {name: tuple(facts) for name, facts in found.items()}

    def all(self, after: int = 0) -> Iterator[Fact]:
        """Every fact with a number above ``after``, oldest first, never many in memory."""
        with asked():
            for row in self._in_order(after):
                yield fact_of(row)

    def of_kind(self, kind: str) -> Iterator[Fact]:
        """Every fact of one kind, oldest first."""
        table = Event.objects.using(self.alias).filter(kind=kind).order_by("number")
        with asked():
            for row in table.iterator(chunk_size=AT_ONCE):
                yield fact_of(row)

    def by_stream(self) -> Iterator[Fact]:
        """Every fact, one stream after the other, each oldest first; never many in memory."""
        table = Event.objects.using(self.alias).order_by("stream", "position")
        with asked():
            for row in table.values_list(*_OF_FACT).iterator(chunk_size=AT_ONCE):
                number, stream, position, kind, at, by, data = row
                moment = datetime.fromisoformat(at)
                yield Fact(number, stream, position, kind, moment, by, json.loads(data))

    def end(self) -> tuple[int, str]:
        """The last number and the link that stands for everything up to it."""
        with asked():
            head = Head.objects.using(self.alias).filter(name=HEAD).first()
            return (head.number, head.link) if head else (0, chain.BEGINNING)

    def verify(self) -> Broken | None:
        """Compute the whole chain again; None if every fact is as it was written."""
        number, link = 0, chain.BEGINNING
        streams: dict[str, tuple[int, str]] = {}
        with asked():
            for row in self._in_order(0):
                number += 1
                position, before = streams.get(row.stream, (0, chain.BEGINNING))
                if row.number != number:
                    return Broken(number, "", f"fact {number} is missing")
                if row.position != position + 1:
                    return Broken(number, row.stream, "facts of this stream are missing before it")
                fact = _digest(row)
                before, link = chain.link(before, fact), chain.link(link, fact)
                if before != row.stream_link or link != row.log_link:
                    return Broken(number, row.stream, "it is not what was written")
                streams[row.stream] = (row.position, before)
        if self.end() != (number, link):
            return Broken(number + 1, "", "facts are missing at the end")
        return None

    def _events(self, stream: str) -> Any:  # noqa: ANN401 - a query set
        return Event.objects.using(self.alias).filter(stream=stream)

    def _in_order(self, after: int) -> Iterator[Event]:
        table = Event.objects.using(self.alias).filter(number__gt=after).order_by("number")
        return table.iterator(chunk_size=AT_ONCE)

    def hold(self) -> Head:
        """Lock the end of the log until the transaction ends: nobody else writes meanwhile."""
        held = Head.objects.using(self.alias).select_for_update()
        head = held.filter(name=HEAD).first()
        if head is None:
            beginning = {"number": 0, "link": chain.BEGINNING}
            Head.objects.using(self.alias).get_or_create(name=HEAD, defaults=beginning)
            head = held.get(name=HEAD)
        return head


def rows_after(
    stream: str,
    facts: Sequence[NewFact],
    by: str,
    at: datetime,
    of_log: tuple[int, str],
    of_stream: tuple[int, str],
) -> list[Event]:
    """The rows of facts that follow on these ends of log and stream: the last place and link."""
    (number, link), (position, before) = of_log, of_stream
    rows = []
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    for offset, fact in enumerate(facts, 1):
        row = Event(
            number=number + offset,
            stream=stream,
            position=position + offset,
            kind=str(fact.kind),
            at=moment,
            by=by,
            data=chain.canonical(fact.data),
        )
        made = _digest(row)
        before, link = chain.link(before, made), chain.link(link, made)
        row.stream_link, row.log_link = before, link
        rows.append(row)
    return rows


def _digest(row: Event) -> str:
    return chain.digest(row.number, row.stream, row.position, row.kind, row.at, row.by, row.data)


def fact_of(row: Event) -> Fact:
    """The fact in a row."""
    return Fact(
        row.number,
        row.stream,
        row.position,
        row.kind,
        datetime.fromisoformat(row.at),
        row.by,
        json.loads(row.data),
    )


@contextmanager
def asked() -> Iterator[None]:
    """Turn what the database complains of into StorageError."""
    try:
        yield
    except IntegrityError as error:
        raise Outdated("Somebody else has changed this meanwhile; look again first.") from error
    except Error as error:
        raise StorageError(
            f"the log of facts cannot be used now: {error}; see that the database runs and has room"
        ) from error
