"""The upstream in memory: a twin of the real ones, with all their bad manners on demand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.items import Category, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from perisai.gateway.items import Ask, Item, Rendition


@dataclass(frozen=True, slots=True)
class Manners:
    """How an upstream behaves; the default is a good one.

    ``answer_seconds`` passes before every list, ``fetch_seconds`` before every file. ``dead``
    answers nothing at all, ``lists_dead`` and ``files_dead`` only the one or the other. ``lying``
    announces every rendition as one pixel and one byte.
    """

    answer_seconds: float = 0.0
    fetch_seconds: float = 0.0
    dead: bool = False
    lists_dead: bool = False
    files_dead: bool = False
    lying: bool = False


class MemoryUpstream:
    """An :class:`~perisai.gateway.upstreams.port.Upstream` of values that a program hands it.

    ``files`` holds the bytes of each address: several of them are given in turn, one a fetch, and
    the last for ever, so that bytes change between fetches. ``manners`` may be replaced at any
    time. ``asked`` and ``fetched`` remember what it was asked for, in order.
    """

    def __init__(
        self,
        items: Iterable[Item] = (),
        files: Mapping[str, bytes | Sequence[bytes]] | None = None,
        *,
        name: str = "memory",
        open_to_strangers: bool = False,
        counts: bool = True,
        manners: Manners = Manners(),
    ) -> None:
        self.name = name
        self.open = open_to_strangers
        self.counts = counts
        self.manners = manners
        self.asked: list[Ask] = []
        self.fetched: list[str] = []
        self.sent: list[str] = []
        self.closed = False
        self._items = {item.id: replace(item, upstream=name) for item in items}
        self._files = {
            url: [data] if isinstance(data, bytes) else list(data)
            for url, data in (files or {}).items()
        }

    def add(self, item: Item, files: Mapping[str, bytes | Sequence[bytes]]) -> None:
        """Offer one more item, or other bytes of one that is known."""
        self._items[item.id] = replace(item, upstream=self.name)
        for url, data in files.items():
            self._files[url] = [data] if isinstance(data, bytes) else list(data)

    async def search(self, ask: Ask) -> Page:
        """Items whose title or tags hold every word of ``ask.text``, in the order they came."""
        self.asked.append(ask)
        await self._answer()
        found = [item for item in self._items.values() if _fits(item, ask)]
        if ask.random:
            Random(ask.text).shuffle(found)  # noqa: S311 - the same shuffle on each page
        start = self._start(ask.cursor)
        end = start + ask.limit
        return Page(
            items=tuple(self._announce(item) for item in found[start:end]),
            next=str(end) if end < len(found) else "",
            total=len(found),
        )

    async def items(self, ids: Sequence[str]) -> tuple[Item, ...]:
        """The items with these ids, in this order."""
        await self._answer()
        return tuple(self._announce(self._items[each]) for each in ids if each in self._items)

    async def categories(self, ask: Ask) -> tuple[Category, ...]:
        """Each item's first tag, with the first item that has it."""
        self.asked.append(ask)
        await self._answer()
        first: dict[str, Item] = {}
        for item in self._items.values():
            if item.tags and item.kind == ask.kind:
                first.setdefault(item.tags[0], self._announce(item))
        return tuple(Category(tag, tag, item) for tag, item in first.items())[: ask.limit]

    async def suggest(self, ask: Ask) -> tuple[str, ...]:
        """Tags that begin with ``ask.text``."""
        self.asked.append(ask)
        await self._answer()
        tags = dict.fromkeys(tag for item in self._items.values() for tag in item.tags)
        return tuple(tag for tag in tags if tag.startswith(ask.text.casefold()))[: ask.limit]

    def shared(self, item: str) -> None:
        """Remember it."""
        self.sent.append(item)

    async def fetch(self, rendition: Rendition, limit: int) -> bytes:
        """The next bytes of this address."""
        self.fetched.append(rendition.url)
        await asyncio.sleep(self.manners.fetch_seconds)
        if self.manners.dead or self.manners.files_dead:
            raise UpstreamError(f"{self.name} does not answer; its items are left out.")
        turns = self._files.get(rendition.url)
        if not turns:
            raise FetchRefused(f"{self.name} has no such file (status 404).")
        data = turns.pop(0) if len(turns) > 1 else turns[0]
        if len(data) > limit:
            raise FetchRefused(f"A file of {self.name} is larger than {limit} bytes.")
        return data

    async def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    async def _answer(self) -> None:
        await asyncio.sleep(self.manners.answer_seconds)
        if self.manners.dead or self.manners.lists_dead:
            raise UpstreamError(f"{self.name} does not answer; its items are left out.")

    def _announce(self, item: Item) -> Item:
        if not self.manners.lying:
            return item
        lies = tuple(replace(each, width=1, height=1, size=1) for each in item.renditions)
        return replace(item, renditions=lies)

    def _start(self, cursor: str) -> int:
        if not cursor:
            return 0
        if not (cursor.isascii() and cursor.isdigit()):
            raise UpstreamError(f"{self.name} does not know this page.")
        return int(cursor)


def _fits(item: Item, ask: Ask) -> bool:
    words = f"{item.title} {' '.join(item.tags)}".casefold().split()
    return item.kind == ask.kind and all(word in words for word in ask.text.casefold().split())
