"""What comes out of a file: frames as displayed, and facts about the whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Background = Literal["opaque", "light", "dark", "grey"]
"""What a frame is shown on; ``opaque`` when nothing shines through. ``grey`` are several."""

VIEWS_AT_MOST = 5
"""Of one displayed frame: on white, on black, and on three greys."""


class MediaType(StrEnum):
    """The formats that can be screened, told apart by their content."""

    GIF = "gif"
    WEBP = "webp"
    APNG = "apng"
    PNG = "png"
    JPEG = "jpeg"
    AVIF = "avif"
    MP4 = "mp4"
    WEBM = "webm"


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture as displayed, with its time.

    ``index`` counts the displayed frames from 0. A frame that is transparent somewhere comes twice
    with the same index, on a light and on a dark background, and if much of it is half transparent
    five times, then on greys. ``pixels`` has the shape (height,
    width, 3), RGB, uint8; it may be read-only and is valid as long as it is kept.
    """

    index: int
    time_ms: int
    duration_ms: int
    pixels: NDArray[np.uint8]
    background: Background


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts about a file.

    ``frames``, ``duration_ms``, ``carries`` and ``truncated`` are complete once the frames have
    been read to their end. ``carries`` names, in words for people, what the file holds besides the
    pictures that it displays. ``truncated`` is true when the file ends, or breaks, before it says
    that it is over.
    """

    type: MediaType
    width: int
    height: int
    frames: int
    duration_ms: int
    carries: tuple[str, ...] = ()
    truncated: bool = False
