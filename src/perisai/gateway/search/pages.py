"""Remembers the pages of the last seconds, so that many who search for the same wait only once."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from perisai.gateway.items import Ask, ServedPage

SECONDS = 20.0
"""How long a page is repeated at most; a changed verdict ends it at once."""
_REMEMBERED = 2_000

_Key = tuple["Ask", int]


class PageCache:
    """Pages by what was asked and by the stamp of verdicts; also joins those who ask together."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._pages: OrderedDict[_Key, ServedPage] = OrderedDict()
        self._making: dict[_Key, asyncio.Task[ServedPage]] = {}

    async def get(
        self, ask: Ask, stamp: int, make: Callable[[], Awaitable[ServedPage]]
    ) -> ServedPage:
        """Return the remembered page, or make it. Random pages and unfinished ones are not kept."""
        if ask.random:
            return await make()
        key = (ask, stamp)
        kept = self._pages.get(key)
        if kept is not None and kept.until > time.monotonic():
            return kept
        task = self._making.get(key)
        if task is None:
            task = asyncio.ensure_future(self._make(key, make))
            self._making[key] = task
            task.add_done_callback(lambda _: self._making.pop(key, None))
        # One who goes away must not take the page from the others.
        return await asyncio.shield(task)

    async def _make(self, key: _Key, make: Callable[[], Awaitable[ServedPage]]) -> ServedPage:
        page = await make()
        if "pending" in page.withheld or "upstream" in page.withheld:
            return page
        page = replace(page, until=time.monotonic() + self._seconds, stamp=key[1])
        self._pages.pop(key, None)
        self._pages[key] = page
        while len(self._pages) > _REMEMBERED or self._over(next(iter(self._pages.values()))):
            self._pages.popitem(last=False)
        return page

    @staticmethod
    def _over(page: ServedPage) -> bool:
        return page.until <= time.monotonic()
