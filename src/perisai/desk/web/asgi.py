"""The desk as an ASGI application, with a limit on what a request may carry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.asgi import get_asgi_application

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_SAYS = json.dumps({"error": "too_large"}).encode()


def application(limit: int) -> App:
    """Return the desk. A body of more than ``limit`` bytes is answered with 413, and not read.

    Whoever sends no length is counted while they send: Django itself would write what is too long
    for memory to the disk, and files that officers give must never lie there.
    """
    desk: Any = get_asgi_application()

    async def limited(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        lengths = [value for name, value in scope["headers"] if name == b"content-length"]
        if lengths and (not lengths[0].isdigit() or int(lengths[0]) > limit):
            await _refuse(send)
            return
        body = await _read(receive, limit)
        if body is None:
            await _refuse(send)
            return
        await desk(scope, _again(body, receive), send)

    return limited


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None if it is longer than may be or never ends."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once, and then waits for the client to go."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _SAYS})
