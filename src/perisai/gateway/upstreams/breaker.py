"""Leave an upstream alone that does not answer, and ask it no more often than agreed.

Both parts are plain objects of one event loop, told the time by whoever uses them, in seconds of a
clock that only goes forward. docs/upstreams.md says why they are not a package.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from perisai.errors import FetchRefused, UpstreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Health = Literal["up", "trying", "down"]

FAILURES = 5
PAUSE = 5.0
LONGEST_PAUSE = 60.0


class NotNow(UpstreamError):  # noqa: N818 - named for what happened
    """The upstream failed in a way that asking again at once does not mend."""


class Breaker:
    """Lets attempts through until ``failures`` in a row have failed, then none for ``pause``.

    After the pause one attempt is let through to try. If it succeeds all is as before; if it fails
    the next pause is twice as long, up to ``longest``.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        failures: int = FAILURES,
        pause: float = PAUSE,
        longest: float = LONGEST_PAUSE,
    ) -> None:
        self._clock = clock
        self._allowed = failures
        self._first = pause
        self._longest = longest
        self._failed = 0
        self._pause = pause
        self._until: float | None = None
        self._trying = False

    @property
    def health(self) -> Health:
        """``up``, ``down`` during a pause, ``trying`` after it until an attempt has succeeded."""
        if self._until is None:
            return "up"
        return "down" if self._clock() < self._until else "trying"

    @contextmanager
    def attempt(self, refusal: str) -> Iterator[None]:
        """Make one attempt inside; raises NotNow(``refusal``) while none is let through.

        An UpstreamError from inside is a failure. So is no other ending: FetchRefused is about one
        address, and an attempt that was called off says nothing about the upstream.
        """
        probing = self._until is not None
        if self.health == "down" or (probing and self._trying):
            raise NotNow(refusal)
        self._trying = probing
        try:
            yield
        except FetchRefused:
            self._succeeded(probing=probing)
            raise
        except UpstreamError:
            self._failure()
            raise
        else:
            self._succeeded(probing=probing)
        finally:
            if probing:
                self._trying = False

    def _succeeded(self, *, probing: bool) -> None:
        """Forget what failed before. One that began before a pause does not end it."""
        if self._until is not None and not probing:
            return
        self._failed = 0
        self._pause = self._first
        self._until = None

    def _failure(self) -> None:
        """Count a failure, and pause if there were enough."""
        self._failed += 1
        if self._until is not None and self.health == "down":
            return  # attempts that began before the pause say nothing new
        if self._until is not None or self._failed >= self._allowed:
            self.rest(self._pause)
            self._pause = min(2 * self._pause, self._longest)

    def rest(self, seconds: float) -> None:
        """Pause for so long, at most ``longest``: the upstream itself may ask for it."""
        until = self._clock() + min(max(seconds, 0.0), self._longest)
        self._until = until if self._until is None else max(until, self._until)


class Pace:
    """A bucket of tokens that fills with ``per_second`` of them and holds one second's worth."""

    def __init__(self, per_second: float, clock: Callable[[], float]) -> None:
        self._rate = per_second
        self._most = max(1.0, per_second)
        self._tokens = self._most
        self._clock = clock
        self._at = clock()

    def take(self, patience: float) -> float | None:
        """Take a token: the seconds to wait before using it, None if that exceeds ``patience``."""
        now = self._clock()
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate)
        self._at = now
        wait = max(0.0, (1.0 - self._tokens) / self._rate)
        if wait > patience:
            return None
        self._tokens -= 1.0
        return wait
