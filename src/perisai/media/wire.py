"""How a decoding worker and its parent talk: a JSON header and raw arrays over a stream socket.

One envelope on the wire::

    4 bytes   b"PSW1"
    4 bytes   length of the header, little-endian
    n bytes   header, JSON: {"kind": str, "head": {}, "arrays": [[name, dtype, [side, ...]], ...]}
    ...       the arrays' bytes in that order: native byte order, C-contiguous, nothing in between

The worker reads bytes from strangers and may have been taken over, so the reader believes nothing:
every length is bounded before anything is allocated, only plain number types exist, and nothing is
ever unpickled. What does not fit is a :class:`WireError`.
"""

from __future__ import annotations

import json
import math
import select
import struct
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, cast

import numpy as np

if TYPE_CHECKING:
    import socket

    from numpy.typing import NDArray
    from typing_extensions import Buffer

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

_MAGIC = b"PSW1"
_PREFIX = struct.Struct("<4sI")
_DTYPES = {
    name: np.dtype(name) for name in ("uint8", "int16", "int32", "int64", "float32", "float64")
}
_MAX_DIMENSIONS = 8
_MAX_NAME = 64
SOCKET_BUFFER = 4 << 20
"""Bytes asked of the kernel for a send buffer; it grants what its own limit allows."""


class WireError(Exception):
    """What came over the wire is not what our own code would have sent."""


class WireClosed(WireError):  # noqa: N818 - an end, often a normal one
    """The other side has gone."""


@dataclass(frozen=True, slots=True)
class WireLimits:
    """The largest envelope accepted: bytes of header, bytes of all arrays, number of arrays."""

    header_bytes: int = 4 << 20
    body_bytes: int = 64 << 20
    arrays: int = 64


DEFAULT_LIMITS = WireLimits()


@dataclass(frozen=True, slots=True)
class Message:
    """One piece of a job's result: ``head`` is plain JSON, ``arrays`` are numbers by name.

    An array's type is one of uint8, int16, int32, int64, float32, float64.
    """

    head: dict[str, JSON]
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


def send(
    sock: socket.socket,
    kind: str,
    message: Message,
    *,
    limits: WireLimits = DEFAULT_LIMITS,
    deadline: float | None = None,
) -> None:
    """Write one envelope. ``deadline`` is a time of ``time.monotonic()``.

    Raises WireError if the message breaks the limits, WireClosed if nobody reads any more,
    TimeoutError after the deadline.
    """
    described: list[list[JSON]] = []
    views: list[memoryview] = []
    for name, given in message.arrays.items():
        if given.dtype.name not in _DTYPES:
            raise WireError(f"an array of {given.dtype} cannot be sent (name {name!r})")
        array = np.ascontiguousarray(given, dtype=_DTYPES[given.dtype.name])
        # ascontiguousarray makes a 0-d array 1-d; the shape that counts is the given one.
        described.append([name, array.dtype.name, list(given.shape)])
        if array.size:
            views.append(_bytes_of(array))
    try:
        text = json.dumps(
            {"kind": kind, "head": message.head, "arrays": described},
            allow_nan=False,
            separators=(",", ":"),
        )
    except (TypeError, ValueError, RecursionError) as exc:
        raise WireError(f"the head of a message is not JSON: {exc}") from exc
    header = text.encode()
    _check_arrays(described, limits)  # what we would refuse, we do not send
    if len(header) > limits.header_bytes:
        raise WireError(f"a header of {len(header)} bytes is too long")
    views.insert(0, memoryview(_PREFIX.pack(_MAGIC, len(header)) + header))
    _send_all(sock, views, deadline)


def receive(
    sock: socket.socket,
    *,
    limits: WireLimits = DEFAULT_LIMITS,
    deadline: float | None = None,
) -> tuple[str, Message]:
    """Read one envelope; returns its kind and message.

    Raises WireError on anything malformed or too large, WireClosed at the end of the stream,
    TimeoutError after the deadline (of ``time.monotonic()``), however slowly bytes trickle in.
    """
    prefix = bytearray(_PREFIX.size)
    _fill(sock, memoryview(prefix), deadline)
    magic, length = _PREFIX.unpack(prefix)
    if magic != _MAGIC or not 2 <= length <= limits.header_bytes:
        raise WireError("not an envelope, or its header is too long")
    header = bytearray(length)
    _fill(sock, memoryview(header), deadline)
    kind, head, described = _parse_header(header)
    arrays: dict[str, NDArray[Any]] = {}
    for name, dtype, shape in _check_arrays(described, limits):
        array = np.empty(shape, dtype)
        if array.size:
            _fill(sock, _bytes_of(array), deadline)
        arrays[name] = array
    return kind, Message(head, arrays)


