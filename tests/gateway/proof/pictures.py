"""The GIFs that lying upstreams give, and an eye of the test's own that sees the mark in them.

The eye looks at pixels and knows neither the gateway nor the tiny model: whatever an upstream does,
a picture in which it sees the mark must not reach anybody for whom no person has cleared it.
"""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache

import numpy as np
from PIL import Image

from tests.common import drawn, screening, tinymodel

CLEAN, MARKED = range(1, 41), range(101, 109)
_NEAR = 60
"""Largest distance of a channel that still counts as the mark's colour."""
_LEAST = 0.03
"""Share of a frame that each of the mark's two colours fills."""


def is_marked(number: int) -> bool:
    """Whether the mark is in the GIF with this number; of those from 1000 on, in every third."""
    return number in MARKED or (number >= 1000 and number % 3 == 0)


@cache
def gif(number: int) -> bytes:
    """The GIF with this number; some have a mark in their middle frame."""
    frames = [drawn.drawing(number, step / 3, 64, 48) for step in range(3)]
    if is_marked(number):
        frames[1] = screening.marked(frames[1])
    return screening.clip(frames)


@cache
def webp(number: int) -> bytes:
    """The same as WebP."""
    frames = [frame.convert("RGB") for frame in _frames(gif(number))]
    with io.BytesIO() as file:
        frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=80)
        return file.getvalue()


def sees_mark(data: bytes) -> bool:
    """Whether the mark is in one of the frames, by colours alone."""
    return any(_marked(np.asarray(frame.convert("RGB"), dtype=int)) for frame in _frames(data))


def _frames(data: bytes) -> list[Image.Image]:
    """The frames, up to where the file is broken off."""
    frames = []
    with suppress(OSError, EOFError, IndexError), Image.open(io.BytesIO(data)) as picture:
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            frames.append(picture.convert("RGBA"))
    return frames


def _marked(pixels: np.ndarray) -> bool:
    return all(
        (np.abs(pixels - colour).max(axis=2) <= _NEAR).mean() >= _LEAST
        for colour in (tinymodel.MAGENTA, tinymodel.GREEN)
    )
