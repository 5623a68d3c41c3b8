"""Which screened file stands behind which name of a provider."""

from __future__ import annotations

from dataclasses import dataclass
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


def nearest(item: ServedItem, scale: Size, types: tuple[str, ...]) -> Served | None:
    """Return the screened file of one of ``types`` (first choice first) nearest in size.

    The type is that of the bytes: a video never stands behind a name that promises a picture.
    None if there is no such file.
    """
    best: Served | None = None
    least = (len(types), 0)
    for (_, size), file in item.files.items():
        if file.type in types:
            distance = (types.index(file.type), abs(_ORDER[size] - _ORDER[scale]))
            if best is None or distance < least:
                best, least = file, distance
    return best


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes the addresses in one answer."""

    links: Links
    request: Request
    client: Client

    def of(self, file: Served, *, preview: bool) -> str:
        """Return the address of a file.

        A preview, which a picker shows by itself, opens for who asked. What a picker sends to
        others opens only for who they are.
        """
        return self.links.media(file, self.request, self.client if preview else None)

    def report(self, item: ServedItem) -> str:
        """Return where an item can be reported."""
        return self.links.report(item.number, self.request)
