"""Pictures that let the page shine through, as they look on a light and on a dark page.

Stickers are shown on both, and what is drawn in nearly black or nearly white can only be seen on
one of them; so each such frame is looked at twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai.media.frames import Background, Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LIGHT = (255, 255, 255)
DARK = (0, 0, 0)


def frames_of(
    picture: Image.Image, *, index: int, time_ms: int, duration_ms: int
) -> Iterator[Frame]:
    """Yield one frame for an opaque RGB or RGBA picture, two if anything shines through."""
    for background, flat in flattened(picture):
        yield Frame(index, time_ms, duration_ms, pixels_of(flat), background)


def flattened(picture: Image.Image) -> Iterator[tuple[Background, Image.Image]]:
    """Yield ``picture`` (RGB or RGBA) as RGB: once, or on a light and on a dark background."""
    if picture.mode != "RGBA":
        yield "opaque", picture
        return
    if picture.getchannel("A").getextrema() == (255, 255):
        yield "opaque", picture.convert("RGB")
        return
    backgrounds: tuple[tuple[Background, tuple[int, int, int]], ...] = (
        ("light", LIGHT),
        ("dark", DARK),
    )
    for name, colour in backgrounds:
        flat = Image.new("RGB", picture.size, colour)
        flat.paste(picture, mask=picture)
        yield name, flat


def pixels_of(picture: Image.Image) -> NDArray[np.uint8]:
    """Return an RGB picture as a read-only array of shape (height, width, 3)."""
    pixels = np.asarray(picture)
    pixels.setflags(write=False)
    return pixels
