"""One guarded GET: an address in, bytes out, or a refusal that tells no secrets."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpcore2

from perisai import __version__
from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.fetching.bodies import header, read_body
from perisai.gateway.fetching.dialling import GuardedBackend
from perisai.gateway.fetching.resolving import SystemResolver
from perisai.gateway.fetching.urls import Place, Places, read_url

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterable, Mapping

    from perisai.gateway.fetching.resolving import Resolver

AGENT = f"perisai/{__version__} (screening gateway for GIFs)"
HOPS = 3
CONNECTIONS = 32
REDIRECTS = frozenset({301, 302, 303, 307, 308})

# At DEBUG it writes down whole answers, and hosts like to repeat the address with the key in it.
logging.getLogger("httpcore2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered. ``data`` is empty unless ``status`` is 200: other bodies are not read.

    ``retry_after`` is the seconds that the host wants to be left alone, None if it did not say.
    """

    status: int
    data: bytes = b""
    retry_after: float | None = None


class Fetcher:
    """Takes bytes from ``hosts`` (see :meth:`Places.of`); from any public host if None.

    ``private`` allows loopback and private networks, IP addresses, and ports that ``hosts`` name.
    ``seconds`` is the longest time for one answer from first to last, name look-up and redirects
    included; ``silence`` the longest wait for its next bytes. Belongs to one event loop.

    ``hops`` is how many redirects are followed.

    No cookies, no proxy, no credentials of the environment: what is sent is the same for every
    request, and nothing of the child who asked is in it.
    """

    def __init__(
        self,
        hosts: Iterable[str] | None = None,
        *,
        private: bool = False,
        seconds: float = 15.0,
        silence: float = 5.0,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        dial: httpcore2.AsyncNetworkBackend | None = None,
        hops: int = HOPS,
    ) -> None:
        self._hops = hops
        self._places = None if hosts is None else Places.of(hosts)
        self._private = private
        self._seconds = seconds
        self._silence = silence
        self._resolver = resolver or SystemResolver()
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS // 2,
            keepalive_expiry=30.0,
            network_backend=GuardedBackend(self._resolver, private=private, dial=dial),
        )

    def check(self, url: str) -> Place:
        """Read an address and see whether bytes may come from it; nothing is sent.

        Raises :class:`perisai.errors.FetchRefused` if not.
        """
        place = read_url(url, private=self._private)
        if self._places is not None and place not in self._places:
            raise FetchRefused(f"{place.host} is not a host that is taken from.")
        return place

    async def take(self, url: str, limit: int, *, seconds: float | None = None) -> bytes:
        """The bytes at ``url``, never more than ``limit``.

        Raises :class:`perisai.errors.FetchRefused` if address, status or size are not acceptable,
        :class:`perisai.errors.UpstreamError` if the host is slow, dead or speaks no HTTP.
        """
        place = self.check(url)
        answer = await self.get(place, limit, seconds=seconds)
        if answer.status == 200:
            return answer.data
        text = f"{place.host} answers with status {answer.status}."
        raise UpstreamError(text) if answer.status >= 500 else FetchRefused(text)

    async def get(
        self,
        place: Place,
        limit: int,
        *,
        seconds: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a place that :meth:`check` gave; ``headers`` go before the usual ones."""
        async with self._patience(place, seconds):
            return await self._follow(place, limit, headers or {})

    @asynccontextmanager
    async def _patience(self, place: Place, seconds: float | None) -> AsyncIterator[None]:
        """Wait so long and no longer; what goes wrong on the network is an UpstreamError."""
        longest = self._seconds if seconds is None else min(seconds, self._seconds)
        try:
            async with asyncio.timeout(longest):
                yield
        except (TimeoutError, httpcore2.TimeoutException):
            raise UpstreamError(f"{place.host} did not answer in time.") from None
        except httpcore2.ConnectError:
            raise UpstreamError(f"{place.host} cannot be reached, or its TLS is wrong.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
            raise UpstreamError(f"{place.host} broke off, or does not speak HTTP.") from None

    async def post(
        self,
        place: Place,
        body: bytes,
        headers: Mapping[str, str],
        *,
        limit: int = 0,
        seconds: float | None = None,
    ) -> Answer:
        """Send ``body`` to a place that :meth:`check` gave.

        What is answered beside the status is read only up to ``limit`` bytes, and a redirect is not
        followed. Raises as :meth:`get` does.
        """
        async with self._patience(place, seconds), self._asked(place, headers, body) as response:
            if not limit:
                return Answer(response.status)
            return await self._answer(place, response, limit)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()
        await self._resolver.close()

    async def _follow(self, place: Place, limit: int, headers: Mapping[str, str]) -> Answer:
        for _ in range(self._hops + 1):
            async with self._asked(place, headers) as response:
                if response.status not in REDIRECTS:
                    return await self._answer(place, response, limit)
                place = self._next(place, header(response.headers, b"location"))
        raise FetchRefused(f"{place.host} redirects more than {self._hops} times.")

    @asynccontextmanager
    async def _asked(
        self, place: Place, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[httpcore2.Response]:
        sent = {
            "Host": place.authority,
            "User-Agent": AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            **({} if body is None else {"Content-Length": str(len(body))}),
            **headers,
        }
        url = httpcore2.URL(
            scheme=place.scheme.encode(),
            host=place.host.encode(),
            port=None if place.usual else place.port,
            target=place.target.encode(),
        )
        silence = dict.fromkeys(("connect", "read", "write", "pool"), self._silence)
        async with self._pool.stream(
            "GET" if body is None else "POST",
            url,
            headers=list(sent.items()),
            content=body,
            extensions={"timeout": silence},
        ) as response:
            yield response

    async def _answer(self, place: Place, response: httpcore2.Response, limit: int) -> Answer:
        if response.status != 200:
            wait = header(response.headers, b"retry-after").strip()
            return Answer(
                response.status,
                retry_after=float(wait) if wait.isascii() and wait.isdigit() else None,
            )
        data = await read_body(response.aiter_stream(), response.headers, limit, place.host)
        return Answer(200, data)

    def _next(self, place: Place, location: str) -> Place:
        """Where a redirect leads, if it stays on the same host and does not give up TLS."""
        if not location:
            raise FetchRefused(f"{place.host} redirects to nowhere.")
        here = f"{place.scheme}://{place.authority}{place.target}"
        try:
            there = self.check(urljoin(here, location))
        except (FetchRefused, ValueError):
            raise FetchRefused(f"{place.host} redirects to where nothing is taken from.") from None
        same = (there.host, there.scheme, there.port) == (place.host, place.scheme, place.port)
        raised = (there.host, there.scheme) == (place.host, "https") and place.usual and there.usual
        if not (same or raised):
            raise FetchRefused(f"{place.host} redirects to another host, which is not followed.")
        return there
