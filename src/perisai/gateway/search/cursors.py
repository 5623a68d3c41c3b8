"""Where a page goes on, in words that any dialect can carry.

A cursor names an upstream and that upstream's own cursor. Clients that page by whole numbers send
``o:N``; which cursor that was is remembered, since most upstreams cannot count.
"""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perisai.gateway.items import Ask

_REMEMBERED = 50_000
LONGEST = 2_000
"""A longer cursor is no cursor of ours."""
UNKNOWN = "?"
"""Stands for an offset that nobody was sent to."""


def pack(upstream: str, offset: int, cursor: str) -> str:
    """Make the cursor of the page that begins after ``offset`` items."""
    inner = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
    return f"{offset}.{upstream}.{inner}"


def unpack(text: str) -> tuple[str, int, str] | None:
    """Read a cursor: upstream, offset and the upstream's own; None if it is none of ours."""
    try:
        number, upstream, inner = text.split(".")
        raw = base64.urlsafe_b64decode(inner + "=" * (-len(inner) % 4))
        return upstream, int(number), raw.decode()
    except (ValueError, binascii.Error):  # UnicodeDecodeError is a ValueError
        return None


class Offsets:
    """Remembers which cursor stood at which offset of which search."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], str] = OrderedDict()

    def resolve(self, ask: Ask) -> str:
        """Return the cursor for ``ask.cursor``; :data:`UNKNOWN` for an offset never given out."""
        if not ask.cursor.startswith("o:"):
            return ask.cursor[:LONGEST]
        number = ask.cursor[2:]
        if not number.isdecimal() or len(number) > 9 or int(number) == 0:
            return ""
        return self._known.get((*_search(ask), int(number)), UNKNOWN)

    def remember(self, ask: Ask, offset: int, cursor: str) -> None:
        """Note that the page at ``offset`` begins with ``cursor``."""
        self._known[*_search(ask), offset] = cursor
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def _search(ask: Ask) -> tuple[object, ...]:
    return (ask.kind, ask.text, ask.band, ask.locale, ask.strict)