def _bytes_of(array: NDArray[Any]) -> memoryview:
    """The memory of a C-contiguous array that is not empty."""
    return memoryview(cast("Buffer", array.reshape(-1).view(np.uint8)))


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _parse_header(raw: bytearray) -> tuple[str, dict[str, JSON], object]:
    try:
        header = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:  # ValueError covers bad UTF-8 and endless digits
        raise WireError("the header is not JSON") from exc
    if not isinstance(header, dict) or header.keys() != {"kind", "head", "arrays"}:
        raise WireError("the header has the wrong fields")
    kind, head = header["kind"], header["head"]
    if not isinstance(kind, str) or not isinstance(head, dict):
        raise WireError("the header's fields have the wrong types")
    return kind, head, header["arrays"]


def _check_arrays(
    described: object, limits: WireLimits
) -> list[tuple[str, np.dtype[Any], tuple[int, ...]]]:
    """Validate the whole description before the first array is allocated."""
    if not isinstance(described, list) or len(described) > limits.arrays:
        raise WireError("too many arrays")
    checked: list[tuple[str, np.dtype[Any], tuple[int, ...]]] = []
    total = 0
    for entry in described:
        if not isinstance(entry, list) or len(entry) != 3:
            raise WireError("an array is not described by name, type and shape")
        name, dtype, shape = entry
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME:
            raise WireError("an array's name is empty or too long")
        if not isinstance(dtype, str) or dtype not in _DTYPES:
            raise WireError("an array has a type that is not allowed")
        if not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
            raise WireError("an array's shape is not a short list")
        # bool is an int to isinstance, and no size.
        if any(type(side) is not int or not 0 <= side <= limits.body_bytes for side in shape):
            raise WireError("an array's shape holds something that is no size")
        # A side of 0 must not hide absurd other sides from NumPy's own overflow check.
        claimed = math.prod(max(side, 1) for side in shape) * _DTYPES[dtype].itemsize
        total += claimed
        if total > limits.body_bytes:
            raise WireError(f"the arrays are over {limits.body_bytes} bytes")
        checked.append((name, _DTYPES[dtype], tuple(shape)))
    if len({name for name, _, _ in checked}) != len(checked):
        raise WireError("two arrays have the same name")
    return checked


def _wait(sock: socket.socket, event: int, deadline: float | None) -> None:
    poll = select.poll()
    poll.register(sock, event)
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    # Rounded up: a wait of half a millisecond must not become a busy loop.
    poll.poll(None if left is None else math.ceil(left * 1000))


def _check_deadline(deadline: float | None) -> None:
    if deadline is not None and time.monotonic() >= deadline:
        raise TimeoutError


def _fill(sock: socket.socket, view: memoryview, deadline: float | None) -> None:
    at = 0
    while at < len(view):
        _check_deadline(deadline)
        try:
            got = sock.recv_into(view[at:])
        except BlockingIOError:
            _wait(sock, select.POLLIN, deadline)
            continue
        except OSError as exc:
            raise WireClosed("the other side has gone") from exc
        if not got:
            raise WireClosed("the other side has gone")
        at += got


def _send_all(sock: socket.socket, views: list[memoryview], deadline: float | None) -> None:
    views = [view for view in views if len(view)]
    while views:
        _check_deadline(deadline)
        try:
            sent = sock.sendmsg(views)
        except BlockingIOError:
            _wait(sock, select.POLLOUT, deadline)
            continue
        except OSError as exc:
            raise WireClosed("the other side has gone") from exc
        while views and sent >= len(views[0]):
            sent -= len(views.pop(0))
        if sent:
            views[0] = views[0][sent:]
