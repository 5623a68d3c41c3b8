"""Which part of a file a client wants (RFC 9110, section 14)."""

from __future__ import annotations

import re

_SPEC = re.compile(r"(\d{0,15})-(\d{0,15})")


class Unsatisfiable(Exception):  # noqa: N818 - named for what it is
    """The file has no such part: status 416."""


def wanted_part(header: str | None, size: int) -> tuple[int, int] | None:
    """Return first byte and the one after the last; None for the whole file.

    A unit other than bytes, and more than one range, mean the whole, as the standard allows.
    Raises Unsatisfiable for a range that is malformed or lies outside of the file.
    """
    unit, found, text = (header or "").partition("=")
    if not found or unit.strip().lower() != "bytes" or "," in text:
        return None
    spec = _SPEC.fullmatch(text.strip())
    if spec is None or not any(spec.groups()):
        raise Unsatisfiable
    first, last = spec[1], spec[2]
    if not first:  # so many bytes at the end
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(int(last) + 1, size) if last else size
    if start >= stop:
        raise Unsatisfiable
    return start, stop
