"""Brings files into the catalogue: each is screened, and what nobody may see is not kept."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.errors import MediaError, PerisaiError
from perisai.gateway.items import Item, Rendition, Size
from perisai.gateway.stripping import strip
from perisai.storage.records import CatalogueEntry
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    from perisai.gateway.catalogue.listing import Listed
    from perisai.gateway.search.intake import Intake
    from perisai.gateway.search.verdicts import Known, Verdicts
    from perisai.storage.asynchronous import AsyncStore

RENDITION = f"gif-{Size.ORIGINAL}"
"""The name under which the one file of an entry is remembered."""
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: ``added``, ``kept`` (it was there), ``withheld`` or ``failed``.

    ``decisions`` says what each age band gets, ``reason`` why it is not there for the youngest.
    """

    listed: Listed
    id: str
    state: str
    decisions: dict[AgeBand, Decision]
    reason: str = ""


class Importer:
    """Takes files in. An import that was broken off goes on where it stopped.

    What is done is known by content: a file whose bytes and words are in the catalogue already,
    and that was screened on today's basis, costs reading and hashing.
    """

    def __init__(
        self,
        upstream: str,
        store: AsyncStore,
        verdicts: Verdicts,
        intake: Intake,
        *,
        max_bytes: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._upstream = upstream
        self._store = store
        self._verdicts = verdicts
        self._intake = intake
        self._max_bytes = max_bytes
        self._clock = clock

    async def run(self, files: Iterable[Listed]) -> AsyncIterator[Outcome]:
        """Take the files in, several at once, and yield each outcome as soon as it is there."""
        waiting: set[asyncio.Task[Outcome]] = set()
        try:
            for listed in files:
                waiting.add(asyncio.create_task(self._one(listed)))
                if len(waiting) >= AT_ONCE:
                    done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        yield task.result()
            for outcome in asyncio.as_completed(waiting):
                yield await outcome
        finally:
            for task in waiting:
                task.cancel()

    async def _one(self, listed: Listed) -> Outcome:
        key = listed.id or _own_id(listed)
        try:
            data = await asyncio.to_thread(listed.read, self._max_bytes)
            sha256 = await asyncio.to_thread(_sha256, data)
            old = (await self._store.entry([key])).get(key)
            known = (await self._verdicts.known([sha256])).get(sha256)
            if old and known and not old.removed and _same(old, listed, sha256):
                return _outcome(listed, key, "kept", known)
            item = Item(self._upstream, key, listed.kind, listed.title, listed.tags, ())
            known = await self._intake.take(item, RENDITION, data, urgent=False)
        except PerisaiError as error:
            return Outcome(listed, key, "failed", {}, str(error))
        except OSError as error:
            return Outcome(listed, key, "failed", {}, f"cannot be read: {error.strerror or error}")
        if not known.wanted:
            await self._store.remove_entries([key], self._clock())
            return _outcome(listed, key, "withheld", known)
        await self._store.add_entries([_entry(listed, key, known, self._clock())])
        return _outcome(listed, key, "added", known)


def as_item(upstream: str, entry: CatalogueEntry) -> Item:
    """Return an entry as an item with its one file."""
    rendition = Rendition(
        "gif", Size.ORIGINAL, f"object:{entry.sha256}", entry.width, entry.height, entry.size
    )
    return Item(
        upstream,
        entry.id,
        entry.kind,
        entry.title,
        entry.tags,
        (rendition,),
        created=entry.at,
        collection=entry.collection,
        attribution=entry.attribution,
        licence=entry.licence,
        source=entry.source,
    )


def _entry(listed: Listed, key: str, known: Known, now: datetime) -> CatalogueEntry:
    seen = known.screened
    return CatalogueEntry(
        id=key,
        kind=listed.kind,
        title=listed.title,
        tags=listed.tags,
        collection=listed.collection,
        attribution=listed.attribution,
        licence=listed.licence,
        source=listed.source,
        sha256=seen.sha256,
        type=seen.type,
        width=seen.width,
        height=seen.height,
        size=seen.size,
        at=now,
    )


def _same(old: CatalogueEntry, listed: Listed, sha256: str) -> bool:
    return old.sha256 == sha256 and all(
        getattr(old, name) == getattr(listed, name)
        for name in ("kind", "title", "tags", "collection", "attribution", "licence", "source")
    )


def _outcome(listed: Listed, key: str, state: str, known: Known) -> Outcome:
    bands = known.verdict.bands
    reason = next((str(b.reason) for b in bands.values() if b.decision is not Decision.ALLOW), "")
    return Outcome(listed, key, state, known.verdict.decisions, reason)


def _own_id(listed: Listed) -> str:
    said = f"{listed.collection}\0{listed.name}".encode(errors="surrogateescape")
    return hashlib.sha256(said).hexdigest()[:16]


def _sha256(data: bytes) -> str:
    with suppress(MediaError):
        data = strip(data)
    return hashlib.sha256(data).hexdigest()
