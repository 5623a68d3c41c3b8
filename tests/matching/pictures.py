"""Pictures to hash: drawn ones that look like nothing else, and changes made to copies."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont


@lru_cache(maxsize=64)
def drawn(seed: int, width: int = 320, height: int = 240) -> np.ndarray:
    """A picture of random shapes and light: textured enough to be hashed, unlike other seeds."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(14):
        x, y = rng.integers(0, width), rng.integers(0, height)
        across, down = rng.integers(width // 12, width // 3, 2)
        colour = tuple(int(level) for level in rng.integers(0, 256, 3))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape(
            (int(x - across / 2), int(y - down / 2), int(x + across / 2), int(y + down / 2)), colour
        )
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1)))


def flat(level: int = 128, width: int = 320, height: int = 240) -> np.ndarray:
    return np.full((height, width, 3), level, dtype=np.uint8)


def as_jpeg(pixels: np.ndarray, quality: int = 75) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


def captioned(pixels: np.ndarray, bar: tuple[int, int, int] | None = None) -> np.ndarray:
    """Letters over the lower fifth, on a bar of a colour or straight on the picture."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    top = round(picture.height * 0.8)
    if bar is not None:
        draw.rectangle((0, top, picture.width, picture.height), fill=bar)
    draw.text(
        (picture.width / 2, (top + picture.height) / 2),
        "WHEN YOU SEE IT",
        anchor="mm",
        font=ImageFont.load_default(picture.height * 0.11),
        fill=(255, 255, 255) if bar is None or sum(bar) < 384 else (0, 0, 0),
        stroke_width=0 if bar else 2,
        stroke_fill=(0, 0, 0),
    )
    return np.asarray(picture)


def framed(
    pixels: np.ndarray,
    top: int,
    bottom: int,
    left: int = 0,
    right: int = 0,
    *,
    colour: tuple[int, int, int] = (0, 0, 0),
) -> np.ndarray:
    height, width = pixels.shape[:2]
    canvas = np.empty((height + top + bottom, width + left + right, 3), dtype=np.uint8)
    canvas[:] = colour
    canvas[top : top + height, left : left + width] = pixels
    return canvas


TURNS = {
    "as it is": lambda p: p,
    "mirrored left to right": lambda p: p[:, ::-1],
    "upside down mirrored": lambda p: p[::-1],
    "turned by 180": lambda p: p[::-1, ::-1],
    "transposed": lambda p: p.transpose(1, 0, 2),
    "turned by 90 counterclockwise": np.rot90,
    "turned by 90 clockwise": lambda p: np.rot90(p, -1),
    "transposed about the other diagonal": lambda p: p[::-1, ::-1].transpose(1, 0, 2),
}
"""What really does to pixels what each of ``pdq.ORIENTATIONS`` says."""
