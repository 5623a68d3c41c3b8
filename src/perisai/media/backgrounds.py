"""Pictures that let the page shine through, as they look on a light, a dark and a grey page.

Stickers are shown on both a light and a dark page, and what is drawn in nearly black or nearly
white can only be seen on one of them; so each such frame is looked at twice.

Where much of a picture is half transparent, that is not enough. What the page adds to a pixel can
be made up for in its colour: of a pattern of such pixels nothing is left on a page of one certain
grey, and it hides the picture on white and on black. Such a frame is looked at on greys, too, so
near to one another that of the pattern not much can be left on all of them (docs/media.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai.media.frames import Background, Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

GREYS = (64, 128, 192)
_PAGES: tuple[tuple[Background, int], ...] = (("light", 255), ("dark", 0))
_GREY_PAGES: tuple[tuple[Background, int], ...] = tuple(("grey", page) for page in GREYS)

_SIDE = 128
"""Transparency is measured on a picture of this size: models see nothing finer, either."""
_CLEAR, _SOLID = 26, 229
"""About a tenth of opacity more than none, and less than all: what is not between them can hide
nothing, since with so little room neither the pattern nor the picture has any contrast."""
_VEILED = 0.1
"""Share of half transparent places from which greys are looked at. Soft edges of stickers make 2 to
5 per cent; a pattern that hides its picture needs a third of the place at least."""


def frames_of(
    picture: Image.Image, *, index: int, time_ms: int, duration_ms: int
) -> Iterator[Frame]:
    """Yield one frame for an opaque RGB or RGBA picture, more if anything shines through."""
    for background, flat in flattened(picture):
        yield Frame(index, time_ms, duration_ms, pixels_of(flat), background)


def flattened(picture: Image.Image) -> Iterator[tuple[Background, Image.Image]]:
    """Yield ``picture`` (RGB or RGBA) as RGB: once, or on every page that it needs."""
    if picture.mode != "RGBA":
        yield "opaque", picture
        return
    alpha = picture.getchannel("A")
    if alpha.getextrema() == (255, 255):
        yield "opaque", picture.convert("RGB")
        return
    for name, grey in pages_for(alpha):
        flat = Image.new("RGB", picture.size, (grey, grey, grey))
        flat.paste(picture, mask=picture)
        yield name, flat


def pages_for(alpha: Image.Image) -> tuple[tuple[Background, int], ...]:
    """Return the pages, by name and grey, on which a picture with this transparency is looked at.

    ``alpha`` has the mode L.
    """
    width, height = alpha.size
    small = alpha.resize((min(width, _SIDE), min(height, _SIDE)), Image.Resampling.BOX)
    opacity = np.asarray(small)
    veiled = np.count_nonzero((opacity >= _CLEAR) & (opacity <= _SOLID))
    plain = np.ptp(opacity) < _CLEAR  # the same everywhere: no pattern
    return _PAGES if plain or veiled < _VEILED * opacity.size else _PAGES + _GREY_PAGES


def pixels_of(picture: Image.Image) -> NDArray[np.uint8]:
    """Return an RGB picture as a read-only array of shape (height, width, 3)."""
    pixels = np.asarray(picture)
    pixels.setflags(write=False)
    return pixels
