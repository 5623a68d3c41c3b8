"""The elements of a WebM file (RFC 8794, RFC 9559), for what hides between its clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.media import extras

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEGMENT = 0x18538067
_EBML_HEADER = 0x1A45DFA3
_NAMES = {0xEC: "a Void element", 0x1941A469: "an attachment", 0x1254C367: "the tags"}
_AT_MOST = 100_000


def look_around(data: bytes) -> tuple[list[str], bool]:
    """Return what the file holds besides its film, and whether it ends too early."""
    notes: list[str] = []
    end = 0
    truncated = False
    for name, start, stop in _elements(data, 0, len(data)):
        if name == _SEGMENT:
            truncated = stop is not None and stop > len(data)
            inner_end = len(data) if stop is None else min(stop, len(data))
            for inner, inner_start, inner_stop in _elements(data, start, inner_end):
                if inner in _NAMES and inner_stop is not None:
                    notes += extras.within(data, inner_start, inner_stop, f"in {_NAMES[inner]}")
        elif name == 0xEC and stop is not None:
            notes += extras.within(data, start, stop, "in a Void element")
        elif name != _EBML_HEADER:
            break
        if stop is None or stop > len(data):  # of unknown length: it takes all that follows
            end = len(data)
            break
        end = stop
    notes += extras.after_end(data, end)
    notes += extras.archive(data)
    return list(dict.fromkeys(notes)), truncated


def _elements(data: bytes, position: int, end: int) -> Iterator[tuple[int, int, int | None]]:
    """Yield ID, start of the content and end of each element; no end if its length is unknown."""
    for _ in range(_AT_MOST):
        name, start = _number(data, position, end, keep_marker=True)
        size, start = _number(data, start, end, keep_marker=False) if name else (None, start)
        if name is None or size is None:
            return
        width = start - position - (name.bit_length() + 7) // 8
        if size == (1 << 7 * width) - 1:
            yield name, start, None
            return
        yield name, start, start + size
        position = start + size


def _number(data: bytes, position: int, end: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """Read a number of variable length (RFC 8794, section 4); None where there is none."""
    if position >= end or not data[position]:
        return None, position
    width = 9 - data[position].bit_length()
    if position + width > end:
        return None, position
    value = int.from_bytes(data[position : position + width])
    return (value if keep_marker else value & ((1 << 7 * width) - 1)), position + width
