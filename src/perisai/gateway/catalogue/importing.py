"""Brings files into the catalogue: each is screened, and what nobody may see is not kept."""

from __future__ import annotations

import asyncio
import hashlib
import time
from asyncio import FIRST_COMPLETED
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from perisai.errors import MediaError, PerisaiError, ServiceBusy
from perisai.gateway.items import Item, Rendition, Size
from perisai.gateway.search.making import is_made
from perisai.gateway.search.selection import current
from perisai.gateway.search.verdicts import strictest, wanted
from perisai.gateway.stripping import strip
from perisai.media import sniff
from perisai.storage.records import CatalogueEntry
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from perisai.gateway.catalogue.listing import Listed
    from perisai.gateway.search.intake import Intake
    from perisai.gateway.search.verdicts import Known, Verdicts
    from perisai.policy import Verdict
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Screened

AT_ONCE = 8
"""Files that are screened at a time."""
LOOKED_UP = 64
"""Files that are compared with the catalogue at a time."""
WRITE_SECONDS, WRITE_MOST = 1.0, 64
"""Entries are written together: each writing makes every gateway look for changes."""


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


@dataclass(frozen=True, slots=True)
class _Looked:
    """One file beside what is known of it."""

    listed: Listed
    id: str
    sha256: str
    old: CatalogueEntry | None
    files: dict[str, Known]

    @property
    def known(self) -> Known | None:
        return next((k for k in self.files.values() if k.screened.sha256 == self.sha256), None)

    @property
    def same(self) -> bool:
        return self.old is not None and _same(self.old, self.listed, self.sha256)


