"""The operator's own catalogue as an upstream: the default, and the only one without a network."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from perisai.errors import FetchRefused, StorageError, UpstreamError
from perisai.gateway.catalogue.importing import as_item
from perisai.gateway.catalogue.index import Index
from perisai.gateway.items import Ask, Category, Item, Page, Rendition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.settings.gateway import CatalogueUpstream
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.objects.port import ObjectStore
    from perisai.storage.records import Approval
    from perisai.terms import AgeBand

FOLLOW_SECONDS = 1.0
"""How often the store is asked for changes, at most."""
CATEGORIES = 20


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

    async def search(self, ask: Ask) -> Page:
        """Entries that hold the words; the newest where there are none."""
        await self._follow()
        found = self._index.find(ask.text, ask.kind) if ask.text else self._index.newest(ask.kind)
        if ask.approved:
            found = [key for key in found if self._approved(key, ask.band)]
        if ask.random:
            found = random.sample(found, min(len(found), ask.limit))
        start = _offset(ask.cursor)
        keys = found[start : start + ask.limit]
        end = start + len(keys)
        return Page(
            tuple(self._item(key) for key in keys),
            str(end) if end < len(found) and not ask.random else "",
            len(found),
        )

    async def items(self, ids: Sequence[str]) -> tuple[Item, ...]:
        """The entries with these ids."""
        await self._follow()
        return tuple(self._item(key) for key in ids if key in self._index.entries)

    async def categories(self, ask: Ask) -> tuple[Category, ...]:  # noqa: ARG002
        """The most frequent tags."""
        await self._follow()
        return tuple(Category(tag, tag) for tag in self._index.tags("", CATEGORIES))

    async def suggest(self, ask: Ask) -> tuple[str, ...]:
        """Tags that begin with the text."""
        await self._follow()
        return tuple(self._index.tags(ask.text, max(1, ask.limit)))

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

    def _approved(self, key: str, band: AgeBand) -> bool:
        own = self._items.get(key)
        if own is not None:
            return band in own.bands
        whole = self._collections.get(self._index.entries[key].collection or "\0")
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
            self._index.take(entry for _, entry in changes)
            self._seen = changes[-1][0]
        for approval in await self._store.all_approvals():
            if approval.upstream == self.name:
                kinds = {"item": self._items, "collection": self._collections}
                kinds[approval.kind][approval.key] = approval
        self._generation = generation


def _offset(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else 0
