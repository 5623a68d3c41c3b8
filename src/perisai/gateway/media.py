"""``/media/…``: the very bytes that were screened, as long as they may be seen.

Every request asks for the verdict anew, so that a changed one counts at once; what browsers keep is
good for :data:`MAX_AGE` seconds and then asked for again by ETag. Whose age band applies is told in
docs/decisions/0011-media-links.md.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request

from perisai.errors import PerisaiError
from perisai.gateway.clients import AGE_HEADER, KEY_HEADER, Refused
from perisai.gateway.links import Standing
from perisai.gateway.ranges import Unsatisfiable, wanted_part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from perisai.gateway.clients import Clients
    from perisai.gateway.links import Links
    from perisai.terms import AgeBand

    Allowed = Callable[[str, AgeBand], Awaitable[bool]]
    Headers = list[tuple[bytes, bytes]]

MAX_AGE = 300
"""Seconds for which a browser may show a file without asking again."""
AT_ONCE = 256 * 1024
"""Bytes of a local file that are read at a time. They are mostly in memory, and then reading takes
a fraction of what the detour through a thread would."""
ASK_AGAIN_SECONDS = 5.0
"""How long a download may go on before the verdict is asked for again."""

TYPES = {
    "gif": b"image/gif",
    "webp": b"image/webp",
    "apng": b"image/apng",
    "png": b"image/png",
    "jpeg": b"image/jpeg",
    "avif": b"image/avif",
    "mp4": b"video/mp4",
    "webm": b"video/webm",
}
_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9]+)")
_SAFE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"access-control-allow-origin", b"*"),
    (b"referrer-policy", b"no-referrer"),
]
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"Range, If-None-Match, X-Perisai-Key, X-Perisai-Age"),
    (b"access-control-max-age", b"86400"),
]
_EXPOSED = (b"access-control-expose-headers", b"Content-Range, Accept-Ranges, ETag")
_VARY = (b"vary", f"{KEY_HEADER}, {AGE_HEADER}".title().encode())


class Objects(Protocol):
    """What is needed of the object store."""

    def path(self, sha256: str) -> Path | None:
        """Return the file that holds the bytes, if they lie in a local file."""
        ...

    def size(self, sha256: str) -> int | None:
        """Return how many bytes there are, None if there are none."""
        ...

    def read(self, sha256: str, start: int, stop: int) -> bytes:
        """Return the bytes from ``start`` up to and without ``stop``."""
        ...


class MediaFiles:
    """The ASGI application behind ``/media/{expires}/{signature}/{name}``."""

    PATH = "/media/{expires}/{signature}/{name}"

    def __init__(
        self,
        links: Links,
        clients: Clients,
        objects: Objects,
        allowed: Allowed,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``allowed(sha256, band)`` says whether a file may be shown; what it cannot say is no."""
        self._links = links
        self._clients = clients
        self._objects = objects
        self._allowed = allowed
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = scope["method"]
        if method == "OPTIONS":
            await _answer(send, 204, _PREFLIGHT)
        elif method not in ("GET", "HEAD"):
            await _answer(send, 405, [(b"allow", b"GET, HEAD, OPTIONS")])
        else:
            await self._serve(Request(scope, receive), send)

    async def _serve(self, request: Request, send: Send) -> None:
        """Answer with the file, or with a status that tells nothing of it."""
        expires, signature, name = (
            request.path_params[part] for part in ("expires", "signature", "name")
        )
        found = _NAME.fullmatch(name)
        standing = self._links.check(expires, signature, *found.groups()) if found else None
        if found is None or standing is Standing.FORGED or found[2] not in TYPES:
            await _answer(send, 404)
            return
        if standing is Standing.EXPIRED:
            await _answer(send, 410)
            return
        try:
            band = await self._clients.band(request, found[1])
            may = await self._allowed(found[1], band)
        except (Refused, PerisaiError):
            await _answer(send, 503, [(b"retry-after", b"5")])
            return
        if not may:
            await _answer(send, 404)
            return
        left = max(0, int(expires, 16) - int(self._clock()))
        await self._send_file(request, send, found[1], found[2], min(MAX_AGE, left), band)

    async def _send_file(
        self, request: Request, send: Send, sha256: str, kind: str, max_age: int, band: AgeBand
    ) -> None:
        etag = f'"{sha256}"'
        headers: Headers = [
            (b"etag", etag.encode()),
            (b"cache-control", b"private, max-age=%d, must-revalidate" % max_age),
            (b"accept-ranges", b"bytes"),
            _VARY,
            _EXPOSED,
        ]
        if _matches(request.headers.get("if-none-match"), etag):
            await _answer(send, 304, headers)
            return
        try:
            file = await self._open(sha256)
        except PerisaiError:  # the bytes cannot be reached just now
            await _answer(send, 503, [(b"retry-after", b"5")])
            return
        if file is None:
            await _answer(send, 404)
            return
        try:
            condition = request.headers.get("if-range")
            ranged = request.method == "GET" and condition in (None, etag)
            part = wanted_part(request.headers.get("range"), file.size) if ranged else None
            start, stop = part or (0, file.size)
            if part:
                headers.append((b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, file.size)))
            headers += [(b"content-type", TYPES[kind]), (b"content-length", b"%d" % (stop - start))]
            await _begin(send, 206 if part else 200, headers)
            if request.method == "HEAD":
                await send({"type": "http.response.body"})
            else:
                await self._send_body(send, file.parts(start, stop), sha256, band)
        except Unsatisfiable:
            await _answer(send, 416, [(b"content-range", b"bytes */%d" % file.size), *headers[:1]])
        finally:
            file.close()

    async def _send_body(
        self, send: Send, parts: AsyncIterator[tuple[bytes, bool]], sha256: str, band: AgeBand
    ) -> None:
        """Send part by part; a download that takes long ends when the verdict changes."""
        asked = time.monotonic()
        async for part, more in parts:
            if time.monotonic() - asked > ASK_AGAIN_SECONDS:
                if not await self._allowed(sha256, band):
                    return  # the server closes the connection: the rest is missing
                asked = time.monotonic()
            await send({"type": "http.response.body", "body": part, "more_body": more})

    async def _open(self, sha256: str) -> _LocalFile | _StoredFile | None:
        path = self._objects.path(sha256)
        if path is not None:
            try:
                return _LocalFile(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
            except OSError:
                return None  # withheld in this very moment
        size = await asyncio.to_thread(self._objects.size, sha256)
        return None if size is None else _StoredFile(self._objects, sha256, size)


class _LocalFile:
    """A file of the local folder."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.size = os.fstat(handle).st_size

    async def parts(self, start: int, stop: int) -> AsyncIterator[tuple[bytes, bool]]:
        """Yield the bytes and whether more come."""
        os.lseek(self._handle, start, os.SEEK_SET)
        while True:
            part = os.read(self._handle, min(stop - start, AT_ONCE))
            start += len(part)
            yield part, start < stop
            if not part or start >= stop:
                return

    def close(self) -> None:
        os.close(self._handle)


class _StoredFile:
    """An object of a store without files."""

    def __init__(self, objects: Objects, sha256: str, size: int) -> None:
        self._objects = objects
        self._sha256 = sha256
        self.size = size

    async def parts(self, start: int, stop: int) -> AsyncIterator[tuple[bytes, bool]]:
        """Yield the bytes and whether more come."""
        if start >= stop:
            yield b"", False
        while start < stop:
            end = min(stop, start + 4 * AT_ONCE)
            try:
                part = await asyncio.to_thread(self._objects.read, self._sha256, start, end)
            except PerisaiError:
                return  # what was promised does not come: the server closes the connection
            if len(part) != end - start:
                return
            start = end
            yield part, start < stop

    def close(self) -> None:
        """Nothing is held."""


def _matches(header: str | None, etag: str) -> bool:
    """Whether ``If-None-Match`` names this file; weak and strong count alike (RFC 9110, 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or etag in [
        each.strip().removeprefix("W/") for each in header.split(",")
    ]


async def _begin(send: Send, status: int, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*_SAFE, *headers]})


async def _answer(send: Send, status: int, headers: Headers | None = None) -> None:
    """Answer without a body; what is an error now may be none in a moment."""
    headers = headers or []
    if status >= 400:
        headers = [*headers, (b"cache-control", b"no-store"), (b"content-length", b"0")]
    await _begin(send, status, headers)
    await send({"type": "http.response.body"})
