"""Whose file is looked at next, and when there are too many."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count
from time import monotonic

from perisai.errors import ServiceBusy, ServiceError

_WEIGHT = 0.1
"""How much the newest file counts in the mean time for one."""


class Turns:
    """Lanes in which files are looked at, and the line before them. For one event loop.

    ``lanes`` files at a time, and one lane more that only urgent ones use: a child does not wait
    for long clips that a patrol sent. Urgent ones go first; among equals, who came first. At most
    ``most`` wait.
    """

    def __init__(self, lanes: int, most: int) -> None:
        self._lanes = lanes
        self._most = most
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._busy = 0
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._mean = 0.1  # seconds
        self.done = 0
        """Files that were finished."""

    @property
    def waiting(self) -> int:
        """Files in the line."""
        return sum(not turn.done() for _, _, turn in self._waiting)

    @property
    def busy(self) -> int:
        """Files being looked at."""
        return self._busy

    async def take(self, *, urgent: bool) -> float:
        """Wait for a lane; returns when it was got, for :meth:`give_back`.

        Raises ServiceBusy if the line is full, ServiceError once it is closed.
        """
        if self._closed:
            raise ServiceError("Screening is being stopped; ask again when it is back.")
        if not self._free(urgent=urgent) or self._ahead(urgent=urgent):
            await self._queue(urgent=urgent)
        else:
            self._begin()
        return monotonic()

    async def _queue(self, *, urgent: bool) -> None:
        if self.waiting >= self._most:
            hint = max(0.5, self.waiting * self._mean / self._lanes)
            raise ServiceBusy(
                f"{self.waiting} files wait to be screened already; try again in about "
                f"{hint:.0f} seconds.",
                retry_after=hint,
            )
        if len(self._waiting) > 2 * self._most:  # those who left it from the middle
            self._waiting = [each for each in self._waiting if not each[2].done()]
            heapq.heapify(self._waiting)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (not urgent, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._leave()  # its turn came in the very moment in which it was given up
            raise

    def give_back(self, since: float) -> None:
        """Leave the lane that was taken at ``since``, and let the next one in."""
        self._mean += _WEIGHT * (monotonic() - since - self._mean)
        self.done += 1
        self._leave()

    def close(self) -> None:
        """Turn away who waits and who comes; those being looked at go on."""
        self._closed = True
        for _, _, turn in self._waiting:
            if not turn.done():
                turn.set_exception(
                    ServiceError("Screening was stopped before this file's turn came.")
                )
        self._waiting.clear()

    async def idle(self) -> None:
        """Wait until nothing is being looked at."""
        await self._idle.wait()

    def _free(self, *, urgent: bool) -> bool:
        return self._busy < self._lanes + urgent

    def _ahead(self, *, urgent: bool) -> bool:
        """Whether somebody waits whose turn comes before that of a newcomer."""
        self._forget()
        return bool(self._waiting) and (not self._waiting[0][0] or not urgent)

    def _begin(self) -> None:
        self._busy += 1
        self._idle.clear()

    def _leave(self) -> None:
        self._busy -= 1
        if self._busy == 0:
            self._idle.set()
        self._forget()
        while self._waiting and self._free(urgent=not self._waiting[0][0]):
            _, _, turn = heapq.heappop(self._waiting)
            self._begin()
            turn.set_result(None)
            self._forget()

    def _forget(self) -> None:
        """Drop those at the head of the line who have left it."""
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
