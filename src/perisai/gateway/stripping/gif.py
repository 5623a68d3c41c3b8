"""GIF: images, what controls them, and the loop count; no other extension, nothing behind the end.

Format: "Graphics Interchange Format, Version 89a", sections 17 to 27; the loop count is the
application extension NETSCAPE2.0 (or ANIMEXTS1.0). The walk is that of perisai.media.gif_blocks,
so that no image appears or vanishes.
"""

from __future__ import annotations

import re

_HEADER = 13
_EXTENSION, _TRAILER = 0x21, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")
_BLOCK = re.compile(rb"[\x21\x2c\x3b]")


def strip_gif(data: bytes) -> bytes:
    """Return the GIF without its metadata."""
    position = _after_palette(_HEADER, data[10] if len(data) >= _HEADER else 0)
    kept = [data[:position]]
    loops = False
    while (found := _BLOCK.search(data, position)) is not None:
        start = found.start()
        if data[start] == _TRAILER:
            kept.append(b"\x3b")
            break
        if data[start] == _EXTENSION:
            position = _after_sub_blocks(data, start + 2)
            part = _extension(data, start)
            if part.startswith(b"\x21\xff"):
                part, loops = (b"" if loops else part), True
            kept.append(part)
        else:
            if start + 11 > len(data):
                break
            code_size = _after_palette(start + 10, data[start + 9])
            position = _after_sub_blocks(data, code_size + 1)
            kept.append(data[start:position])
    return b"".join(kept)


def _extension(data: bytes, start: int) -> bytes:
    """Return what is kept of an extension, without anything that hides behind its content."""
    label = data[start + 1] if start + 1 < len(data) else -1
    body = start + 2
    if label == _CONTROL and body + 5 <= len(data) and data[body] >= 4:
        return b"\x21\xf9\x04" + data[body + 1 : body + 5] + b"\0"
    if label == _APPLICATION and data.startswith(_LOOPS, body):
        count = data[body + 12 : body + 16]
        if len(count) == 4 and count[0] >= 3 and count[1] & 7 == 1:
            return b"\x21\xff" + data[body : body + 12] + b"\x03\x01" + count[2:] + b"\0"
    return b""


def _after_palette(position: int, flags: int) -> int:
    return position + 3 * (2 << (flags & 7)) if flags & 0x80 else position


def _after_sub_blocks(data: bytes, position: int) -> int:
    size = len(data)
    while position < size:
        length = data[position]
        position += length + 1
        if not length:
            return position
    return size
