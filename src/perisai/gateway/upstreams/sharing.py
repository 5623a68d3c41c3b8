"""One answer for all who ask the same thing, which outlives those who could not wait.

A page has a deadline and gives up on a slow upstream. The question goes on none the less: its end
tells whether the upstream is slow or dead, and its answer is there for the next page.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

KEEP_SECONDS = 30.0
MOST_KEPT = 64


class Sharing:
    """Questions under way, by key. An answer that nobody waited for is kept for the next asker."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._waiting: dict[str, int] = {}
        self._kept: dict[str, tuple[float, Any]] = {}

    async def get(self, key: str, ask: Callable[[], Coroutine[Any, Any, Any]]) -> Any:  # noqa: ANN401
        """The answer to ``key``: the kept one, the one under way, or that of ``ask()``."""
        kept = self._kept.pop(key, None)
        if kept and kept[0] >= self._clock():
            return kept[1]
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(ask())
            self._running[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        self._waiting[key] = self._waiting.get(key, 0) + 1
        try:
            return await asyncio.shield(task)
        finally:
            self._leave(key)

    async def close(self) -> None:
        """Call off what is under way."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._kept.clear()

    def _leave(self, key: str) -> None:
        self._waiting[key] -= 1
        if not self._waiting[key]:
            del self._waiting[key]

    def _done(self, key: str, task: asyncio.Task[Any]) -> None:
        del self._running[key]
        if task.cancelled() or task.exception() or key in self._waiting:
            return
        now = self._clock()
        self._kept = {each: kept for each, kept in self._kept.items() if kept[0] >= now}
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (now + KEEP_SECONDS, task.result())
