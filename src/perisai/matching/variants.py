"""Which hashes are looked up for a frame, and which are stored for a listed picture.

A bare PDQ hash forgives recompression, other sizes and mild changes of colour, and nothing else:
mirroring moves it by about 128 bits, cutting 2.5 % off each side by about 45. The work is shared so
that look-ups stay cheap and listed pictures carry what cannot be undone on the query's side:

- The query is looked up in eight orientations; once more without its border, if it has one; and
  without its lower and its upper quarter, where captions are written.
- The list keeps the picture as it is, cropped in those ways in which a copy may be cropped, and
  without its lower and upper quarter. A picture with a border is kept without it, too.

``bench/variants.py`` measures all of it: what is found, what it costs, how often unlike pictures
match. docs/matching.md has the tables.

This module runs in the decoding worker: it needs NumPy and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perisai.matching.borders import find_border
from perisai.matching.pdq import (
    BYTES,
    MIN_QUALITY,
    HasPixels,
    PdqHash,
    hash_frame,
    hash_orientations,
    hash_with_parts,
    pixels_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

WHOLE = "whole"
CAPTION_FREE = {"without lower quarter": (0.0, 0.75), "without upper quarter": (0.25, 1.0)}
"""Parts that no caption over the other quarter touches, as (top, bottom) shares of the height."""


@dataclass(frozen=True, slots=True)
class Crop:
    """What to cut off each side, in shares of the picture's width or height."""

    name: str
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0

    def cut(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A view of the pixels that remain."""
        height, width = pixels.shape[:2]
        return pixels[
            round(self.top * height) : height - round(self.bottom * height),
            round(self.left * width) : width - round(self.right * width),
        ]


def _usual() -> Iterator[Crop]:
    for share in (0.025, 0.05, 0.075, 0.095):
        yield Crop(f"inner {1 - 2 * share:.1%}", share, share, share, share)
    for share in (0.03, 0.065, 0.09):
        yield Crop(f"sides cut by {share:.1%}", left=share, right=share)
        yield Crop(f"top and bottom cut by {share:.1%}", top=share, bottom=share)
    for share in (0.03, 0.06, 0.09):
        yield Crop(f"left cut by {share:.0%}", left=share)
        yield Crop(f"top cut by {share:.0%}", top=share)
        yield Crop(f"right cut by {share:.0%}", right=share)
        yield Crop(f"bottom cut by {share:.0%}", bottom=share)


def _corners() -> Iterator[Crop]:
    for share in (0.025, 0.05, 0.075, 0.095):
        yield Crop(f"top left cut by {share:.1%}", left=share, top=share)
        yield Crop(f"top right cut by {share:.1%}", right=share, top=share)
        yield Crop(f"bottom left cut by {share:.1%}", left=share, bottom=share)
        yield Crop(f"bottom right cut by {share:.1%}", right=share, bottom=share)


USUAL_CROPS = tuple(_usual())
"""Up to 10 % off all four sides, two facing sides, or one: 22 crops."""
THOROUGH_CROPS = (*USUAL_CROPS, *_corners())
"""Also up to 10 % off two adjacent sides: 38 crops."""


def query_hashes(frame: HasPixels | NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """Hash a frame in all the ways in which it is looked up.

    Returns hashes of shape (n, 32) and the best quality among them. The first, if the frame itself
    is hashable, is :func:`perisai.matching.pdq.hash_frame`. Usually n is 12, or 20 when there is a
    border. Hashes under the least quality are left out: n is 0 for a flat frame, and then nothing
    is known, neither a match nor "no match".
    """
    pixels = pixels_of(frame)
    found = hash_with_parts(pixels, tuple(CAPTION_FREE.values()))
    border = find_border(pixels)
    if border is not None:
        found.append(hash_orientations(border.inside(pixels)))
    usable = [hashes for hashes, quality in found if quality >= MIN_QUALITY]
    best = max(quality for _, quality in found)
    if not usable:
        return np.zeros((0, BYTES), dtype=np.uint8), best
    return np.concatenate(usable), best


def list_hashes(
    frame: HasPixels | NDArray[np.uint8], crops: Sequence[Crop] = THOROUGH_CROPS
) -> list[tuple[str, PdqHash]]:
    """Hash a picture in all the ways in which it is stored on a list, with a name for each.

    The first is ``("whole", hash)``, hashable or not: ask it. Of the others, only hashable ones are
    there. A picture with a border is stored with it and without it, each in all ways.
    """
    pixels = pixels_of(frame)
    stored = _stored("", pixels, crops)
    border = find_border(pixels)
    if border is not None:
        stored += _stored("without border, ", border.inside(pixels), crops)
    return stored[:1] + [(name, found) for name, found in stored[1:] if found.hashable]


def _stored(
    prefix: str, pixels: NDArray[np.uint8], crops: Sequence[Crop]
) -> list[tuple[str, PdqHash]]:
    stored = [(prefix + WHOLE, hash_frame(pixels))]
    stored += [(prefix + crop.name, hash_frame(crop.cut(pixels))) for crop in crops]
    parts = hash_with_parts(pixels, tuple(CAPTION_FREE.values()))[1:]
    for name, (hashes, quality) in zip(CAPTION_FREE, parts, strict=True):
        stored.append((prefix + name, PdqHash(hashes[0].tobytes(), quality)))
    return stored
