"""Where a page goes on, in words that any dialect can carry.

A cursor names an upstream and that upstream's own cursor. Clients that page by whole numbers send
``o:N``; which cursor that was is remembered, since most upstreams cannot count. What is not
remembered is looked for (:mod:`perisai.gateway.search.locating`).
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
        self._known: OrderedDict[tuple[object, ...], dict[int, str]] = OrderedDict()
        self._count = 0

    def read(self, ask: Ask) -> int | None:
        """The offset that ``ask.cursor`` names; None if it is a cursor of another kind."""
        if not ask.cursor.startswith("o:"):
            return None
        number = ask.cursor[2:]
        good = number.isascii() and number.isdecimal() and len(number) <= 9
        return int(number) if good else 0

    def nearest(self, ask: Ask, offset: int) -> tuple[int, str]:
        """The last known offset up to this one, and the cursor there; (0, "") if none is known."""
        known = self._known.get(_search(ask), {})
        found = max((each for each in known if each <= offset), default=0)
        return found, known.get(found, "")

    def gave(self, ask: Ask) -> bool:
        """Whether the search goes on where somebody was sent to; a client may make up a cursor."""
        place = unpack(ask.cursor)
        if not ask.cursor or ask.cursor.startswith("o:"):
            return True
        known = self._known.get(_search(ask), {})
        return place is not None and known.get(place[1]) == ask.cursor

    def remember(self, ask: Ask, offset: int, cursor: str) -> None:
        """Note that the page at ``offset`` begins with ``cursor``."""
        known = self._known.setdefault(_search(ask), {})
        self._count += offset not in known
        known[offset] = cursor
        self._known.move_to_end(_search(ask))
        while self._count > _REMEMBERED and len(self._known) > 1:
            self._count -= len(self._known.popitem(last=False)[1])


def _search(ask: Ask) -> tuple[object, ...]:
    return (ask.kind, ask.text, ask.band, ask.locale, ask.strict)
