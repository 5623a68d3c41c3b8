"""What is sent much, in memory only: of each entry one number that halves every day."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HALF_SECONDS = 86_400.0
LEAST = 2.5
"""Sent three times lately. Below this nothing is trending: what one or two people sent is nobody
else's business."""
MOST = 100
"""Entries that are trending at a time."""
REMEMBERED = 5_000
SETTLES_SECONDS = 60.0
"""How long the order stays as it is, so that who pages through it meets nothing twice."""


class Shares:
    """Counts how often entries are sent. Nothing tells who sent them, and nothing is kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[float, float]] = {}
        self._order: list[str] = []
        self._until = -1.0

    def note(self, key: str) -> None:
        """One more was sent."""
        now = self._clock()
        self._counts[key] = (self._now(key, now) + 1.0, now)
        if len(self._counts) > REMEMBERED:
            kept = sorted(self._counts, key=lambda each: -self._now(each, now))
            self._counts = {each: self._counts[each] for each in kept[: REMEMBERED // 2]}

    def most(self) -> list[str]:
        """The entries that are sent most, most first."""
        now = self._clock()
        if now >= self._until:
            counts = {key: self._now(key, now) for key in self._counts}
            found = sorted((-n, key) for key, n in counts.items() if n >= LEAST)
            self._order = [key for _, key in found[:MOST]]
            self._until = now + SETTLES_SECONDS
        return self._order

    def _now(self, key: str, now: float) -> float:
        count, since = self._counts.get(key, (0.0, now))
        return float(count * 0.5 ** ((now - since) / HALF_SECONDS))
