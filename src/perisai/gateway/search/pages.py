"""Remembers the pages of the last seconds, so that many who search for the same wait only once."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
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
        self._pages: OrderedDict[_Key, tuple[float, ServedPage]] = OrderedDict()
        self._making: dict[_Key, asyncio.Task[ServedPage]] = {}

    async def get(
        self, ask: Ask, stamp: int, make: Callable[[], Awaitable[ServedPage]]
    ) -> ServedPage:
        """Return the remembered page, or make it. Random pages and unfinished ones are not kept."""
        if ask.random:
            return await make()
        key = (ask, stamp)
        kept = self._pages.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        task = self._making.get(key)
        if task is None:
            task = asyncio.ensure_future(make())
            self._making[key] = task
            task.add_done_callback(lambda done: self._made(key, done))
        # One who goes away must not take the page from the others.
        return await asyncio.shield(task)

    def _made(self, key: _Key, task: asyncio.Task[ServedPage]) -> None:
        self._making.pop(key, None)
        if task.cancelled() or task.exception():
            return
        page = task.result()
        if "pending" in page.withheld or "upstream" in page.withheld:
            return
        self._pages[key] = (time.monotonic() + self._seconds, page)
        while len(self._pages) > _REMEMBERED:
            self._pages.popitem(last=False)
