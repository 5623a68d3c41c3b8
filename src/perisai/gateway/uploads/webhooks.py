"""Tells webhooks what became of uploads, until they acknowledge it or a day has passed.

What is to be told lies in the store and is found there again after a restart. An answer of 2xx ends
it. A receiver may hear the same event twice, if the gateway ends between its answer and our note of
it: ``event`` is the same then.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from perisai.errors import FetchRefused, PerisaiError
from perisai.gateway.fetching import read_url
from perisai.gateway.uploads.answering import summary
from perisai.gateway.uploads.standing import stands
from perisai.storage.records import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from perisai.gateway.clients import Clients
    from perisai.gateway.fetching import Fetcher, Place
    from perisai.gateway.search.verdicts import Verdicts
    from perisai.gateway.uploads.holders import Holders
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Outcome, Upload

State = Literal["acknowledged", "given-up", ""]
SIGNATURE = "X-Perisai-Signature"
SECONDS = 10.0
"""Longest wait for a receiver's answer."""
GIVEN_UP = timedelta(hours=24)
FIRST_WAIT, LONGEST_WAIT = 5.0, 3600.0
RELOAD_SECONDS = 60.0
ELSEWHERE_SECONDS = 600.0
"""What a gateway of another machine was to tell is told from here after so long."""
AT_ONCE, AT_ONCE_EACH = 16, 2
"""Deliveries under way together, and to one client: a slow receiver does not hold up others."""
WAITING = 10_000
"""Events in memory; the others wait in the store."""


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of ``X-Perisai-Signature``; ``at`` is in seconds since 1970."""
    proof = hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    return f"t={at},v1={proof}"


def read_webhook(url: str, *, private: bool) -> Place:
    """Read a webhook's address. Raises FetchRefused if nothing may be sent there."""
    place = read_url(url, private=private)
    if place.scheme != "https" and not private:
        raise FetchRefused("A webhook needs an address that begins with https://.")
    return place


def pause(age: float, spread: float) -> float:
    """Seconds until the next try of something that is ``age`` seconds old; ``spread`` in 0..1.

    About as long as it has been tried already, so that the pauses double.
    """
    return min(LONGEST_WAIT, max(FIRST_WAIT, age)) * (0.5 + spread / 2)


@dataclass(slots=True)
class _Due:
    """An event that is to be told, and when next, by the loop's clock."""

    upload: Upload
    outcome: Outcome
    at: float
    running: bool = False


class Webhooks:
    """The outbox. ``wait`` gives the pause after a failed try, for the age of an event."""

    def __init__(
        self,
        store: AsyncStore,
        verdicts: Verdicts,
        clients: Clients,
        fetcher: Fetcher,
        holders: Holders,
        *,
        private: bool,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._verdicts = verdicts
        self._clients = clients
        self._fetcher = fetcher
        self._holders = holders
        self._private = private
        self._clock = clock
        self._due: dict[str, _Due] = {}
        self._woken = asyncio.Event()
        self.wait: Callable[[float], float] = lambda age: pause(age, random.random())  # noqa: S311

    @property
    def waiting(self) -> int:
        """Events that are still to be told, as far as they are in memory."""
        return len(self._due)

    def tell(self, upload: Upload, outcome: Outcome) -> None:
        """Tell this soon; it is in the store already, and not lost if this is."""
        if len(self._due) < WAITING:
            now = asyncio.get_running_loop().time()
            self._due.setdefault(outcome.event, _Due(upload, outcome, now))
            self._woken.set()

    async def deliver(self) -> None:
        """Tell whatever is due, for ever."""
        running: set[asyncio.Task[None]] = set()
        loop = asyncio.get_running_loop()
        reload_at = loop.time()
        try:
            while True:
                self._woken.clear()
                if loop.time() >= reload_at:
                    reload_at = loop.time() + RELOAD_SECONDS
                    with suppress(PerisaiError):
                        await self._load()
                for due in self._next(loop.time()):
                    due.running = True
                    task = asyncio.create_task(self._try(due))
                    running.add(task)
                    task.add_done_callback(running.discard)
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._until(loop.time(), reload_at)):
                        await self._woken.wait()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _load(self) -> None:
        """Find what is in the store and not in memory: after a restart, or of who has ended."""
        now = asyncio.get_running_loop().time()
        for upload, outcome in await self._store.untold(self._clock() - 2 * GIVEN_UP, WAITING):
            if outcome.event in self._due or len(self._due) >= WAITING:
                continue
            runs = self._holders.runs(upload.holder)
            age = (self._clock() - outcome.at).total_seconds()
            if upload.holder == self._holders.me or runs is False or age > ELSEWHERE_SECONDS:
                self._due[outcome.event] = _Due(upload, outcome, now)

    def _next(self, now: float) -> list[_Due]:
        """What to begin with now, the longest due first, not too many of the same client."""
        busy: dict[str, int] = {}
        for due in self._due.values():
            busy[due.upload.client] = busy.get(due.upload.client, 0) + due.running
        free = AT_ONCE - sum(busy.values())
        chosen: list[_Due] = []
        waiting = (due for due in self._due.values() if not due.running and due.at <= now)
        for due in sorted(waiting, key=lambda due: due.at):
            client = due.upload.client
            if len(chosen) < free and busy[client] < AT_ONCE_EACH:
                busy[client] += 1
                chosen.append(due)
        return chosen

    def _until(self, now: float, reload_at: float) -> float:
        """Seconds until something may be due; who finishes earlier wakes us."""
        times = [due.at for due in self._due.values() if not due.running and due.at > now]
        return max(0.01, min([reload_at, *times]) - now)

    async def _try(self, due: _Due) -> None:
        """Tell once, and keep how it ended, if it did."""
        outcome = due.outcome
        age = max(0.0, (self._clock() - outcome.at).total_seconds())
        state: State = ""
        try:
            # A receiver that is not there, or a store that is away, may be back later.
            with suppress(PerisaiError):
                state = await self._send(due.upload, outcome)
            if not state and age > GIVEN_UP.total_seconds():
                state = "given-up"
            if state:
                with suppress(PerisaiError):  # not noted: told once more, rather than never
                    await self._store.add_delivery(Delivery(outcome.event, state, self._clock()))
                    del self._due[outcome.event]
        finally:
            due.at = asyncio.get_running_loop().time() + self.wait(age)
            due.running = False
            self._woken.set()

    async def _send(self, upload: Upload, outcome: Outcome) -> State:
        """Send once; return what it came to, or nothing if it is to be tried again."""
        found = await self._clients.subscriber(upload.client)
        if found is None or not found[0].webhook:
            return "given-up"
        client, secret = found
        now = await stands(self._verdicts, upload, outcome)
        told = {
            "event": outcome.event,
            "decided_at": outcome.at.isoformat(),
            "idempotency_key": upload.idempotency or None,
            **summary(
                now,
                number=upload.number,
                band=upload.band,
                sha256=outcome.sha256,
                shadow=upload.shadow and client.shadow,
            ),
        }
        body = json.dumps(told).encode()
        place = read_webhook(client.webhook, private=self._private)
        headers: Mapping[str, str] = {
            "Content-Type": "application/json",
            SIGNATURE: signature(secret, body, int(self._clock().timestamp())),
        }
        status = (await self._fetcher.post(place, body, headers, seconds=SECONDS)).status
        return "acknowledged" if 200 <= status < 300 else ""
