"""What goes on while nobody asks: following decisions, warming, and tidying up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from perisai.errors import PerisaiError
from perisai.gateway.clients import Client
from perisai.gateway.items import Ask
from perisai.gateway.operation import log
from perisai.gateway.operation.health import health_of
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from perisai.gateway.items import Kind
    from perisai.gateway.operation.logs import Level
    from perisai.gateway.search.searcher import Searcher
    from perisai.gateway.search.verdicts import Verdicts
    from perisai.storage.objects.port import ObjectStore

WARMED_FOR = (AgeBand.AGE_13_15, AgeBand.ADULT)
"""Bands whose first page is asked for: the others are shown no more than these."""


async def warm(searcher: Searcher) -> None:
    """Screen the first page of what is trending and frequent, until each is decided."""
    for band in WARMED_FOR:
        client = Client("perisai", band, frozenset(), per_minute=0)
        for text in ("", *searcher.frequent.most()):
            kinds: tuple[Kind, ...] = ("gif", "sticker")
            for kind in kinds:
                await searcher.unasked(Ask(band, kind, text, limit=50), client)


async def sweep(objects: ObjectStore, verdicts: Verdicts) -> int:
    """Delete the bytes of what nobody may see, as a crash may have left them; return how many.

    Bytes without a verdict on today's basis stay: they cannot be served, and a list that was
    changed must not empty the catalogue.
    """
    deleted = 0
    shas = await asyncio.to_thread(lambda: list(objects.shas()))
    for start in range(0, len(shas), 500):
        known = await verdicts.known(shas[start : start + 500])
        for sha256, found in known.items():
            if not found.wanted:
                await asyncio.to_thread(objects.delete, sha256)
                deleted += 1
    return deleted


async def forever(work: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Do something every so often; what Perisai raises on purpose waits for the next time."""
    while True:
        try:
            await work()
        except PerisaiError as error:
            log("put off", "warning", code=error.code)
        await asyncio.sleep(seconds)


class Watch:
    """Tells the log when an upstream goes down, and when it is back."""

    def __init__(self, upstreams: Mapping[str, object]) -> None:
        self._upstreams = upstreams
        self._told = dict.fromkeys(upstreams, "up")

    async def look(self) -> None:
        """Write a line for each upstream whose health has changed."""
        for name, upstream in self._upstreams.items():
            health = health_of(upstream)
            if health != self._told[name]:
                self._told[name] = health
                level: Level = "info" if health == "up" else "warning"
                log("upstream", level, upstream=name, reason=health)