@dataclass(frozen=True, slots=True)
class _Done:
    """An outcome, and what is to be written before anybody is told of it."""

    outcome: Outcome
    entry: CatalogueEntry | None = None
    removed: bool = False


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

    async def run(self, files: Iterable[Listed]) -> AsyncGenerator[Outcome, None]:
        """Take the files in, several at once, and yield outcomes as soon as they are kept.

        Close the iterator (:func:`contextlib.aclosing`) to stop: nothing is left half done then.
        """
        running: set[asyncio.Task[_Done]] = set()
        done: list[_Done] = []
        written = time.monotonic()
        try:
            async for looked in self._looked(files):
                if isinstance(looked, _Done):
                    done.append(looked)
                else:
                    running.add(asyncio.create_task(self._take(looked)))
                while len(running) >= AT_ONCE:
                    ready, running = await asyncio.wait(running, return_when=FIRST_COMPLETED)
                    done += [task.result() for task in ready]
                if len(done) >= WRITE_MOST or time.monotonic() - written >= WRITE_SECONDS:
                    for outcome in await self._write(done):
                        yield outcome
                    done, written = [], time.monotonic()
            while running:
                ready, running = await asyncio.wait(running, return_when=FIRST_COMPLETED)
                done += [task.result() for task in ready]
                for outcome in await self._write(done):
                    yield outcome
                done = []
            for outcome in await self._write(done):
                yield outcome
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _looked(self, files: Iterable[Listed]) -> AsyncIterator[_Looked | _Done]:
        """Compare the files with what is there, many at a time; what is done already says so."""
        rest = iter(files)
        while some := list(islice(rest, LOOKED_UP)):
            hashed: dict[Listed, str] = {}
            for found in await asyncio.to_thread(lambda some: [*map(self._hashed, some)], some):
                if isinstance(found, Outcome):
                    yield _Done(found)
                else:
                    hashed[found[0]] = found[1]
            for looked in await self._compared(hashed):
                yield self._done_before(looked) or looked

    async def _compared(self, hashed: Mapping[Listed, str]) -> list[_Looked]:
        ids = [_id(listed) for listed in hashed]
        old = await self._store.entry(ids)
        links = await self._store.links(self._upstream, ids)
        shas = {link.sha256 for each in links.values() for link in each.values()}
        known = await self._verdicts.known(shas | set(hashed.values()))
        compared = []
        for key, (listed, sha256) in zip(ids, hashed.items(), strict=True):
            entry = old.get(key)
            held = links.get(key, {})
            here = any(link.sha256 == sha256 for link in held.values())
            files = current(held, known) if here else {}
            there = None if entry is None or entry.removed else entry
            compared.append(_Looked(listed, key, sha256, there, files))
        return compared

    def _hashed(self, listed: Listed) -> tuple[Listed, str] | Outcome:
        try:
            return listed, _sha256(listed.read(self._max_bytes))
        except PerisaiError as error:
            return _failed(listed, str(error))
        except OSError as error:
            return _failed(listed, f"cannot be read: {error.strerror or error}")

    def _done_before(self, looked: _Looked) -> _Done | None:
        """The outcome of a file that needs no work."""
        known = looked.known
        if known is None or self._intake.lacks(self._item(looked), looked.files):
            return None
        verdict = strictest(looked.files)
        if not wanted(verdict):
            return _Done(_outcome(looked, "withheld", verdict), removed=looked.old is not None)
        return _Done(_outcome(looked, "kept", verdict)) if looked.same else None

    async def _take(self, looked: _Looked) -> _Done:
        listed = looked.listed
        try:
            data = await asyncio.to_thread(listed.read, self._max_bytes)
            files = await self._screened(looked, data)
        except PerisaiError as error:
            return _Done(_failed(listed, str(error)))
        except OSError as error:
            return _Done(_failed(listed, f"cannot be read: {error.strerror or error}"))
        verdict = strictest(files)
        if not wanted(verdict):
            return _Done(_outcome(looked, "withheld", verdict), removed=looked.old is not None)
        if looked.same:
            return _Done(_outcome(looked, "kept", verdict))
        seen = next(known for name, known in files.items() if not is_made(name)).screened
        entry = _entry(listed, looked.id, seen, self._clock())
        return _Done(_outcome(looked, "added", verdict), entry)

    async def _screened(self, looked: _Looked, data: bytes) -> dict[str, Known]:
        """Screen a file and what is made of it; wait while screening has too much to do."""
        item = self._item(looked)
        while True:
            try:
                name = _rendition(data)
                known = await self._intake.take(item, name, data, urgent=False)
                made = {n: k for n, k in looked.files.items() if is_made(n)}
                own = known.screened.sha256 == looked.sha256  # else it changed under our hands
                return await self._intake.make(item, {name: known} | (made if own else {}))
            except ServiceBusy as busy:
                await asyncio.sleep(busy.retry_after)

    async def _write(self, done: Sequence[_Done]) -> list[Outcome]:
        """Keep what is to be kept; what was not kept is nobody's outcome."""
        removed = [each.outcome.id for each in done if each.removed]
        entries = [each.entry for each in done if each.entry]
        if removed:
            await self._store.remove_entries(removed, self._clock())
        if entries:
            await self._store.add_entries(entries)
        return [each.outcome for each in done]

    def _item(self, looked: _Looked) -> Item:
        listed = looked.listed
        return Item(self._upstream, looked.id, listed.kind, listed.title, listed.tags, ())


def as_item(upstream: str, entry: CatalogueEntry) -> Item:
    """Return an entry as an item with its one file."""
    rendition = Rendition(
        entry.type, Size.ORIGINAL, f"object:{entry.sha256}", entry.width, entry.height, entry.size
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


def _rendition(data: bytes) -> str:
    """The name under which the one file of an entry is remembered."""
    return f"{sniff(data) or 'unknown'}-{Size.ORIGINAL}"


def _entry(listed: Listed, key: str, seen: Screened, now: datetime) -> CatalogueEntry:
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


def _outcome(looked: _Looked, state: str, verdict: Verdict) -> Outcome:
    bands = verdict.bands.values()
    reason = next((str(b.reason) for b in bands if b.decision is not Decision.ALLOW), "")
    return Outcome(looked.listed, looked.id, state, verdict.decisions, reason)


def _failed(listed: Listed, reason: str) -> Outcome:
    return Outcome(listed, _id(listed), "failed", {}, reason)


def _id(listed: Listed) -> str:
    if listed.id:
        return listed.id
    said = f"{listed.collection}\0{listed.name}".encode(errors="surrogateescape")
    return hashlib.sha256(said).hexdigest()[:16]


def _sha256(data: bytes) -> str:
    with suppress(MediaError):
        data = strip(data)
    return hashlib.sha256(data).hexdigest()
