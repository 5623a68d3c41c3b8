"""``/health/live``: the process answers. ``/health/ready``: it can also do its work.

What is missing is told by name only: details stand in the log, not where anybody can read them.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from starlette.responses import JSONResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    Check = Callable[[], Awaitable[bool]]

PATIENCE_SECONDS = 2.0
REMEMBERED_SECONDS = 1.0
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class _Generations(Protocol):
    async def generation(self) -> int: ...


class _Bases(Protocol):
    async def basis(self) -> str: ...


class Health:
    """Looks at every part when asked, at most once a second however many ask."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._checks = dict(checks)
        self._clock = clock
        self._patience = patience
        self._found: dict[str, bool] = {}
        self._at = float("-inf")
        self._looking = asyncio.Lock()
        self.stopping = False
        """Set when the server shuts down: no new requests are wanted, those begun are finished."""

    def routes(self) -> list[Route]:
        """Both paths."""
        return [Route("/health/live", self.live), Route("/health/ready", self.ready)]

    async def live(self, _request: Request) -> Response:
        """Say that the process answers."""
        return JSONResponse({"status": "live"}, headers=_HEADERS)

    async def ready(self, _request: Request) -> Response:
        """Say which parts answer: status 200 if all do, else 503."""
        found = await self.look()
        good = all(found.values()) and not self.stopping
        status = "stopping" if self.stopping else "ready" if good else "not ready"
        body = {"status": status, "checks": found}
        return JSONResponse(body, 200 if good else 503, headers=_HEADERS)

    async def look(self) -> dict[str, bool]:
        """Return each check's name and whether it is good now."""
        async with self._looking:
            if self._clock() - self._at >= REMEMBERED_SECONDS:
                answers = await asyncio.gather(*map(self._ask, self._checks.values()))
                self._found = dict(zip(self._checks, answers, strict=True))
                self._at = self._clock()
        return self._found

    async def _ask(self, check: Check) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                return await check()
        except Exception:  # noqa: BLE001 - whatever it is, this part is not ready
            return False


def store_answers(store: _Generations) -> Check:
    """Return the check that the store can be read."""

    async def check() -> bool:
        return await store.generation() >= 0

    return check


def screening_answers(screening: _Bases) -> Check:
    """Return the check that files can be screened."""

    async def check() -> bool:
        return bool(await screening.basis())

    return check


def some_upstream(upstreams: Mapping[str, object]) -> Check:
    """Return the check that at least one upstream is not known to be down."""

    async def check() -> bool:
        return any(health_of(upstream) != "down" for upstream in upstreams.values())

    return check


def health_of(upstream: object) -> str:
    """Return ``up``, ``trying`` or ``down``; an upstream that says nothing of itself is up."""
    return str(getattr(upstream, "health", "up"))
