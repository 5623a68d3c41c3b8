"""Ends requests that send too much, or take too long to send it, before anything is kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Message = Mapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Larger = Callable[[dict[str, Any]], Awaitable[int]]
    App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

PATIENCE_SECONDS = 30.0
LARGE_AT_ONCE = 4
"""Large bodies that one address is sent at the same time: each is held in memory, and copied."""
CROWDED = (
    "Sekarang terlalu banyak orang mengirim berkas. Kembali, lalu kirim lagi sebentar lagi, atau "
    "kirim tanpa berkas.\n\n"
    "Too many people are sending files now. Go back and send it again in a moment, or without "
    "a file.\n"
)
_TEXT = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]


class Bounded:
    """An ASGI application that is handed a whole body of at most so many bytes, or none.

    ``larger`` is asked, of a request that sends more, how many bytes more it may send: 0 for almost
    all. What it has sent until then is all that is held of it. Of such requests an address takes a
    few at a time, until they are answered; others are told to come again.
    """

    def __init__(
        self,
        app: App,
        most: int,
        seconds: float = PATIENCE_SECONDS,
        larger: Larger | None = None,
    ) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._larger = larger
        self._large: Counter[str] = Counter()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Read the body first, in memory; then ask the application."""
        if scope["type"] != "http":
            return
        large: list[str] = []
        try:
            await self._answer(scope, receive, send, large)
        finally:
            self._large.subtract(large)
            self._large += Counter()  # whoever is gone leaves no zero behind

    async def _answer(
        self, scope: dict[str, Any], receive: Receive, send: Send, large: list[str]
    ) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._whole(scope, receive, large)
        except TimeoutError:
            await _refuse(send, 408, "This took too long to arrive; send it again.")
            return
        except _Crowded:
            await _refuse(send, 503, CROWDED)
            return
        if body is None:
            await _refuse(send, 413, "This is too much at once; write less.")
            return
        first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return first.pop() if first else await receive()

        await self._app(scope, again, send)

    async def _whole(
        self, scope: dict[str, Any], receive: Receive, large: list[str]
    ) -> bytes | None:
        body, most, larger = bytearray(), self._most, self._larger
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return bytes(body)
            body += message.get("body", b"")
            if len(body) > most and larger:
                most, larger = most + await larger(scope), None
                if len(body) <= most:
                    self._enter(str(scope.get("path", "")), large)
            if len(body) > most:
                return None
            if not message.get("more_body", False):
                return bytes(body)

    def _enter(self, path: str, large: list[str]) -> None:
        if self._large[path] >= LARGE_AT_ONCE:
            raise _Crowded
        self._large[path] += 1
        large.append(path)


class _Crowded(Exception):  # noqa: N818 - no error: there is no room now
    """Too many send much to the same address."""


async def _refuse(send: Send, status: int, text: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _TEXT})
    await send({"type": "http.response.body", "body": text.encode()})
