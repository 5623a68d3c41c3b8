"""Of EXIF data only the orientation changes the picture.

Format: TIFF 6.0, section 2; Exif 3.0, section 4.6.5 (tag 0x0112, a SHORT from 1 to 8).
"""

from __future__ import annotations

_TAG, _SHORT = 0x0112, 3
_ENTRIES_AT_MOST = 1_000


def only_orientation(exif: bytes) -> bytes:
    """Return EXIF data (from ``II`` or ``MM`` on) that says how to turn the picture, and no more.

    Nothing at all if the picture stands upright, or says nothing that is understood.
    """
    value = _orientation(exif)
    if not 2 <= value <= 8:
        return b""
    entry = _TAG.to_bytes(2) + _SHORT.to_bytes(2) + (1).to_bytes(4) + value.to_bytes(2) + bytes(2)
    return b"MM\0\x2a" + (8).to_bytes(4) + (1).to_bytes(2) + entry + bytes(4)


def _orientation(exif: bytes) -> int:
    if exif[:4] not in (b"II\x2a\0", b"MM\0\x2a"):
        return 0

    def number(at: int, size: int) -> int:
        return int.from_bytes(exif[at : at + size], "little" if exif[0] == 0x49 else "big")

    directory = number(4, 4)
    for index in range(min(number(directory, 2), _ENTRIES_AT_MOST)):
        entry = directory + 2 + 12 * index
        if number(entry, 2) == _TAG and number(entry + 2, 2) == _SHORT:
            return number(entry + 8, 2)
    return 0
