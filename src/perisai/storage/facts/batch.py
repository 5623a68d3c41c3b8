"""Adds very many facts in few steps, for laying a load: the chain is as if one had come by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from perisai.errors import NotYet, Outdated
from perisai.storage.facts import chain
from perisai.storage.facts.log import asked, fact_of, rows_after
from perisai.storage.facts.models import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from perisai.storage.facts.log import FactLog
    from perisai.storage.facts.records import Fact, NewFact

TOGETHER = 500
"""Rows in one statement."""


class Batch:
    """Facts that are added to an empty log; nobody else may write to it meanwhile."""

    def __init__(self, log: FactLog) -> None:
        """Raises NotYet if there are facts in the log already."""
        self._log = log
        self._end = self._written = log.end()
        if self._end[0]:
            raise NotYet("There are facts here already; the sample incident needs an empty house.")
        self._streams: dict[str, tuple[int, str]] = {}
        self._rows: list[Event] = []

    @property
    def end(self) -> int:
        """How many facts there are, those among them that are not written yet."""
        return self._end[0]

    def append(
        self, stream: str, facts: Sequence[NewFact], *, by: str, at: datetime
    ) -> tuple[Fact, ...]:
        """Add facts to a stream; they are written by the next :meth:`write`."""
        before = self._streams.get(stream, (0, chain.BEGINNING))
        rows = rows_after(stream, facts, by, at, self._end, before)
        if rows:
            last = rows[-1]
            self._end = (last.number, last.log_link)
            self._streams[stream] = (last.position, last.stream_link)
            self._rows += rows
        return tuple(fact_of(row) for row in rows)

    def write(self) -> int:
        """Write all that was added, as one step; return how many facts there are now.

        Raises Outdated if somebody else has written meanwhile, StorageError if it cannot be done.
        """
        alias = self._log.alias
        with asked(), transaction.atomic(using=alias):
            head = self._log.hold()
            if (head.number, head.link) != self._written:
                raise Outdated("Somebody else has changed this meanwhile; look again first.")
            Event.objects.using(alias).bulk_create(self._rows, batch_size=TOGETHER)
            head.number, head.link = self._end
            head.save(using=alias, update_fields=["number", "link"])
        self._written = self._end
        self._rows.clear()
        return self._end[0]
