"""Which screened file stands behind which name of a provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from perisai.gateway.items import Size

if TYPE_CHECKING:
    from starlette.requests import Request

    from perisai.gateway.clients import Client
    from perisai.gateway.dialects.port import Links
    from perisai.gateway.items import Served, ServedItem

PICTURES = ("gif", "webp", "apng", "png", "avif", "jpeg")
"""What an ``<img>`` shows, best first for a name that promises a GIF."""
_ORDER = {size: index for index, size in enumerate(Size)}
_APART = {
    scale: {size: abs(_ORDER[size] - _ORDER[scale]) / len(Size) for size in Size} for scale in Size
}
"""How far two sizes are apart, less than 1."""


def nearest(item: ServedItem, scale: Size, types: tuple[str, ...]) -> Served | None:
    """Return the screened file of one of ``types`` (first choice first) nearest in size.

    The type is that of the bytes: a video never stands behind a name that promises a picture.
    None if there is no such file.
    """
    best: Served | None = None
    least = float(len(types))
    apart, places = _APART[scale], _places(types)
    for (_, size), file in item.files.items():
        place = places.get(file.type)
        if place is not None and place + apart[size] < least:
            best, least = file, place + apart[size]
    return best


@cache
def _places(types: tuple[str, ...]) -> dict[str, int]:
    """Return the place of each type in a choice; there are few choices, all of them in the code."""
    return {kind: place for place, kind in enumerate(types)}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes the addresses in one answer."""

    links: Links
    request: Request
    client: Client
    _made: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    """An answer names the same file many times."""

    def of(self, file: Served, *, preview: bool) -> str:
        """Return the address of a file.

        A preview, which a picker shows by itself, opens for who asked. What a picker sends to
        others opens only for who they are.
        """
        key = (file.sha256, file.type, preview)
        address = self._made.get(key)
        if address is None:
            address = self.links.media(file, self.request, self.client if preview else None)
            self._made[key] = address
        return address

    def report(self, item: ServedItem) -> str:
        """Return where an item can be reported."""
        return self.links.report(item.number, self.request)
