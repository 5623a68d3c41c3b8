"""JPEG: the picture, its colour profile, and how it is turned.

Format: ITU-T T.81, annex B; T.871 (JFIF); ICC.1, annex B.4. The walk is that of
perisai.media.still, so that the same scans are seen.
"""

from __future__ import annotations

from perisai.gateway.stripping.orientation import only_orientation

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_ALONE = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
_JFIF_SIZE, _ADOBE_SIZE = 14, 12
"""Bytes of the content without what may follow it: a thumbnail, or anything."""


def strip_jpeg(data: bytes) -> bytes:
    """Return the JPEG without metadata, comments, thumbnails and what follows its end."""
    kept, position = [data[:2]], 2
    turned = False
    while 0 <= position < len(data) - 1:
        marker = data[position + 1]
        if data[position] != 0xFF or marker == 0xFF:
            position = data.find(b"\xff", position + 1)
        elif marker == _EOI:
            kept.append(b"\xff\xd9")
            break
        elif marker in _ALONE or marker == 0:
            position += 2
        elif (length := int.from_bytes(data[position + 2 : position + 4])) < 2:
            position += 2  # a length counts itself: what says less is no segment, and is not kept
        else:
            end = position + 2 + length
            after = _after_scan(data, end) if marker == _SOS else end
            if marker in _APPLICATION:
                body = data[position + 4 : end]
                exif = marker == 0xE1 and body.startswith(b"Exif\0")
                if not (exif and turned):
                    kept.append(_application(marker, body))
                turned |= exif
            elif marker != _COM:
                kept.append(data[position : after if after >= 0 else len(data)])
            position = after
    return b"".join(kept)


def _application(marker: int, body: bytes) -> bytes:
    """Return what is kept of an application segment."""
    if marker == 0xE1 and body.startswith(b"Exif\0"):
        turn = only_orientation(body[6:])
        return _segment(marker, b"Exif\0\0" + turn) if turn else b""
    if body.startswith(b"JFIF\0") and len(body) >= _JFIF_SIZE:
        return _segment(marker, body[: _JFIF_SIZE - 2] + b"\0\0")  # a thumbnail of no size
    if body.startswith(b"Adobe"):
        return _segment(marker, body[:_ADOBE_SIZE])
    if body.startswith(b"ICC_PROFILE\0"):
        return _segment(marker, body)
    return b""


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def _after_scan(data: bytes, position: int) -> int:
    """Return where the next marker stands after entropy-coded data; -1 if there is none."""
    while True:
        position = data.find(b"\xff", position)
        if position < 0 or position + 1 >= len(data):
            return -1
        following = data[position + 1]
        if following and following not in _ALONE and following != 0xFF:
            return position
        position += 1 if following == 0xFF else 2
