"""Makes what pickers need and items lack: a GIF of a film or picture, and small ones of large.

Pickers show nothing but GIFs, and a grid of fifty should not load fifty originals. A copy is made
from bytes that were screened, in a decoding worker, and is then screened like any other file.
Which bytes it was made from is kept: what people say of the source holds for the copy.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.errors import MediaError
from perisai.gateway.items import Size
from perisai.media.limits import MediaLimits
from perisai.media.rendering import TARGET, Wanted, gif_in
from perisai.media.sandbox import Sandbox, WorkerLimits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from perisai.gateway.items import Rendition
    from perisai.gateway.search.verdicts import Known
    from perisai.settings import Settings

PREFIX = "made-"
"""How the names of renditions begin that were made here: ``made-medium``, ``made-tiny``."""
LARGE_BYTES, LARGE_WIDTH = 300_000, 320
"""A GIF larger or wider than this is no preview."""
HUGE_BYTES = 4_000_000
"""A GIF larger than this is not what one sends to a telephone."""
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Making:
    """One copy to make: its size, and the SHA-256 of the bytes that it is made from."""

    size: Size
    source: str

    @property
    def rendition(self) -> str:
        """The name under which it is remembered."""
        return f"{PREFIX}{self.size}"


def is_made(rendition: str) -> bool:
    """Whether a rendition of this name was made here."""
    return rendition.startswith(PREFIX)


def lacking(files: Mapping[str, Known], announced: Iterable[Rendition]) -> Making | None:
    """What an item lacks next, made from the largest file of its own; None if it has it all.

    ``files`` are those that are known, by the names of their renditions. What the upstream
    announces itself is waited for.
    """
    own = [known for name, known in files.items() if not is_made(name)]
    if not own:
        return None
    coming = {(each.type, each.scale) for each in announced if each.name not in files}
    source = max(own, key=lambda known: known.screened.width * known.screened.height)
    gifs = [known.screened for known in files.values() if known.screened.type == "gif"]
    if any(kind == "gif" and scale is not Size.NANO for kind, scale in coming):
        return None
    sizes: list[Size] = []
    if all(gif.size > HUGE_BYTES for gif in gifs):
        sizes.append(Size.MEDIUM)
    if gifs and all(gif.size > LARGE_BYTES or gif.width > LARGE_WIDTH for gif in gifs):
        sizes.append(Size.TINY)
    wanted = (Making(size, source.screened.sha256) for size in sizes)
    return next((each for each in wanted if each.rendition not in files), None)


class Maker:
    """Makes GIFs in workers of its own, which start when the first one is wanted."""

    def __init__(self, settings: Settings, workers: int = 1) -> None:
        limits = MediaLimits(**settings.media.model_dump())
        self._wanted = {
            Size.MEDIUM: Wanted(480, 640, 120, 2_000_000, limits),
            Size.TINY: Wanted(220, 330, 80, 400_000, limits),
        }
        self._sandbox = Sandbox(TARGET, workers, WorkerLimits(**settings.worker.model_dump()))
        self._turns = asyncio.Semaphore(workers)
        self._hopeless: set[tuple[str, Size]] = set()

    def hopeless(self, making: Making) -> bool:
        """Whether it was tried in vain already."""
        return (making.source, making.size) in self._hopeless

    async def make(self, making: Making, data: bytes) -> bytes:
        """Return the GIF. Raises MediaError if there can be none; it is not tried again then."""
        payload = self._wanted[making.size].to_json()
        async with self._turns:
            try:
                return await asyncio.to_thread(lambda: gif_in(self._sandbox.stream(payload, data)))
            except MediaError:
                if len(self._hopeless) >= _REMEMBERED:
                    self._hopeless.clear()
                self._hopeless.add((making.source, making.size))
                raise

    async def close(self) -> None:
        """End the workers."""
        await asyncio.to_thread(self._sandbox.close)


def of_these(files: Mapping[str, Known], shas: Collection[str]) -> dict[str, Known]:
    """Those of an item's files that are among ``shas``, or were made from one of them."""
    return {
        name: known
        for name, known in files.items()
        if known.screened.sha256 in shas or (is_made(name) and known.sources & set(shas))
    }
