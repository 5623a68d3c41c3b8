"""How often somebody may ask: token buckets, in memory only.

Addresses are held as keyed digests, whose key ends with the process, and are never written down.
"""

from __future__ import annotations

import ipaddress
import math
import secrets
from collections import OrderedDict
from hashlib import blake2b
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REMEMBERED = 50_000
"""Buckets held; the one not used for longest goes first. It had filled up again, mostly."""
MINUTE = 60
HOUR = 3600


class Limits:
    """One bucket for each key, and for each address and purpose. Safe among threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str | bytes, tuple[float, float]] = OrderedDict()
        self._key = secrets.token_bytes(32)
        self._lock = Lock()

    def spend(self, whose: str | bytes, often: int, seconds: int = MINUTE) -> int:
        """Take one token; return 0, or in how many whole seconds there will be one.

        A bucket holds ``often`` tokens and fills in ``seconds``; a new one is full.
        """
        if often < 1:
            return seconds
        with self._lock:
            now = self._clock()
            held, at = self._buckets.get(whose, (float(often), now))
            held = min(often, held + max(0.0, now - at) * often / seconds)
            enough = held >= 1
            self._buckets[whose] = (held - enough, now)
            self._buckets.move_to_end(whose)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        return 0 if enough else math.ceil((1 - held) * seconds / often)

    def address(self, host: str, purpose: str) -> bytes:
        """Return the name of an address's bucket. IPv6 counts by the /64 that a house has."""
        if ":" in host:
            try:
                number = ipaddress.IPv6Address(host.partition("%")[0])
                host = str(number.ipv4_mapped or int(number) >> 64)
            except ValueError:
                pass
        return self.name(host, purpose)

    def name(self, text: str, purpose: str) -> bytes:
        """Return the name of a bucket for anything that must not be held as it is."""
        return blake2b(f"{purpose} {text}".encode(), key=self._key, digest_size=16).digest()
