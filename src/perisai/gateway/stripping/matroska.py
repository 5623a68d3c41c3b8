"""WebM: metadata becomes Void elements of the same size, since seeking is by offsets.

Format: RFC 8794 (EBML), RFC 9559 (Matroska). Tracks that hold no pictures go, too, with their
blocks: nobody screens them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADER, _SEGMENT, _VOID, _CRC = 0x1A45DFA3, 0x18538067, 0xEC, 0xBF
_INFO, _TRACKS, _TRACK, _CLUSTER = 0x1549A966, 0x1654AE6B, 0xAE, 0x1F43B675
_MASTERS = frozenset({_INFO, _TRACKS, _TRACK, _CLUSTER})
_GONE = frozenset(
    {_VOID, _CRC,
     0x1254C367, 0x1941A469, 0x1043A770,  # Tags, Attachments, Chapters
     0x7BA9, 0x4461, 0x73A4, 0x7384, 0x3CB923, 0x3C83AB, 0x3EB923, 0x3E83BB,  # Title, DateUTC, IDs
     0x536E, 0x258688}  # Name, CodecName of a track
)  # fmt: skip
_WRITERS = frozenset({0x4D80, 0x5741})
"""MuxingApp and WritingApp must be there; they become spaces."""
_NUMBER, _KIND, _FILM = 0xD7, 0x83, 1
_SIMPLE_BLOCK, _GROUP, _BLOCK = 0xA3, 0xA0, 0xA1
_DEEPEST = 3
_AT_MOST = 1_000_000


def strip_webm(data: bytes) -> bytes:
    """Return the film without metadata, sound, subtitles and what follows its end."""
    out = bytearray(data)
    end = 0
    for name, begin, start, stop in _elements(data, 0, len(data)):
        if name == _VOID:
            _void(out, begin, stop)
        elif name == _SEGMENT:
            _master(data, out, start, stop, set())
        elif name != _HEADER:
            break
        end = stop
    return bytes(out[:end]) if end else data


def _master(
    data: bytes, out: bytearray, start: int, stop: int, silenced: set[int], depth: int = 0
) -> None:
    """Strip what stands in an element that holds others; ``silenced`` gathers tracks that went."""
    for name, begin, inner, end in _elements(data, start, stop):
        if name in _GONE or _is_unseen(data, name, inner, end, silenced):
            _void(out, begin, end)
        elif name in _WRITERS:
            out[inner:end] = b" " * (end - inner)
        elif name in _MASTERS and depth < _DEEPEST:
            _master(data, out, inner, end, silenced, depth + 1)


def _is_unseen(data: bytes, name: int, start: int, stop: int, silenced: set[int]) -> bool:
    """Whether this is a track without pictures, or a block of one."""
    if name == _TRACK:
        held = {each: data[inner:end] for each, _, inner, end in _elements(data, start, stop)}
        if _KIND not in held or int.from_bytes(held[_KIND]) == _FILM:
            return False
        silenced.add(int.from_bytes(held.get(_NUMBER, b"")))
        return True
    if not silenced:
        return False
    if name == _GROUP:
        blocks = (inner for each, _, inner, _ in _elements(data, start, stop) if each == _BLOCK)
        start = next(blocks, stop)
    elif name != _SIMPLE_BLOCK:
        return False
    return _number(data, start, stop, keep_marker=False)[0] in silenced


def _void(out: bytearray, begin: int, end: int) -> None:
    """Put an element of the same size there that says nothing; two bytes are the smallest."""
    size = end - begin
    if size < 2:
        return
    if size < 10:
        head = bytes((_VOID, 0x80 | (size - 2)))
    else:
        head = bytes((_VOID, 0x01)) + (size - 9).to_bytes(7)
    out[begin:end] = head + bytes(size - len(head))


def _elements(data: bytes, position: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield ID, begin, start of content and end of each element between two bytes.

    A segment or cluster of unknown length ends with what it stands in; of a cluster the content
    comes next, as if it stood beside it. An element that does not fit ends the walk.
    """
    for _ in range(_AT_MOST):
        name, at = _number(data, position, end, keep_marker=True)
        size, start = _number(data, at, end, keep_marker=False)
        if not name or start <= at:
            return
        unknown = size == (1 << 7 * (start - at)) - 1
        if unknown and name not in (_SEGMENT, _CLUSTER):
            return
        stop = end if unknown else start + size
        if stop > end and name not in (_SEGMENT, _CLUSTER):
            return
        stop = start if unknown and name == _CLUSTER else min(stop, end)
        yield name, position, start, stop
        position = stop
        if position >= end:
            return


def _number(data: bytes, position: int, end: int, *, keep_marker: bool) -> tuple[int, int]:
    """Read a number of variable length; where there is none, nothing is read."""
    if position >= end or not data[position]:
        return 0, position
    width = 9 - data[position].bit_length()
    if position + width > end:
        return 0, position
    value = int.from_bytes(data[position : position + width])
    return (value if keep_marker else value & ((1 << 7 * width) - 1)), position + width
