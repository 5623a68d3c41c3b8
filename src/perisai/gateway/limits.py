"""How often somebody may ask: token buckets, in memory only.

Addresses are held as keyed digests, whose key ends with the process, and are never written down.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import HTTPConnection

REMEMBERED = 50_000
"""Buckets held; the one not used for longest goes first. It had filled up again, mostly."""


class Limits:
    """One bucket for each key, and for each address and purpose."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str | bytes, tuple[float, float]] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def spend(self, whose: str | bytes, per_minute: int) -> int:
        """Take one token; return 0, or in how many whole seconds there will be one.

        A bucket holds ``per_minute`` tokens and fills as fast; a new one is full.
        """
        if per_minute < 1:
            return 60
        now = self._clock()
        held, at = self._buckets.get(whose, (float(per_minute), now))
        held = min(per_minute, held + max(0.0, now - at) * per_minute / 60)
        enough = held >= 1
        self._buckets[whose] = (held - enough, now)
        self._buckets.move_to_end(whose)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return 0 if enough else math.ceil((1 - held) * 60 / per_minute)

    def address(self, request: HTTPConnection, purpose: str) -> bytes:
        """Return the name of an address's bucket. IPv6 counts by the /64 that a house has."""
        host = request.client.host if request.client else ""
        if ":" in host:
            try:
                number = ipaddress.IPv6Address(host.partition("%")[0])
                host = str(number.ipv4_mapped or int(number) >> 64)
            except ValueError:
                pass
        return blake2b(f"{purpose} {host}".encode(), key=self._key, digest_size=16).digest()
