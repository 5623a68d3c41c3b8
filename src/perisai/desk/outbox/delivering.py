"""Delivers what is due: each receiver in turn with its own messages, none waits for another.

What is about to be tried is written down before it is sent, and what came of it afterwards. Whoever
is killed in between leaves a message that is tried again later, with the same number: receivers
drop it by that. That it was acknowledged is written down once.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE
from perisai.desk.outbox import contents, domain, services
from perisai.errors import PerisaiError, Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

    from perisai.desk.house import House
    from perisai.desk.outbox.channels import Channel
    from perisai.desk.outbox.state import Message
    from perisai.settings import Settings

AT_ONCE = 8
"""Receivers that are served at the same time."""
EVERY_SECONDS = 5.0
_LOG = logging.getLogger("perisai.desk")


class Deliverer:
    """Delivers for one house. ``spread`` gives chance, in 0..1."""

    def __init__(
        self,
        settings: Settings,
        house: House,
        channels: Mapping[str, Channel],
        spread: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._house = house
        self._channels = channels
        self._spread = spread

    def once(self, *, now: bool = False) -> Counter[str]:
        """Try everything that is due once; return how many of it stand how.

        After a failure, the receiver's other messages wait for the next time. ``now``: also what
        waits after a failure.
        """
        waiting: dict[str, deque[str]] = {}
        for receiver, key in services.due(self._house, self._channels, now=now):
            waiting.setdefault(receiver, deque()).append(key)
        running: dict[Future[bool], tuple[str, Message]] = {}
        counts: Counter[str] = Counter()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="outbox") as pool:
            for receiver, keys in waiting.items():
                self._next(pool, running, receiver, keys, urged=now)
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    receiver, message = running.pop(future)
                    known = self._record(message, future)
                    counts[known.standing] += 1
                    if known.standing != "failed":
                        self._next(pool, running, receiver, waiting[receiver], urged=now)
        return counts

    def always(self, stop: Event) -> None:
        """Deliver what is due, every few seconds, until ``stop``. Nothing ends it but that."""
        from django.db import Error, close_old_connections  # noqa: PLC0415 - as the clocks do

        while not stop.is_set():
            try:
                self.once()
            except (PerisaiError, Error) as error:
                _LOG.warning("the outbox could not be looked at: %s", type(error).__name__)
            finally:
                close_old_connections()
            stop.wait(EVERY_SECONDS)

    def _next(
        self,
        pool: ThreadPoolExecutor,
        running: dict[Future[bool], tuple[str, Message]],
        receiver: str,
        keys: deque[str],
        *,
        urged: bool,
    ) -> None:
        """Begin with the next message of a receiver that nobody else has begun with."""
        while keys:
            message = self._begin(keys.popleft(), urged=urged)
            if message is None:
                continue
            try:
                secret = services.secret(self._house, message)
                content = contents.make(self._settings, self._house, message, secret)
            except PerisaiError as error:
                self._fail(message, f"The message could not be made: {error}")
                continue
            send = self._channels[message.channel].send
            running[pool.submit(send, message, content)] = (receiver, message)
            return

    def _begin(self, key: str, *, urged: bool) -> Message | None:
        """The message, marked as being tried; None if it is not due any more."""
        before, now = services.message(self._house, key), self._house.clock()
        begun = services.change(
            self._house, key, HOUSE, lambda known: domain.begin(known, now, urged=urged)
        )
        return begun if begun.position > before.position and begun.trying else None

    def _record(self, message: Message, future: Future[bool]) -> Message:
        try:
            received = future.result()
        except Undelivered as error:
            return self._fail(message, str(error))
        except Exception as error:  # noqa: BLE001 - one broken message must not stop the others
            return self._fail(message, f"The message could not be made: {type(error).__name__}")
        how = message.channel
        decide = domain.acknowledged if received else domain.delivered
        return services.change(self._house, message.id, HOUSE, lambda known: decide(known, how))

    def _fail(self, message: Message, why: str) -> Message:
        _LOG.warning("message %s is not delivered: %s", message.id, why)
        now, spread = self._house.clock(), self._spread()
        return services.change(
            self._house, message.id, HOUSE, lambda known: domain.failed(known, now, why, spread)
        )
