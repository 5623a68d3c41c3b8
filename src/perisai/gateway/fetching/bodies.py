"""Read the body of an answer without believing how long it says it is."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from perisai.errors import FetchRefused, UpstreamError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

_EITHER = 32 + zlib.MAX_WBITS
"""zlib finds out by itself whether a gzip or a zlib header comes."""


class Inflating:
    """Undo ``gzip`` or ``deflate``, never giving more than ``limit`` bytes in all."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._stream = zlib.decompressobj(_EITHER)

    def feed(self, data: bytes) -> bytes:
        """What comes out for these bytes; raises ValueError beyond the limit, zlib.error else."""
        out = bytearray()
        while data:
            if self._stream.eof:  # gzip may hold several members, one after another
                self._stream = zlib.decompressobj(_EITHER)
            out += self._stream.decompress(data, self._left - len(out) + 1)
            if len(out) > self._left:
                raise ValueError
            data = self._stream.unconsumed_tail or self._stream.unused_data
        self._left -= len(out)
        return bytes(out)

    @property
    def whole(self) -> bool:
        """Whether the end of the compressed data was seen."""
        return self._stream.eof


def header(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str:
    """The first header of this (lower-case) name, as text; empty if there is none."""
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), "")


async def read_body(
    parts: AsyncIterator[bytes],
    headers: Sequence[tuple[bytes, bytes]],
    limit: int,
    host: str,
) -> bytes:
    """All bytes of a body, decompressed, as long as neither form is longer than ``limit``.

    Raises FetchRefused for one that is longer, or compressed in a way that was not asked for;
    UpstreamError for one whose compression is broken.
    """
    too_large = FetchRefused(f"What {host} sends is larger than {limit} bytes.")
    length = header(headers, b"content-length")
    if length.isascii() and length.isdigit() and int(length[:20]) > limit:
        raise too_large
    encoding = header(headers, b"content-encoding").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise FetchRefused(f"{host} compresses its answer in a way that was not asked for.")
    inflating = None if encoding in ("", "identity") else Inflating(limit)
    body = bytearray()
    received = 0
    try:
        async for part in parts:
            received += len(part)
            if received > limit:
                raise too_large
            body += inflating.feed(part) if inflating else part
    except ValueError:
        raise too_large from None
    except zlib.error:
        raise UpstreamError(f"The compression of what {host} sends is broken.") from None
    if inflating and received and not inflating.whole:
        raise UpstreamError(f"The compression of what {host} sends is broken.")
    return bytes(body)
