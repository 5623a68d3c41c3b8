"""Screens again what is kept, behind the scenes, when other models, lists or policies count.

Under a new basis nothing counts as screened, and nothing is shown until it was. Pages screen what
they need at once; this goes through all the rest: the catalogue first, what people approved, and
then everything else whose bytes are here, which is what was shown before. What is done is known by
its verdict, so that a round that was broken off goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from perisai.errors import ObjectMissing, ServiceBusy
from perisai.gateway.operation import log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.gateway.search.verdicts import Verdicts
    from perisai.screening.service.port import Screening
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.objects.port import ObjectStore

AT_ONCE = 2
"""Files at a time. None of them goes before one that somebody waits for."""
TOGETHER = 500
"""Files of which is asked at a time whether they are known."""


class Rescreening:
    """One round for each basis."""

    def __init__(
        self, store: AsyncStore, objects: ObjectStore, screening: Screening, verdicts: Verdicts
    ) -> None:
        self._store = store
        self._objects = objects
        self._screening = screening
        self._verdicts = verdicts
        self._finished = ""
        self.left = 0
        """Files that wait for it now."""

    async def look(self) -> None:
        """Go through what is kept unless that was done on this basis; ends when the basis changes.

        Raises ServiceError or StorageError if it cannot go on now; the next call does.
        """
        basis = self._verdicts.basis
        if basis in ("", self._finished):
            return
        waiting = await self._unknown(basis)
        if waiting:
            log("rescreening", count=len(waiting))
        self.left = len(waiting)
        rest = iter(waiting)
        lanes = [asyncio.create_task(self._lane(rest, basis)) for _ in range(AT_ONCE)]
        try:
            await asyncio.gather(*lanes)
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        if basis == self._verdicts.basis:
            self._finished, self.left = basis, 0
            if waiting:
                log("rescreened", count=len(waiting))

    async def _unknown(self, basis: str) -> list[str]:
        """The files that are here and were never screened on this basis, the needed ones first."""
        here = dict.fromkeys(await asyncio.to_thread(lambda: list(self._objects.shas())))
        first = [sha for sha in await self._needed() if sha in here]
        ordered = list(dict.fromkeys([*first, *here]))
        unknown: list[str] = []
        for start in range(0, len(ordered), TOGETHER):
            some = ordered[start : start + TOGETHER]
            missing = await self._store.unscreened(some, basis)
            unknown += [sha for sha in some if sha in missing]
        return unknown

    async def _needed(self) -> list[str]:
        """What the catalogue holds and what people approved, each with what was made of it."""
        shas: dict[str, None] = {}
        after = ""
        while entries := await self._store.entries(after, TOGETHER):
            after = entries[-1].id
            shas |= dict.fromkeys(entry.sha256 for entry in entries)
        shas |= dict.fromkeys(a.sha256 for a in await self._store.all_approvals() if a.sha256)
        found, every = dict[str, None](), list(shas)
        for start in range(0, len(every), TOGETHER):
            some = every[start : start + TOGETHER]
            found |= dict.fromkeys(some)
            found |= dict.fromkeys(made.sha256 for made in await self._store.kin(some))
        return list(found)

    async def _lane(self, rest: Iterable[str], basis: str) -> None:
        for sha256 in rest:
            if basis != self._verdicts.basis:
                return
            while True:
                try:
                    await self._again(sha256)
                    break
                except ServiceBusy as busy:
                    await asyncio.sleep(busy.retry_after)
            self.left -= 1

    async def _again(self, sha256: str) -> None:
        if await self._verdicts.known([sha256]):
            return  # a page, or another process, was quicker
        try:
            data = await asyncio.to_thread(self._objects.get, sha256)
        except ObjectMissing:
            return
        looked = await self._screening.screen(data, urgent=False)
        if looked.lasting:  # else it stays unknown, and whoever needs it asks again
            known = await self._verdicts.record(looked)
            if not known.wanted:
                await asyncio.to_thread(self._objects.delete, sha256)
