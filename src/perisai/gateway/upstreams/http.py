"""Ask one upstream over HTTP: patiently, but never for longer than a page can wait."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import orjson

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.fetching import Fetcher, read_url
from perisai.gateway.upstreams.breaker import Breaker, NotNow, Pace
from perisai.gateway.upstreams.reading import WrongShape
from perisai.gateway.upstreams.sharing import Sharing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from perisai.gateway.fetching import Answer, Resolver
    from perisai.gateway.upstreams.breaker import Health
    from perisai.gateway.upstreams.token import Token

T = TypeVar("T")

MIB = 1024 * 1024
ANSWER_BYTES = 4 * MIB
"""Longest list, decompressed. Fifty items of GIPHY's are about 400 KB."""
RETRIES = 2
BACK_OFF = 0.05
FILE_PATIENCE = 5
"""How many times the longest wait for a list a whole file may take."""
_WORST: tuple[Health, ...] = ("up", "trying", "down")


class HttpUpstream:
    """The way to one upstream: its interface at ``base``, its files on ``media_hosts``.

    Each of the two has time-outs, retries and a breaker of its own, since they are different
    machines; ``per_second`` counts requests to the interface only. ``key`` is (name, value) of the
    query's parameter that holds the operator's key; ``bearer`` is a token for the interface alone.
    """

    def __init__(
        self,
        name: str,
        base: str,
        *,
        media_hosts: Sequence[str],
        key: tuple[str, str] | None = None,
        bearer: str | Token | None = None,
        private: bool = False,
        timeout_seconds: float = 3.0,
        per_second: float = 20.0,
        resolver: Resolver | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._base = base if base.endswith("/") else f"{base}/"
        self._key = key
        self._headers = {"Accept-Encoding": "gzip"}
        if isinstance(bearer, str):
            self._headers["Authorization"] = f"Bearer {bearer}"
        self._token = None if isinstance(bearer, str) else bearer
        self._seconds = timeout_seconds
        self._clock = clock
        self._interface = Fetcher(
            [authority_of(self._base)],
            private=private,
            seconds=timeout_seconds,
            silence=timeout_seconds,
            resolver=resolver,
        )
        self._files = Fetcher(
            media_hosts,
            private=private,
            seconds=FILE_PATIENCE * timeout_seconds,
            silence=timeout_seconds,
            resolver=resolver,
        )
        self._interface.check(self._base)
        self._sharing = Sharing(clock)
        self._pace = Pace(per_second, clock)
        self._lists_breaker = Breaker(clock)
        self._files_breaker = Breaker(clock)

    def __repr__(self) -> str:
        """Without base, key and headers."""
        return f"{type(self).__name__}({self._name!r}, {self.health})"

    @property
    def health(self) -> Health:
        """The worse of interface and files."""
        both = (self._lists_breaker.health, self._files_breaker.health)
        return max(both, key=_WORST.index)

    def takes(self, url: str) -> bool:
        """Whether bytes may come from this address."""
        try:
            self._files.check(url)
        except FetchRefused:
            return False
        return True

    async def ask(
        self, path: str, parameters: Mapping[str, str | int], read: Callable[[Any], T]
    ) -> T:
        """What ``read`` makes of the JSON at ``path``, below the base.

        Raises UpstreamError if the upstream is slow, dead, or answers with anything else; what
        ``read`` raises of it counts as its failure. FetchRefused if it says that the request is
        wrong (status 4xx).

        Those who ask for the same path and parameters at once get the same answer, read once; who
        stops waiting does not stop the question (:mod:`perisai.gateway.upstreams.sharing`).
        """
        query = {**parameters, **dict([self._key] if self._key else [])}
        place = self._interface.check(f"{self._base}{path}?{urlencode(query)}")

        async def once(seconds: float) -> T:
            headers = self._headers
            try:
                if self._token:
                    headers = headers | await self._token.header(self._interface, seconds)
                answer = await self._interface.get(
                    place, ANSWER_BYTES, seconds=seconds, headers=headers
                )
            except FetchRefused as error:  # not of a file that somebody named, but of its own
                raise NotNow(str(error)) from None
            if answer.status in (401, 403):
                if self._token:
                    self._token.forget()
                raise NotNow(f"{self._name} refuses the key (status {answer.status}); check it.")
            self._judge(answer, self._lists_breaker)
            return self._read(answer.data, read)

        async def ask() -> T:
            until = self._clock() + self._seconds
            return await self._try(self._lists_breaker, until, once, self._pace)

        found: T = await self._sharing.get(place.target, ask)
        return found

    async def fetch(self, url: str, limit: int) -> bytes:
        """The bytes of a file, never more than ``limit``."""
        place = self._files.check(url)

        async def once(seconds: float) -> bytes:
            answer = await self._files.get(place, limit, seconds=seconds)
            self._judge(answer, self._files_breaker)
            return answer.data

        until = self._clock() + FILE_PATIENCE * self._seconds
        return await self._try(self._files_breaker, until, once)

    async def close(self) -> None:
        """Give back connections."""
        await self._sharing.close()
        await self._interface.close()
        await self._files.close()

    async def _try(
        self,
        breaker: Breaker,
        until: float,
        once: Callable[[float], Awaitable[T]],
        pace: Pace | None = None,
    ) -> T:
        again = 0
        while True:
            if pace:
                wait = pace.take(until - self._clock())
                if wait is None:
                    raise NotNow(f"{self._name} may not be asked more often than it is.")
                await asyncio.sleep(wait)
            try:
                with breaker.attempt(f"{self._name} did not answer lately and is left alone."):
                    return await once(max(0.001, until - self._clock()))
            except (FetchRefused, NotNow):
                raise
            except UpstreamError:
                pause = random.uniform(0.5, 1.5) * BACK_OFF * 2**again  # noqa: S311 - no secret
                again += 1
                if again > RETRIES or self._clock() + pause >= until:
                    raise
                await asyncio.sleep(pause)

    def _judge(self, answer: Answer, breaker: Breaker) -> None:
        """Raise for any status but 200. The body of an error may hold the key: it is not read."""
        if answer.status == 200:
            return
        text = f"{self._name} answers with status {answer.status}."
        if answer.status == 429 or (answer.status == 503 and answer.retry_after is not None):
            breaker.rest(1.0 if answer.retry_after is None else answer.retry_after)
            raise NotNow(text)
        if answer.status >= 500:
            raise UpstreamError(text)
        raise FetchRefused(text)

    def _read(self, data: bytes, read: Callable[[Any], T]) -> T:
        try:
            document = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise NotNow(f"{self._name} answers with something that is not JSON.") from None
        try:
            return read(document)
        except WrongShape as error:
            raise NotNow(f"{self._name} answers with JSON of another shape: {error}.") from None


def authority_of(url: str) -> str:
    """Host and, if named, port of an address, as :meth:`Places.of` takes it."""
    return read_url(url, private=True).authority
