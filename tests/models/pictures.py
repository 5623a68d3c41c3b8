"""Real pictures for the model tests: video frames, and photographs from installed packages."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from PIL import Image

from tests.common import clips


@lru_cache(maxsize=1)
def frames() -> tuple[Image.Image, ...]:
    """Some frames of each clip: sport, drawn, a talking head; wide, small and large."""
    if not clips.available():
        pytest.skip(clips.MISSING)
    wanted = {"bikes": None, "bigbuckbunny": 640, "carphone": None}
    return tuple(
        Image.fromarray(frame)
        for name, width in wanted.items()
        for frame in clips.read_clip(name, width)[::12]
    )


@lru_cache(maxsize=1)
def photographs() -> dict[str, Image.Image]:
    """Photographs that come inside scikit-image, a person among them, in several shapes."""
    data = pytest.importorskip("skimage.data")
    person = Image.fromarray(data.astronaut())
    return {
        "person": person,
        "wide": person.crop((0, 60, 512, 330)),
        "tall": person.crop((130, 0, 330, 512)),
        "cat": Image.fromarray(data.chelsea()),
        "coffee": Image.fromarray(data.coffee()),
        "rocket": Image.fromarray(data.rocket()),
    }


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    """A picture in which every pixel matters."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)
