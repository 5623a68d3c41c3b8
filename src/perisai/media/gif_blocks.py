"""The blocks of a GIF: where its images are and how each one is to be drawn.

Formats: "Graphics Interchange Format, Version 89a" (CompuServe, 1990), sections 17 to 27, and the
NETSCAPE2.0 application extension, which only counts loops and is therefore not needed here. Nothing
is decompressed and nothing is copied: this is a walk over a few hundred bytes per frame.

Where the specification and today's browsers differ, the browser is followed, since what counts is
what a child sees (docs/media.md names each such rule).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from perisai.errors import BrokenMedia

HEADER_SIZE = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL, _COMMENT, _PLAIN_TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF

_BLOCK = re.compile(rb"[\x21\x2c\x3b]")

DISPOSE_BACKGROUND = 2
DISPOSE_PREVIOUS = 3

SHORTEST_DELAY_MS = 10
"""Browsers play a frame with this delay or a shorter one for a tenth of a second."""
DELAY_INSTEAD_MS = 100


def played_for(delay_ms: int) -> int:
    """How long a browser shows a frame whose file says ``delay_ms``."""
    return DELAY_INSTEAD_MS if delay_ms <= SHORTEST_DELAY_MS else delay_ms


@dataclass(frozen=True, slots=True)
class GifImage:
    """One image of a GIF. ``data_start`` .. ``data_end`` are its LZW sub-blocks with lengths."""

    left: int
    top: int
    width: int
    height: int
    interlaced: bool
    palette: bytes
    """RGB triples, local or global; empty if the file has neither."""
    transparent: int | None
    disposal: int
    duration_ms: int
    code_size: int
    data_start: int
    data_end: int
    complete: bool
    """Whether the sub-blocks end with a terminator."""


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension that draws nothing; ``start`` .. ``end`` are its sub-blocks with lengths."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class GifFile:
    """A GIF, walked through. ``end`` is the byte after the last one that belongs to it."""

    width: int
    height: int
    images: list[GifImage] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    end: int = HEADER_SIZE
    truncated: bool = False

    @property
    def duration_ms(self) -> int:
        """One run through all images."""
        return sum(image.duration_ms for image in self.images)


@dataclass(slots=True)
class _Control:
    """What the last graphic control extension said; it holds for one image."""

    disposal: int = 0
    duration_ms: int = DELAY_INSTEAD_MS
    transparent: int | None = None


def read_blocks(data: bytes, max_images: int) -> GifFile:
    """Walk through ``data`` up to its trailer or its end.

    At a byte that begins no block browsers stop, but other viewers (Glide on Android, Pillow) look
    for the next block: what follows is shown to somebody, and so is read.
    Stops after ``max_images + 1`` images, so that the caller sees that there are too many.
    Raises :class:`BrokenMedia` if not even the header is there.
    """
    if len(data) < HEADER_SIZE:
        raise BrokenMedia("The GIF ends within its header; get the whole file.")
    gif = GifFile(_u16(data, 6), _u16(data, 8))
    global_palette, position = _palette(data, HEADER_SIZE, data[10])
    gif.end = min(position, len(data))
    control = _Control()
    while len(gif.images) <= max_images:
        found = _BLOCK.search(data, position)
        gif.truncated |= found is None or found.start() > position
        if found is None:
            return gif
        position = found.start()
        if data[position] == _TRAILER:
            gif.end = position + 1
            return gif
        if data[position] == _EXTENSION:
            position, control = _read_extension(data, position, gif, control)
        else:
            position = _read_image(data, position, gif, control, global_palette)
            control = _Control()
        gif.end = min(position, len(data))
    return gif


def _read_extension(
    data: bytes, position: int, gif: GifFile, control: _Control
) -> tuple[int, _Control]:
    """Read the extension at ``position``; return the position after it and what now holds."""
    label = data[position + 1] if position + 1 < len(data) else -1
    start = position + 2
    end, complete = _skip_sub_blocks(data, start)
    gif.truncated |= not complete
    if label == _GRAPHIC_CONTROL and start + 5 <= len(data) and data[start] >= 4:
        flags = data[start + 1]
        disposal = flags >> 2 & 7
        control = _Control(
            # Some old writers took bit 2 of the field for "restore to previous": 4 means 3.
            disposal=DISPOSE_PREVIOUS if disposal == 4 else disposal,
            duration_ms=played_for(10 * _u16(data, start + 2)),
            transparent=data[start + 4] if flags & 1 else None,
        )
    elif label != _GRAPHIC_CONTROL:
        name = {_COMMENT: "comment", _PLAIN_TEXT: "plain text", _APPLICATION: "application"}
        gif.extensions.append(Extension(name.get(label, "unknown"), start, end))
    return end, control


def _read_image(
    data: bytes, position: int, gif: GifFile, control: _Control, global_palette: bytes
) -> int:
    """Read the image at ``position`` and return the position after it."""
    if position + 11 > len(data):  # no descriptor, or no code size: nothing can be shown
        gif.truncated = True
        return len(data)
    left, top, width, height = (_u16(data, position + offset) for offset in (1, 3, 5, 7))
    flags = data[position + 9]
    palette, start = _palette(data, position + 10, flags)
    if start >= len(data):
        gif.truncated = True
        return len(data)
    end, complete = _skip_sub_blocks(data, start + 1)
    gif.truncated |= not complete
    if not gif.images:
        # A first image larger than the logical screen enlarges the canvas in all browsers.
        gif.width, gif.height = max(gif.width, left + width), max(gif.height, top + height)
    gif.images.append(
        GifImage(
            left=left,
            top=top,
            width=width,
            height=height,
            interlaced=bool(flags & 0x40),
            palette=palette or global_palette,
            transparent=control.transparent,
            disposal=control.disposal,
            duration_ms=control.duration_ms,
            code_size=data[start],
            data_start=start + 1,
            data_end=end,
            complete=complete,
        )
    )
    return end


def _skip_sub_blocks(data: bytes, position: int) -> tuple[int, bool]:
    """Return the position after the sub-blocks and whether their terminator was there."""
    size = len(data)
    while position < size:
        length = data[position]
        position += length + 1
        if not length:
            return position, True
    return size, False


def _palette(data: bytes, position: int, flags: int) -> tuple[bytes, int]:
    """Return the colour table that ``flags`` announces at ``position``, and what comes after it."""
    if not flags & 0x80:
        return b"", position
    end = position + 3 * (2 << (flags & 7))
    return data[position:end], end


def _u16(data: bytes, position: int) -> int:
    return data[position] | data[position + 1] << 8
