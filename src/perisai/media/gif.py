"""GIF as browsers display it: our compositor over Pillow's LZW decoder.

The canvas is one uint32 for each pixel, in memory R, G, B, A; a pixel is either opaque or 0, which
is transparent. Canvases are never changed after they were shown: the next image is drawn on a copy,
so that "restore to previous" is only keeping the old one.

Rules, with Chromium as the judge (docs/media.md): the background colour is ignored, so that what
nobody drew on is transparent; "restore to background" clears to transparent; images are clipped to
the canvas. Where browsers disagree, the file is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai.errors import BrokenMedia
from perisai.media import extras
from perisai.media.backgrounds import pages_for
from perisai.media.frames import Frame, MediaType
from perisai.media.gif_blocks import (
    DISPOSE_BACKGROUND,
    DISPOSE_PREVIOUS,
    GifFile,
    GifImage,
    read_blocks,
)
from perisai.media.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from perisai.media.limits import MediaLimits

    Canvas = NDArray[np.uint32]
    Indices = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

_CLEAR = 0
_EACH_BYTE = 0x01010101
_ROWS_AT_ONCE = 1 << 18
"""Pixels that go through the palette in one go; numpy widens indices to 8 bytes each."""


class GifReader(Reader):
    """A GIF87a or GIF89a file."""

    type = MediaType.GIF

    def __init__(self, data: bytes, limits: MediaLimits) -> None:
        super().__init__(data, limits)
        self.file: GifFile = read_blocks(data, limits.max_frames)
        self.width, self.height = self.file.width, self.file.height
        self.truncated = self.file.truncated
        if not self.file.images:
            raise BrokenMedia("The GIF holds no image; get the whole file.")
        self._anything = False
        self._check()
        self._look_around()
        self.frame_count = len(self.file.images)
        self.duration_ms = self.file.duration_ms

    def _check(self) -> None:
        """Hold the canvas, each image and their sum against the limits."""
        images = self.file.images
        if not self.width or not self.height:
            raise BrokenMedia("The GIF says that it has no width or no height; nobody can see it.")
        self.limits.check_canvas(self.width, self.height)
        for image in images:
            # An image may be larger than the canvas; it is unpacked before it is clipped.
            self.limits.check_canvas(image.width, image.height)
        pixels = sum(image.width * image.height for image in images)
        self.limits.check_frames(len(images), self.width, self.height)
        self.limits.check_frames(1, pixels, 1)
        self.limits.check_duration(self.file.duration_ms)
        if not all(image.palette for image in images):
            raise BrokenMedia("The GIF has no palette; browsers disagree on how it looks.")

    def _look_around(self) -> None:
        """Note what stands in the extensions and after the trailer."""
        for extension in self.file.extensions:
            where = f"in the extension {extension.name!r}"
            self.notes += extras.within(self.data, extension.start, extension.end, where)
        self.notes += extras.after_end(self.data, self.file.end)
        self.notes += extras.archive(self.data)

    def frames(self) -> Iterator[Frame]:
        """Yield every image of the file, drawn on what the ones before it left."""
        self.truncated = self.file.truncated
        self._anything = False
        canvas: Canvas = np.zeros((self.height, self.width), np.uint32)
        opaque = False
        time_ms = 0
        for index, image in enumerate(self.file.images):
            shown, opaque_now = self._draw(canvas, image, opaque)
            yield from _shown(shown, opaque_now, index, time_ms, image.duration_ms)
            time_ms += image.duration_ms
            if image.disposal == DISPOSE_BACKGROUND:
                canvas, opaque = _cleared(shown, image), False
            elif image.disposal != DISPOSE_PREVIOUS:
                canvas, opaque = shown, opaque_now
        if not self._anything:
            raise BrokenMedia("Not one pixel of the GIF could be decoded; get a whole copy.")

    def _draw(self, canvas: Canvas, image: GifImage, opaque: bool) -> tuple[Canvas, bool]:
        """Return a canvas with ``image`` drawn on it, and whether no pixel of it is transparent."""
        if not image.width or not image.height:
            self._refuse_hidden(image)
            return canvas, opaque
        rows = slice(image.top, min(image.top + image.height, self.height))
        columns = slice(image.left, min(image.left + image.width, self.width))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return canvas, opaque
        indices, mask = self._unpack(image)
        table = lookup_table(image.palette)
        size = (rows.stop - rows.start, columns.stop - columns.start)
        indices = indices[: size[0], : size[1]]
        _refuse_unknown_colours(indices, image)
        if image.transparent is not None:
            solid = indices != image.transparent
            mask = solid if mask is None else solid & mask[: size[0], : size[1]]
            if mask.all():
                mask = None
        if mask is None and size == canvas.shape:
            return _coloured(table, indices), True
        whole_canvas = size == canvas.shape and image.transparent is None
        # A broken image that should have covered everything stands alone in Chromium.
        drawn = np.zeros_like(canvas) if whole_canvas else canvas.copy()
        if mask is None:
            drawn[rows, columns] = _coloured(table, indices)
        else:
            mask = mask[: size[0], : size[1]]
            np.copyto(drawn[rows, columns], _coloured(table, indices), where=mask)
            opaque &= not whole_canvas
        return drawn, opaque or bool(drawn.min() != _CLEAR)

    def _refuse_hidden(self, image: GifImage) -> None:
        """Refuse an image without a size that has pixels: Firefox spreads it over the canvas."""
        spread = replace(image, width=self.width, height=self.height)
        blocks = self.data[image.data_start : image.data_end]
        one, other = (_unpacked(blocks, spread, fill)[0] for fill in (0, 255))
        if (one == other).any():
            raise BrokenMedia(
                "An image of the GIF has pixels but no size; browsers disagree on how it looks."
            )

    def _unpack(self, image: GifImage) -> tuple[Indices, Mask | None]:
        """Return the palette indices and, if data is missing, a mask of those that are there."""
        blocks = self.data[image.data_start : image.data_end]
        indices, whole = _unpacked(blocks, image, 0)
        if whole:
            self._anything = True
            return indices, None
        self.truncated = True
        # Unpacking once more over another colour tells what was written from what was not.
        again, _ = _unpacked(blocks, image, 255)
        written: Mask = indices == again
        self._anything |= bool(written.any())
        return indices, written


def _refuse_unknown_colours(indices: Indices, image: GifImage) -> None:
    """Refuse indices beyond the palette: black in Chromium, begun again in Firefox."""
    colours = len(image.palette) // 3
    if colours >= 256 or indices.max() < colours:
        return
    beyond = indices >= colours
    if image.transparent is not None:
        beyond &= indices != image.transparent
    if beyond.any():
        raise BrokenMedia(
            "The GIF uses colours that its palette does not have; browsers disagree on how it "
            "looks."
        )


def lookup_table(palette: bytes) -> Canvas:
    """Return the 256 canvas values of a palette of RGB triples; black beyond its end."""
    table = np.zeros((256, 4), np.uint8)
    table[:, 3] = 255
    colours = np.frombuffer(palette, np.uint8, len(palette) // 3 * 3).reshape(-1, 3)
    table[: len(colours), :3] = colours
    return table.view(np.uint32).reshape(256)


def _unpacked(blocks: bytes, image: GifImage, fill: int) -> tuple[Indices, bool]:
    """Run Pillow's LZW decoder; what it does not reach keeps the index ``fill``."""
    picture = Image.new("P", (image.width, image.height), fill)
    whole = True
    try:
        picture.frombytes(blocks, "gif", (image.code_size, image.interlaced, -1))
    except (ValueError, OSError, IndexError):
        whole = False
    return np.asarray(picture), whole


