"""How the service and those who ask it speak: frames over a Unix socket.

A frame is two big-endian 32-bit numbers (bytes of the head, bytes of the body), the head as JSON
and the body as it is. Both numbers are checked before anything of that size is read.

A request's head has ``id`` (a whole number that comes back in the answer) and ``kind``:

- ``hello``: ``version`` of this protocol; answered with what the service is,
- ``screen``: ``name``, ``urgent``, ``whole`` (the whole result, too); the body is the file,
- ``basis``: what evidence given now would rest on,
- ``status``: what it is doing,
- ``cancel``: the request ``id`` is not wanted any more; never answered.

An answer's head has ``id`` and ``ok``. If ok, the body is JSON; else the head has ``code``,
``message``, and ``retry_after`` in seconds where it helps to come back.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    import asyncio

VERSION = 1
HEAD_MOST = 16 * 1024
"""Bytes of a head, either way."""
ANSWER_MOST = 64 * 1024 * 1024
"""Bytes of an answer's body: far more than all findings on the longest clip."""
READ_AHEAD = 1024 * 1024
"""Bytes that a connection holds before they are asked for."""

_PREFIX = struct.Struct(">II")
_CHUNK = 256 * 1024
_CREDENTIALS = struct.Struct("3i")


class FrameError(ValueError):
    """The other side does not speak this protocol; the connection is of no more use."""


def encode(head: dict[str, Any], body_size: int = 0) -> bytes:
    """Return a frame but for its body, which is to follow at once."""
    text = orjson.dumps(head)
    return _PREFIX.pack(len(text), body_size) + text


async def read_prefix(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Wait for a frame; returns the sizes of its head and body. Raises IncompleteReadError."""
    head_size, body_size = _PREFIX.unpack(await reader.readexactly(_PREFIX.size))
    return head_size, body_size


async def read_head(reader: asyncio.StreamReader, size: int) -> dict[str, Any]:
    """Read a head of ``size`` bytes. Raises FrameError if it is none, IncompleteReadError."""
    if not 0 < size <= HEAD_MOST:
        raise FrameError(f"a head of {size} bytes was announced; the limit is {HEAD_MOST}")
    head = read_json(await reader.readexactly(size))
    number = head.get("id")
    if type(number) is not int or number < 0:
        raise FrameError("a head must have a whole number as its id")
    return head


def read_json(data: bytes) -> dict[str, Any]:
    """Read a JSON object; raises FrameError."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise FrameError("what was sent is not JSON") from error
    if not isinstance(value, dict):
        raise FrameError("what was sent is not a JSON object")
    return value


async def pass_over(reader: asyncio.StreamReader, size: int) -> None:
    """Read ``size`` bytes and keep none of them. Raises IncompleteReadError."""
    while size:
        size -= len(await reader.readexactly(min(size, _CHUNK)))


def peer_user(sock: Any) -> int | None:  # noqa: ANN401 - asyncio's own kind of socket, or a plain one
    """The user number of the process at the other end; None where the system cannot say."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    data = sock.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(data)[1])
