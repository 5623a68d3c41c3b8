"""The box structure of MP4 and AVIF files (ISO/IEC 14496-12, section 4.2), for what hides in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.media import extras

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"udta"})
_PICTURES_AND_SOUND = frozenset({b"mdat", b"ftyp", b"styp", b"sidx", b"mfra", b"ssix", b"prft"})
_AT_MOST = 20_000
"""Boxes looked at; a long fragmented film has a few thousand."""
_DEEPEST = 6


def look_around(data: bytes) -> tuple[list[str], bool]:
    """Return what the boxes hold besides the film, and whether the file ends too early."""
    notes: list[str] = []
    end = 0
    for kind, start, stop in boxes(data, 0, len(data)):
        if stop < 0 or not _is_box_name(kind):
            break
        if stop > len(data):
            return [*notes, *extras.archive(data)], True
        notes += _inside(data, kind, start, stop, 0)
        end = stop
    notes += extras.after_end(data, end)
    notes += extras.archive(data)
    return list(dict.fromkeys(notes)), False


def boxes(data: bytes, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start of the content and end of each box; an impossible size ends at -1."""
    for _ in range(_AT_MOST):
        if position + 8 > end:
            return
        length = int.from_bytes(data[position : position + 4])
        kind = data[position + 4 : position + 8]
        start = position + 8
        if length == 1 and start + 8 <= end:
            length = int.from_bytes(data[start : start + 8])
            start += 8
        stop = end if length == 0 else position + length
        yield kind, start, stop if stop >= start else -1
        if stop < start:
            return
        position = stop


def _inside(data: bytes, kind: bytes, start: int, stop: int, depth: int) -> Iterator[str]:
    """Describe what one box holds, if it is not the film itself."""
    if kind in _PICTURES_AND_SOUND:
        return
    if kind in _CONTAINERS and depth < _DEEPEST:
        for inner, begin, end in boxes(data, start, stop):
            if 0 <= end <= stop:
                yield from _inside(data, inner, begin, end, depth + 1)
    elif kind in (b"free", b"skip", b"wide", b"uuid", b"meta", b"\xa9cmt") or depth == 0:
        name = kind.decode("latin-1")
        yield from extras.within(data, start, stop, f"in a box {name!r}")


def _is_box_name(kind: bytes) -> bool:
    return all(32 <= byte < 127 or byte == 0xA9 for byte in kind)
