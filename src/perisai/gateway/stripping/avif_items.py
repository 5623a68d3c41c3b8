"""The Exif and XMP items of an AVIF are blanked where they stand (ISO/IEC 14496-12, section 8.11).

Their place in the tables stays, since numbers of items refer to one another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.media.boxes import boxes

if TYPE_CHECKING:
    from collections.abc import Iterator

_META_HEADER = 4
"""A full box: version and flags."""
_NO_EXIF = bytes(4) + b"MM\0\x2a" + (8).to_bytes(4) + bytes(6)
"""An Exif item (ISO/IEC 23008-12, annex A.2.1): its header's offset, and TIFF without entries."""
_AT_MOST = 1_000


def blank_items(data: bytes, out: bytearray, start: int, stop: int) -> None:
    """Blank metadata in the ``meta`` box whose content lies between two bytes; ``out`` changes."""
    inner: dict[bytes, tuple[int, int]] = {}
    for kind, inner_start, inner_stop in boxes(data, start + _META_HEADER, stop):
        if not 0 <= inner_stop <= stop:
            break
        inner.setdefault(kind, (inner_start, inner_stop))
        if kind in (b"free", b"skip", b"uuid", b"udta"):
            out[inner_start:inner_stop] = bytes(inner_stop - inner_start)
        elif kind == b"hdlr":
            out[inner_start + 24 : inner_stop] = bytes(max(0, inner_stop - inner_start - 24))
    kinds = _metadata(data, *inner.get(b"iinf", (0, 0)))
    held = inner.get(b"idat", (0, 0))[0]
    for item, within, offset, length in _places(data, *inner.get(b"iloc", (0, 0))):
        if item not in kinds or (within and not held):
            continue
        begin = offset + (held if within else 0)
        end = min(begin + length, len(data))
        if 0 < begin < end:
            filling = _NO_EXIF if kinds[item] == b"Exif" else b""
            out[begin:end] = (filling + bytes(end - begin))[: end - begin]


def _metadata(data: bytes, start: int, stop: int) -> dict[int, bytes]:
    """Return the numbers and kinds of the items that are metadata, from the ``iinf`` box."""
    found: dict[int, bytes] = {}
    entries = start + (6 if data[start : start + 1] == b"\0" else 8)
    for kind, inner, _ in boxes(data, entries, stop):
        version = data[inner] if kind == b"infe" and inner < stop else 0
        if version not in (2, 3):
            continue
        width = 2 if version == 2 else 4
        name = data[inner + 4 + width + 2 : inner + 4 + width + 6]
        if name in (b"Exif", b"mime", b"uri "):
            found[int.from_bytes(data[inner + 4 : inner + 4 + width])] = name
    return found


def _places(data: bytes, start: int, stop: int) -> Iterator[tuple[int, bool, int, int]]:
    """Yield item, whether it lies in ``idat``, offset and length of each extent, from ``iloc``."""
    if stop - start < 8:
        return
    version, sizes = data[start], int.from_bytes(data[start + 4 : start + 6])
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in (1, 2) else 0
    position = start + 6

    def number(size: int) -> int:
        nonlocal position
        position += size
        return int.from_bytes(data[position - size : position])

    wide = 4 if version == 2 else 2
    for _ in range(min(number(wide), _AT_MOST)):
        item = number(wide)
        method = number(2) & 15 if version in (1, 2) else 0
        number(2)
        base = number(base_size)
        for _ in range(min(number(2), _AT_MOST)):
            number(index_size)
            offset, length = number(offset_size), number(length_size)
            if position > stop:
                return
            if method in (0, 1):
                yield item, method == 1, base + offset, length
