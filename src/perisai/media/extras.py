"""What a file carries besides the pictures that it displays, in words for people.

A polyglot is screened as what a browser would show; the rest is named here, so that a reviewer
knows to look. Ordinary metadata (EXIF, XMP, ICC profiles, the thumbnails within them) is not named:
nearly every photograph has some. Nothing here changes a verdict, so that a search may be cheap and
shallow.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perisai.media.sniff import SIGNATURES, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKUP = re.compile(
    rb"<(?:script|svg|html|iframe|object|embed|body|!doctype\s+html|\?php)\b|javascript:",
    re.IGNORECASE,
)
_MARKUP_WITHIN = 4 * 1024 * 1024
_PADDING = b"\x00\t\n\r \xff"
_ZIP_END = b"PK\x05\x06"
_ZIP_END_SIZE = 22
_ZIP_END_WITHIN = 65_535 + _ZIP_END_SIZE
_NAMED_AT_MOST = 3


def after_end(data: bytes, end: int) -> Iterator[str]:
    """Describe what follows the byte at which the displayed file ends."""
    rest = len(data) - end
    if rest <= 0 or not data[end:].strip(_PADDING):
        return
    named = list(within(data, end, len(data), "after the end"))
    yield from named
    if not named and _zip_directory(data) is None:
        yield f"{rest:,} bytes of unknown data after the end (byte {end})"


def within(data: bytes, start: int, end: int, where: str) -> Iterator[str]:
    """Describe pictures and markup between two bytes, a part of the file that ``where`` names."""
    end = min(end, len(data))
    for position, name in _pictures(data, start, end)[:_NAMED_AT_MOST]:
        yield f"second {name} at byte {position}, {where}"
    markup = _MARKUP.search(data, start, min(end, start + _MARKUP_WITHIN))
    if markup:
        yield f"HTML, SVG or script at byte {markup.start()}, {where}"


def markup_in(text: bytes, where: str) -> Iterator[str]:
    """Say so if ``text``, unpacked from some part of the file, holds markup."""
    if _MARKUP.search(text, 0, _MARKUP_WITHIN):
        yield f"HTML, SVG or script {where}"


def archive(data: bytes) -> Iterator[str]:
    """Describe a ZIP archive that ends with the file, wherever it begins."""
    found = _zip_directory(data)
    if found:
        position, entries = found
        yield f"ZIP archive ({entries} files, directory at byte {position})"


def _pictures(data: bytes, start: int, end: int) -> list[tuple[int, str]]:
    """Return the first of each kind of displayable file, in the order of their places."""
    found: dict[int, str] = {}
    for signature in SIGNATURES:
        position = signature.find(data, start, end)
        if position >= 0:
            found[position] = name_of(data, position)
    return sorted(found.items())


def _zip_directory(data: bytes) -> tuple[int, int] | None:
    """Return where a ZIP's central directory is and how many files it lists (APPNOTE 4.3.16)."""
    end = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_END_WITHIN))
    if end < 0 or end + _ZIP_END_SIZE > len(data):
        return None
    entries = int.from_bytes(data[end + 10 : end + 12], "little")
    size = int.from_bytes(data[end + 12 : end + 16], "little")
    position = end - size  # offsets count from the archive's own start, which is unknown
    if entries and position >= 0 and data[position : position + 4] == b"PK\x01\x02":
        return position, entries
    return None
