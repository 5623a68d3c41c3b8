"""Viewer tickets: for a few minutes, a picker's previews show what its client was shown.

A picker puts previews into ``<img>`` elements, which send no key. So the link of a preview (and of
nothing else) carries a ticket. It names the client, not a band: the key is looked up when the
picture is asked for, and a key that was revoked or moved to a younger band counts at once. It fits
one file, ends within :data:`LASTS_AT_MOST` seconds, and only its maker can read it.
docs/decisions/0011-media-links.md says why.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.gateway.sealed import Seal
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW_SECONDS = 300
LASTS_AT_MOST = 2 * WINDOW_SECONDS
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who was shown a preview: a client, and the band that a signed header set, if one did."""

    client: str
    band: AgeBand | None = None


class Tickets:
    """Issues tickets and reads them."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._seal = Seal(secret, "ticket")
        self._clock = clock
        self._end = 0
        self._issued: dict[tuple[Ticket, str], str] = {}

    def issue(self, ticket: Ticket, sha256: str) -> str:
        """Return a text for the link of this file; the same one until the window is over."""
        end = self.ends()
        if end != self._end or len(self._issued) >= _REMEMBERED:
            self._end = end
            self._issued.clear()
        known = self._issued.get((ticket, sha256))
        if known is None:
            text = f"{end:x} {ticket.band or ''} {ticket.client}"
            known = self._issued[ticket, sha256] = self._seal.seal(text, sha256)
        return known

    def ends(self) -> int:
        """Return when a ticket that is issued now ends, in seconds since 1970."""
        return (int(self._clock()) // WINDOW_SECONDS + 2) * WINDOW_SECONDS

    def read(self, text: str, sha256: str) -> Ticket | None:
        """Return the ticket, or None if it is not ours, for another file, or over."""
        inner = self._seal.unseal(text, sha256)
        if inner is None:
            return None
        end, band, client = inner.split(" ", 2)
        if self._clock() >= int(end, 16):
            return None
        return Ticket(client, AgeBand(band) if band else None)
