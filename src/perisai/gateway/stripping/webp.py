"""WebP: pictures, animation and colour profile (RFC 9649, section 2)."""

from __future__ import annotations

_HEADER = 12
_FRAME_HEADER = 16
_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"})
_IN_FRAME = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_METADATA_FLAGS = 0x08 | 0x04
"""EXIF and XMP."""


def strip_webp(data: bytes) -> bytes:
    """Return the WebP without EXIF, XMP, unknown chunks and what follows its end."""
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    body, missing = _chunks(data, _HEADER, end, _KEPT)
    # A file whose tail is missing goes on saying so: readers mend it as before.
    size = 4 + len(body) + missing
    return b"RIFF" + size.to_bytes(4, "little") + b"WEBP" + body


def _chunks(data: bytes, position: int, end: int, wanted: frozenset[bytes]) -> tuple[bytes, int]:
    """Return the wanted chunks between two bytes, and how many bytes the last one lacks."""
    kept: list[bytes] = []
    missing = 0
    while position + 8 <= end:
        kind = data[position : position + 4]
        start = position + 8
        length = int.from_bytes(data[position + 4 : start], "little")
        stop = start + length
        if kind in wanted:
            body = data[start : min(stop, end)]
            missing = max(0, stop - end)
            if not missing:
                body = _content(kind, body)
                length = len(body)
                body += bytes(length % 2)
            kept.append(kind + length.to_bytes(4, "little") + body)
        position = stop + (stop - start) % 2
    return b"".join(kept), missing


def _content(kind: bytes, body: bytes) -> bytes:
    if kind == b"VP8X" and body:
        return bytes((body[0] & ~_METADATA_FLAGS,)) + body[1:]
    if kind == b"ANMF" and len(body) > _FRAME_HEADER:
        inner, missing = _chunks(body, _FRAME_HEADER, len(body), _IN_FRAME)
        if inner and not missing:
            return body[:_FRAME_HEADER] + inner
    return body
