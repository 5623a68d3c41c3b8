"""The box structure of MP4 and AVIF files (ISO/IEC 14496-12, section 4.2), for what hides in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.errors import BrokenMedia
from perisai.media import extras

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"udta"})
_PICTURES_AND_SOUND = frozenset({b"mdat", b"ftyp", b"styp", b"sidx", b"mfra", b"ssix", b"prft"})
_TOP = frozenset(
    {*_PICTURES_AND_SOUND, b"moov", b"moof", b"meta", b"free", b"skip", b"wide", b"uuid", b"udta",
     b"pnot", b"emsg", b"pdin", b"PICT", b"meco", b"grpl"}
)  # fmt: skip
"""What may stand at the top of a file; anything else does not belong to it."""
_AT_MOST = 20_000
"""Boxes looked at; a long fragmented film has a few thousand."""
_DEEPEST = 6


def look_around(data: bytes) -> tuple[list[str], bool]:
    """Return what the boxes hold besides the film, and whether the file ends too early."""
    notes: list[str] = []
    end = 0
    for kind, start, stop in boxes(data, 0, len(data)):
        if stop < 0 or kind not in _TOP:
            break
        if stop > len(data):
            return [*notes, *extras.archive(data)], True
        notes += _inside(data, kind, start, stop, 0)
        end = stop
    notes += extras.after_end(data, end)
    notes += extras.archive(data)
    return list(dict.fromkeys(notes)), False


def check_claims(data: bytes) -> None:
    """Raise :class:`BrokenMedia` if the sample tables claim more samples than there are bytes.

    FFmpeg allocates for what a track run or a table of equal sizes claims, and a hundred bytes can
    claim gigabytes. The tables are searched for instead of walked to, since FFmpeg finds its way
    through box sizes that contradict one another.
    """
    claimed = 0
    for kind, at in ((b"trun", 4), (b"stsz", 8)):
        place = data.find(kind, 4)
        while place >= 0:
            length = int.from_bytes(data[place - 4 : place])
            content = place + (12 if length == 1 else 4)  # 1: eight more bytes hold the length
            count = int.from_bytes(data[content + at : content + at + 4])
            own_sizes = kind == b"stsz" and not any(data[content + 4 : content + 8])
            # The highest byte of the box's length is 0, or these are pixels that spell a name.
            if length < 1 << 24 and not own_sizes:
                claimed += count
            place = data.find(kind, place + 4)
    if claimed > len(data):
        raise BrokenMedia(
            f"The file claims {claimed:,} samples, more than it has bytes; get a whole copy."
        )


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
