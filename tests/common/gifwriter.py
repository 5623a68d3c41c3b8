"""Write GIFs block by block, well-formed or not, so that tests know every byte that they read."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TRAILER = b"\x3b"


def header(
    width: int,
    height: int,
    palette: Sequence[tuple[int, int, int]] | None = None,
    background: int = 0,
    version: bytes = b"GIF89a",
) -> bytes:
    """Return the header and logical screen descriptor, with a global palette if one is given."""
    flags, table = _table(palette)
    return version + struct.pack("<HHBBB", width, height, flags, background, 0) + table


def control(disposal: int = 0, delay: int = 10, transparent: int | None = None) -> bytes:
    """Return a graphic control extension; ``delay`` is in hundredths of a second."""
    flags = disposal << 2 | (transparent is not None)
    return b"\x21\xf9\x04" + struct.pack("<BHBB", flags, delay, transparent or 0, 0)


def image(
    rows: Sequence[Sequence[int]],
    left: int = 0,
    top: int = 0,
    palette: Sequence[tuple[int, int, int]] | None = None,
    interlaced: bool = False,
    code_size: int = 8,
    size: tuple[int, int] | None = None,
    keep_bytes: int | None = None,
    terminator: bool = True,
) -> bytes:
    """Return an image of the palette indices ``rows``.

    ``size`` overrides the size in the descriptor, ``keep_bytes`` cuts the compressed data there,
    and without ``terminator`` the sub-blocks just end.
    """
    height = len(rows)
    width = len(rows[0]) if rows else 0
    flags, table = _table(palette)
    order = interlaced_order(height) if interlaced else range(height)
    indices = [index for row in order for index in rows[row]]
    data = pack(indices, code_size)[:keep_bytes]
    return (
        b"\x2c"
        + struct.pack("<HHHHB", left, top, *(size or (width, height)), flags | 0x40 * interlaced)
        + table
        + bytes([code_size])
        + sub_blocks(data, terminator=terminator)
    )


def extension(label: int, data: bytes) -> bytes:
    """Return an extension with ``data`` in sub-blocks (0xFE comment, 0xFF application, ...)."""
    return bytes([0x21, label]) + sub_blocks(data)


def sub_blocks(data: bytes, *, terminator: bool = True) -> bytes:
    """Cut ``data`` into blocks of at most 255 bytes with their lengths."""
    blocks = (data[i : i + 255] for i in range(0, len(data), 255))
    return b"".join(bytes([len(b)]) + b for b in blocks) + b"\0" * terminator


def pack(indices: Sequence[int], code_size: int = 8) -> bytes:
    """Compress with LZW that never grows its codes: a clear code before they would."""
    clear, end = 1 << code_size, (1 << code_size) + 1
    room = (1 << code_size) - 2
    codes = []
    for at, index in enumerate(indices):
        if at % room == 0:
            codes.append(clear)
        codes.append(index)
    return pack_codes([*codes, end], code_size + 1)


def pack_codes(codes: Sequence[int], bits: int) -> bytes:
    """Pack codes of a fixed width, least significant bit first."""
    value = 0
    for at, code in enumerate(codes):
        value |= code << at * bits
    return value.to_bytes((len(codes) * bits + 7) // 8, "little")


def interlaced_order(height: int) -> list[int]:
    """Return the rows in the order in which an interlaced image stores them."""
    passes = ((0, 8), (4, 8), (2, 4), (1, 2))
    return [row for start, step in passes for row in range(start, height, step)]


def solid(width: int, height: int, index: int) -> list[list[int]]:
    """Return the rows of a picture in one colour."""
    return [[index] * width for _ in range(height)]


def _table(palette: Sequence[tuple[int, int, int]] | None) -> tuple[int, bytes]:
    """Return the flags and bytes of a colour table, padded with black to a power of two."""
    if palette is None:
        return 0, b""
    bits = max(1, (len(palette) - 1).bit_length())
    colours = [*palette, *[(0, 0, 0)] * ((1 << bits) - len(palette))]
    return 0x80 | (bits - 1), bytes(value for colour in colours for value in colour)
