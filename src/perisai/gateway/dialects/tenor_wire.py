"""Tenor's words for an item, a page and an error.

The shape is that of developers.google.com/tenor/guides/response-objects-and-errors. ``id`` and
``url`` are the gateway's own; ``itemurl`` and ``url`` lead to the page where an item is reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.gateway.dialects.renditions import PICTURES, nearest
from perisai.gateway.items import Size

if TYPE_CHECKING:
    from collections.abc import Collection

    from perisai.gateway.dialects.renditions import Addresses
    from perisai.gateway.items import ServedItem

_SCALES = {"": Size.ORIGINAL, "medium": Size.MEDIUM, "tiny": Size.TINY, "nano": Size.NANO}
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
ESSENTIAL = frozenset({"gif", "tinygif"})
"""Pickers crash where one of these is missing, so an item that lacks one is left out whole."""


def _formats() -> dict[str, tuple[Size, tuple[str, ...], bool, bool]]:
    """Name of a format → (size, types that fit, whether a preview, whether for stickers only)."""
    table: dict[str, tuple[Size, tuple[str, ...], bool, bool]] = {}
    for prefix, scale in _SCALES.items():
        small = scale in (Size.TINY, Size.NANO)
        table[f"{prefix}gif"] = (scale, PICTURES, small, False)
        table[f"{prefix}gifpreview"] = (scale, PICTURES, True, False)
        table[f"{prefix}webp"] = (scale, ("webp",), small, False)
        if scale is not Size.MEDIUM:  # Tenor has none of medium size
            table[f"{prefix}mp4"] = (scale, ("mp4",), small, False)
            table[f"{prefix}webm"] = (scale, ("webm",), small, False)
        table[f"{prefix}gif_transparent"] = (scale, ("gif",), small, True)
        table[f"{prefix}webp_transparent"] = (scale, ("webp",), small, True)
    table["preview"] = (Size.TINY, PICTURES, True, False)
    table["loopedmp4"] = (Size.ORIGINAL, ("mp4",), False, False)
    return table


FORMATS = _formats()
_SELDOM = frozenset(name for name in FORMATS if name.endswith("gifpreview"))
"""Only given where a client names them."""


def formats(
    item: ServedItem, wanted: Collection[str], addresses: Addresses
) -> dict[str, dict[str, object]] | None:
    """Return ``media_formats``: every wanted name that a screened file fits. None if it may not be.

    An item has all the formats that pickers need of those wanted, or it is left out.
    """
    made: dict[str, dict[str, object]] = {}
    sticker = item.item.kind == "sticker"
    for name in wanted:
        scale, types, preview, stickers = FORMATS[name]
        if stickers and not sticker:
            continue
        file = nearest(item, scale, types)
        if file is not None:
            made[name] = {
                "url": addresses.of(file, preview=preview),
                "dims": [file.width, file.height],
                "duration": 0.0,
                "preview": "",
                "size": file.size,
            }
        elif name in ESSENTIAL:
            return None
    return made or None


def wanted_formats(text: str | None) -> tuple[str, ...]:
    """Return the names that ``media_filter`` asks for; the usual ones if it names none we know."""
    named = tuple(name for name in (text or "").replace(" ", "").split(",") if name in FORMATS)
    return tuple(dict.fromkeys(named)) or tuple(name for name in FORMATS if name not in _SELDOM)


def result(
    item: ServedItem, wanted: Collection[str], addresses: Addresses
) -> dict[str, object] | None:
    """Return one item, or None if it must be left out."""
    media = formats(item, wanted, addresses)
    if media is None:
        return None
    told = item.item
    body: dict[str, object] = {
        "id": item.number,
        "title": told.title,
        "content_description": told.title,
        "created": told.created.timestamp() if told.created else 0.0,
        "hasaudio": False,
        "hascaption": False,
        "itemurl": addresses.report(item),
        "url": addresses.report(item),
        "tags": list(told.tags),
        "flags": ["sticker"] if told.kind == "sticker" else [],
        "bg_color": "",
        "media_formats": media,
    }
    if told.attribution or told.licence:
        body |= {"attribution": told.attribution, "licence": told.licence}
    return body


def fits(item: ServedItem, narrowest: float, widest: float) -> bool:
    """Whether width by height lies within ``ar_range``."""
    file = nearest(item, Size.ORIGINAL, (*PICTURES, "mp4", "webm"))
    return file is not None and file.height > 0 and narrowest <= file.width / file.height <= widest


def error(status: int, message: str) -> dict[str, object]:
    """Return Google's envelope of an error."""
    word = _STATUS.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")
    return {"error": {"code": status, "message": message, "status": word, "details": []}}
