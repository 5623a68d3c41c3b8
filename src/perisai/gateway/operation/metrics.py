"""Numbers for Prometheus at ``/metrics``. No label ever holds a query, an address or a key.

Format: Prometheus text exposition, version 0.0.4. docs/gateway.md lists every metric.
"""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from perisai import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1, 2.5, 5, 10)
"""Seconds. The goals of a warm search (15 ms) and of a cold one (800 ms) are borders of their own,
so that the share within them is exact."""
_CLASSES = tuple(f"{hundred}xx" for hundred in range(10))
_LEVELS = {"up": 1.0, "trying": 0.5}


class Metrics:
    """Every metric, in a registry of its own: several gateways in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.before_showing: list[Callable[[], None]] = []
        """Called before somebody reads the metrics: whoever has yet to tell something does it."""
        held = self.registry
        self._seconds = Histogram(
            "perisai_request_seconds",
            "Time until an answer begins",
            ("route", "status"),
            buckets=BUCKETS,
            registry=held,
        )
        self._pages = Counter("perisai_pages", "Pages answered", ("decision",), registry=held)
        self._withheld = Counter("perisai_withheld", "Items withheld", ("reason",), registry=held)
        self._shared = Counter(
            "perisai_shared", "Items sent to somebody", ("upstream",), registry=held
        )
        self._cache = Counter(
            "perisai_cache", "Look-ups in a cache", ("cache", "result"), registry=held
        )
        self._age = Counter(
            "perisai_age_headers_refused",
            "Signed age headers not believed",
            ("fault",),
            registry=held,
        )
        self._reports = Counter("perisai_reports", "Reports kept", ("kind",), registry=held)
        self._uploads = Counter(
            "perisai_uploads", "Uploads judged", ("decision", "shadow"), registry=held
        )
        self._upload_bytes = Gauge(
            "perisai_upload_bytes_waiting", "Bytes of uploads in memory", registry=held
        )
        self._webhooks = Gauge(
            "perisai_webhooks_waiting", "Events that webhooks are to be told", registry=held
        )
        self._waiting = Gauge(
            "perisai_screening_waiting", "Files that wait for screening", registry=held
        )
        self._rescreening = Gauge(
            "perisai_rescreening_left",
            "Files that are kept and wait to be screened on a new basis",
            registry=held,
        )
        self._upstreams = Gauge(
            "perisai_upstream_up", "1 up, 0.5 tried again, 0 down", ("upstream",), registry=held
        )
        # Looking up labels costs more than counting, and this is counted for every request. Both
        # labels are words of fixed lists: the cache does not grow.
        self._seconds_of = cache(self._seconds.labels)
        Gauge("perisai_build", "Always 1", ("version",), registry=held).labels(__version__).set(1)

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request was answered; ``route`` is a pattern such as ``/v2/search``."""
        self._seconds_of(route, _CLASSES[status // 100 % 10]).observe(seconds)

    def page(self, decision: str, withheld: Mapping[str, int], times: int = 1) -> None:
        """So many pages of results were answered, and from each these were withheld, by reason."""
        self._pages.labels(decision).inc(times)
        for reason, n in withheld.items():
            self._withheld.labels(reason).inc(n * times)

    def shared(self, upstream: str) -> None:
        """One item was sent to somebody."""
        self._shared.labels(upstream).inc()

    def cache(self, name: str, *, hit: bool) -> None:
        """Something was looked up."""
        self._cache.labels(name, "hit" if hit else "miss").inc()

    def age_header(self, fault: str) -> None:
        """A signed age header was not believed."""
        self._age.labels(fault).inc()

    def report(self, kind: str) -> None:
        """A report was kept."""
        self._reports.labels(kind).inc()

    def upload(self, decision: str, shadow: str) -> None:
        """An upload was judged; ``shadow`` is ``yes`` where nothing is withheld."""
        self._uploads.labels(decision, shadow).inc()

    def watch_uploads(self, held: Callable[[], float], untold: Callable[[], float]) -> None:
        """Ask how many bytes of uploads wait, and how many events, when somebody reads them."""
        self._upload_bytes.set_function(held)
        self._webhooks.set_function(untold)

    def watch_waiting(self, count: Callable[[], float]) -> None:
        """Ask ``count`` how many files wait, whenever somebody reads the metrics."""
        self._waiting.set_function(count)

    def watch_rescreening(self, count: Callable[[], float]) -> None:
        """Ask ``count`` how many files wait to be screened on a new basis."""
        self._rescreening.set_function(count)

    def watch_upstream(self, name: str, health: Callable[[], str]) -> None:
        """Ask ``health`` (``up``, ``trying`` or ``down``) whenever somebody reads the metrics."""
        self._upstreams.labels(name).set_function(lambda: _LEVELS.get(health(), 0.0))

    async def show(self, _request: Request) -> Response:
        """Answer ``GET /metrics``."""
        for tell in self.before_showing:
            tell()
        data = generate_latest(self.registry)
        headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST}
        return Response(data, headers=headers)


class Timed:
    """Middleware that times every request by the pattern of its route, never by its address."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._patterns: dict[object, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note when its answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._metrics.request(self._pattern(scope), status, time.perf_counter() - begun)
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if not status:  # it broke before it answered
                self._metrics.request(self._pattern(scope), 500, time.perf_counter() - begun)

    def _pattern(self, scope: Scope) -> str:
        endpoint = scope.get("endpoint")
        if endpoint is None:
            return "other"
        pattern = self._patterns.get(endpoint)
        if pattern is None:
            self._patterns = _patterns(scope["app"].routes)
            pattern = self._patterns.setdefault(endpoint, "other")
        return pattern


def _patterns(routes: Iterable[object], prefix: str = "") -> dict[object, str]:
    """Return the pattern of each endpoint, those of mounted routes too."""
    found: dict[object, str] = {}
    for route in routes:
        path = prefix + str(getattr(route, "path", ""))
        found.setdefault(getattr(route, "endpoint", None), path)
        found |= _patterns(getattr(route, "routes", None) or (), path)
    return found
