"""PNG and APNG: pixels, animation and colours; of eXIf the orientation.

Format: "Portable Network Graphics, third edition" (W3C, 2025), section 11.
"""

from __future__ import annotations

import zlib

from perisai.gateway.stripping.orientation import only_orientation
from perisai.media.sniff import PNG_SIGNATURE

_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT",
     b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI"}
)  # fmt: skip


def strip_png(data: bytes) -> bytes:
    """Return the PNG without texts, times, unknown chunks and what follows its end."""
    kept = [PNG_SIGNATURE]
    position = len(PNG_SIGNATURE)
    turned = False
    while position + 8 <= len(data):
        kind = data[position + 4 : position + 8]
        end = position + 12 + int.from_bytes(data[position : position + 4])
        if kind in _KEPT:
            kept.append(data[position:end])
        elif kind == b"eXIf" and not turned:
            turned = True
            kept.append(_turn(data[position + 8 : end - 4]))
        position = end
        if kind == b"IEND":
            break
    return b"".join(kept)


def _turn(exif: bytes) -> bytes:
    body = only_orientation(exif)
    if not body:
        return b""
    return len(body).to_bytes(4) + b"eXIf" + body + zlib.crc32(b"eXIf" + body).to_bytes(4)