def _coloured(table: Canvas, indices: Indices) -> Canvas:
    """Take each index through the table."""
    result = np.empty(indices.shape, np.uint32)
    step = max(1, _ROWS_AT_ONCE // indices.shape[1])
    for top in range(0, indices.shape[0], step):
        rows = slice(top, top + step)
        np.take(table, indices[rows], out=result[rows], mode="clip")
    return result


def _cleared(canvas: Canvas, image: GifImage) -> Canvas:
    """Return the canvas after "restore to background" of ``image``."""
    cleared = canvas.copy()
    cleared[
        image.top : image.top + image.height,
        image.left : image.left + image.width,
    ] = _CLEAR
    return cleared


def _shown(
    canvas: Canvas,
    opaque: bool,
    index: int,
    time_ms: int,
    duration_ms: int,
) -> Iterator[Frame]:
    """Yield the canvas as one frame, or on several pages if they shine through."""
    if opaque:
        yield Frame(index, time_ms, duration_ms, _rgb(canvas), "opaque")
        return
    holes = canvas == _CLEAR
    alpha = Image.fromarray(~holes * np.uint8(255))
    for background, grey in pages_for(alpha):
        # A transparent pixel is 0, 0, 0, 0: without its alpha the canvas is the picture on black.
        pixels = np.where(holes, np.uint32(grey * _EACH_BYTE), canvas) if grey else canvas
        yield Frame(index, time_ms, duration_ms, _rgb(pixels), background)


def _rgb(canvas: Canvas) -> NDArray[np.uint8]:
    """Drop the fourth byte of every pixel; Pillow does so seven times faster than numpy."""
    height, width = canvas.shape
    picture = Image.frombuffer("RGBA", (width, height), canvas.view(np.uint8), "raw", "RGBA", 0, 1)
    return np.frombuffer(picture.tobytes("raw", "RGB"), np.uint8).reshape(height, width, 3)
