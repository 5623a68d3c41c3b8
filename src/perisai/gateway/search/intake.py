"""Brings one rendition in: fetched, stripped, screened, kept, in this order.

The bytes that are screened are the bytes that are kept, and only kept bytes are served. Nothing is
fetched a second time between screening and serving.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from perisai.errors import MediaError, ObjectMissing, PerisaiError, ServiceError
from perisai.gateway.items import Rendition, Size
from perisai.gateway.search.making import PREFIX, lacking
from perisai.gateway.stripping import strip
from perisai.storage.records import Linked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from perisai.gateway.items import Item
    from perisai.gateway.search.making import Maker, Making
    from perisai.gateway.search.verdicts import Known, Verdicts
    from perisai.gateway.upstreams.port import Upstream
    from perisai.screening.service.port import Screening
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.objects.port import ObjectStore

FETCHES = 16
"""Renditions of one upstream under way at a time: enough to keep two cores busy while others are
still coming. Each upstream has its own, so that a slow one holds up nobody else's."""
MOST_WAITING = 512
"""Renditions that may wait: whoever searches faster than can be screened fills no memory."""
_ORDER = (Size.TINY, Size.MEDIUM, Size.ORIGINAL, Size.NANO)
_TYPES = ("gif", "webp", "apng", "png", "mp4", "webm", "avif", "jpeg")


def first_choice(item: Item) -> Rendition | None:
    """The smallest faithful rendition: it is screened first, and stands for the others till then.

    Nano renditions come last: providers thin out their frames, and a frame that is gone cannot be
    screened. A GIF comes first, because every picker can show it.
    """
    return min(
        (r for r in item.renditions if r.type in _TYPES),
        key=lambda r: (_TYPES.index(r.type), _ORDER.index(r.scale)),
        default=None,
    )


