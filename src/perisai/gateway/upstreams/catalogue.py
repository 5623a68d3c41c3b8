"""The operator's own catalogue as an upstream: the default, and the only one without a network."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from perisai.errors import FetchRefused, StorageError, UpstreamError
from perisai.gateway.catalogue.importing import as_item
from perisai.gateway.catalogue.index import Index
from perisai.gateway.catalogue.shares import Shares
from perisai.gateway.items import Ask, Category, Item, Page, Rendition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.settings.gateway import CatalogueUpstream
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.objects.port import ObjectStore
    from perisai.storage.records import Approval, CatalogueEntry
    from perisai.terms import AgeBand

FOLLOW_SECONDS = 1.0
"""How often the store is asked for changes, at most."""
CATEGORIES = 20
ANSWERS = 500
"""Searches whose results are remembered until something changes; of each at most some thousands
of ids."""


class Catalogue:
    """Searches entries in memory, and follows what is imported, removed and approved."""

    open = False
    counts = True

    def __init__(
        self, name: str, settings: CatalogueUpstream, store: AsyncStore, objects: ObjectStore
    ) -> None:
        self.name = name
        self.bands = settings.bands
        self._store = store
        self._objects = objects
        self._index = Index()
        self._seen = 0
        self._generation = -1
        self._next = 0.0
        self._items: dict[str, Approval] = {}
        self._collections: dict[str, Approval] = {}
        self._following = asyncio.Lock()
        self._shares = Shares()
        self._answers: OrderedDict[tuple[str, ...], list[str]] = OrderedDict()

    async def search(self, ask: Ask) -> Page:
        """Entries that hold the words, the best first; what is trending where there are none."""
        await self._follow()
        found = await self._found(ask)
        if ask.random:
            found = random.sample(found, min(len(found), ask.limit))
        start = _offset(ask.cursor)
        keys = found[start : start + ask.limit]
        end = start + len(keys)
        return Page(
            tuple(self._item(key) for key in keys if key in self._index.entries),
            str(end) if end < len(found) and not ask.random else "",
            len(found),
        )

    async def _found(self, ask: Ask) -> list[str]:
        if ask.text:
            return await self._answer("find", ask)
        newest = await self._answer("newest", ask)
        there = set(newest)
        sent = [key for key in self._shares.most() if key in there]
        return list(dict.fromkeys([*sent, *newest])) if sent else newest

    async def _answer(self, question: str, ask: Ask) -> list[str]:
        """What the index says, in a thread; remembered until something changes."""
        text = " ".join(ask.text.split()) if question == "find" else ""
        key = (question, text, ask.kind, ask.band if ask.approved else "")
        if key not in self._answers:
            wanted = partial(self._approved, band=ask.band) if ask.approved else None
            call = getattr(self._index, question)
            given = (text, ask.kind, wanted) if question == "find" else (ask.kind, wanted)
            generation = self._generation
            answer: list[str] = await asyncio.to_thread(call, *given)
            if generation != self._generation:
                return answer
            self._answers[key] = answer
            while len(self._answers) > ANSWERS:
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        return self._answers[key]

    async def items(self, ids: Sequence[str]) -> tuple[Item, ...]:
        """The entries with these ids."""
        await self._follow()
        return tuple(self._item(key) for key in ids if key in self._index.entries)

    async def categories(self, ask: Ask) -> tuple[Category, ...]:
        """The most frequent tags."""
        await self._follow()
        tags = await self._answer("tags", ask)
        return tuple(Category(tag, tag) for tag in tags[:CATEGORIES])

    async def suggest(self, ask: Ask) -> tuple[str, ...]:
        """Tags that begin with the text, or with a word that does; the most frequent first."""
        await self._follow()
        beginning = ask.text.strip().casefold()
        found = [tag for tag in await self._answer("tags", ask) if _begins(tag, beginning)]
        return tuple(found[: max(1, ask.limit)])

    def shared(self, item: str) -> None:
        """An entry was sent to somebody: in memory it counts for what is trending."""
        if item in self._index.entries:
            self._shares.note(item)

    async def fetch(self, rendition: Rendition, limit: int) -> bytes:
        """The bytes as they were imported."""
        sha256 = rendition.url.removeprefix("object:")
        try:
            size = await asyncio.to_thread(self._objects.size, sha256)
            if size is not None and size > limit:
                raise FetchRefused(f"{self.name}: the file is over {limit:,} bytes, the limit.")
            return await asyncio.to_thread(self._objects.get, sha256)
        except StorageError as error:
            raise UpstreamError(f"{self.name}: {error}") from error

    async def close(self) -> None:
        """Nothing is held."""

    def _item(self, key: str) -> Item:
        return as_item(self.name, self._index.entries[key])

    def _approved(self, entry: CatalogueEntry, band: AgeBand) -> bool:
        own = self._items.get(entry.id)
        if own is not None:
            return band in own.bands and own.sha256 in ("", entry.sha256)
        whole = self._collections.get(entry.collection or "\0")
        return whole is not None and band in whole.bands

    async def _follow(self) -> None:
        """Take in what changed since the last time."""
        if time.monotonic() < self._next:
            return
        async with self._following:
            if time.monotonic() < self._next:
                return
            try:
                await self._catch_up()
            except StorageError as error:
                raise UpstreamError(f"{self.name}: {error}") from error
            self._next = time.monotonic() + FOLLOW_SECONDS

    async def _catch_up(self) -> None:
        generation = await self._store.generation()
        if generation == self._generation:
            return
        while changes := await self._store.entry_changes(self._seen, 1000):
            await asyncio.to_thread(self._index.take, [entry for _, entry in changes])
            self._seen = changes[-1][0]
        for approval in await self._store.all_approvals():
            if approval.upstream == self.name:
                kinds = {"item": self._items, "collection": self._collections}
                kinds[approval.kind][approval.key] = approval
        self._generation = generation
        self._answers.clear()


def _begins(tag: str, beginning: str) -> bool:
    tag = tag.casefold()
    return tag.startswith(beginning) or f" {beginning}" in tag


def _offset(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else 0