class Intake:
    """Fetches and screens renditions, each only once at a time."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        store: AsyncStore,
        objects: ObjectStore,
        screening: Screening,
        verdicts: Verdicts,
        *,
        max_bytes: int,
        clock: Callable[[], datetime],
        maker: Maker | None = None,
    ) -> None:
        """Without a ``maker``, nothing is made: each item has only the files that it came with."""
        self._maker = maker
        self._upstreams = upstreams
        self._store = store
        self._objects = objects
        self._screening = screening
        self._verdicts = verdicts
        self._max_bytes = max_bytes
        self._clock = clock
        self._slots = {name: asyncio.Semaphore(FETCHES) for name in upstreams}
        self._running: dict[tuple[str, str, str], asyncio.Task[Any]] = {}

    @property
    def waiting(self) -> int:
        """How many renditions are on their way."""
        return len(self._running)

    @property
    def full(self) -> bool:
        """Whether so many are on their way that no more should be begun."""
        return len(self._running) >= MOST_WAITING

    def start(
        self, item: Item, rendition: Rendition, *, urgent: bool
    ) -> asyncio.Task[Known | None]:
        """Begin with one rendition, or join whoever began; the task goes on when nobody waits.

        Its result is None when the bytes could not be had: nothing is known then, and nothing is
        shown.
        """
        key = (item.upstream, item.id, rendition.name)
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._bring_in(item, rendition, urgent=urgent))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return task

    async def _bring_in(self, item: Item, rendition: Rendition, *, urgent: bool) -> Known | None:
        try:
            async with self._slots[item.upstream]:
                upstream = self._upstreams[item.upstream]
                data = await upstream.fetch(rendition, self._max_bytes)
                return await self.take(item, rendition.name, data, urgent=urgent)
        except PerisaiError:
            return None  # withheld for now; asked again next time

    async def take(
        self, item: Item, rendition: str, data: bytes, *, urgent: bool, source: str = ""
    ) -> Known:
        """Screen these bytes as a rendition of an item, and keep them if anybody may see them.

        ``source`` is the SHA-256 of what they were made from here, if they were. Raises
        ServiceError when screening failed for a reason that may pass: nothing is kept then.
        """
        data, sha256 = await asyncio.to_thread(_stripped, data)
        if source and source != sha256:
            await self._verdicts.made(sha256, source)
        known = (await self._verdicts.known([sha256])).get(sha256)
        if known is None:
            looked = await self._screening.screen(data, urgent=urgent)
            if not looked.lasting:
                raise ServiceError("The file could not be looked at just now; it is asked again.")
            # The bytes come before the verdict: a verdict without bytes could never be served, and
            # bytes without a verdict never are. Nothing is put that was not looked at, so nothing
            # has to be taken back: the same bytes may be an older file of somebody else's.
            await asyncio.to_thread(self._objects.put, sha256, data)
            known = await self._verdicts.record(looked)
        elif known.wanted:
            await asyncio.to_thread(self._objects.put, sha256, data)
        await self._store.link([Linked(item.upstream, item.id, rendition, sha256, self._clock())])
        if not known.wanted:
            await asyncio.to_thread(self._objects.delete, sha256)
        return known

    async def holds(self, sha256: str) -> bool:
        """Whether the bytes are there. Raises StorageError if that cannot be said."""
        return await asyncio.to_thread(self._objects.size, sha256) is not None

    def lacks(self, item: Item, files: Mapping[str, Known]) -> bool:
        """Whether :meth:`make` would make something."""
        return self._next_making(item, files) is not None

    def start_making(self, item: Item, files: Mapping[str, Known]) -> None:
        """Have what pickers need of an item and it lacks made behind the scenes."""
        if self._next_making(item, files) is None:
            return
        key = (item.upstream, item.id, PREFIX)
        if key not in self._running:
            task = asyncio.create_task(self._make_quietly(item, files))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))

    async def make(self, item: Item, files: Mapping[str, Known]) -> dict[str, Known]:
        """Make what pickers need and the item lacks, and screen it; return all of its files.

        ``files`` are known, by the names of their renditions. What cannot be made is left out.
        Raises ServiceError if screening failed for a reason that may pass, StorageError if bytes
        could not be read or kept.
        """
        files = dict(files)
        while (making := self._next_making(item, files)) and self._maker:
            with suppress(MediaError):
                made = await self._made_before(item, making)
                if made is None:
                    data = await asyncio.to_thread(self._objects.get, making.source)
                    made = await self._maker.make(making, data)
                name = making.rendition
                files[name] = await self.take(item, name, made, urgent=False, source=making.source)
        return files

    async def _made_before(self, item: Item, making: Making) -> bytes | None:
        """The copy that was made on an earlier basis, if its bytes are still here."""
        held = (await self._store.links(item.upstream, [item.id])).get(item.id, {})
        link = held.get(making.rendition)
        if link is None:
            return None
        kin = await self._store.kin([link.sha256])
        if not any((m.sha256, m.source) == (link.sha256, making.source) for m in kin):
            return None
        with suppress(ObjectMissing):
            return await asyncio.to_thread(self._objects.get, link.sha256)
        return None

    def _next_making(self, item: Item, files: Mapping[str, Known]) -> Making | None:
        """What is to be made next; nothing where something nobody may see is among the files."""
        if self._maker is None or not all(known.wanted for known in files.values()):
            return None
        making = lacking(files, item.renditions)
        return None if making is None or self._maker.hopeless(making) else making

    async def _make_quietly(self, item: Item, files: Mapping[str, Known]) -> None:
        with suppress(PerisaiError):
            await self.make(item, files)

    async def close(self) -> None:
        """Stop what is on its way; what was recorded stays."""
        tasks = [*self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._maker is not None:
            await self._maker.close()


def _stripped(data: bytes) -> tuple[bytes, str]:
    # What cannot be read cannot be shown either: screening says so, and it is withheld.
    with suppress(MediaError):
        data = strip(data)
    return data, hashlib.sha256(data).hexdigest()
