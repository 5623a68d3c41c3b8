"""Makes previews of files, and draws the steps in which they are opened.

The file is decoded in the sandbox alone. What comes out of it are pixels, which are encoded anew:
no byte of the file is kept, nor what was written into it. Each step is drawn here, so that a
browser never holds more than the step that was opened.
"""

from __future__ import annotations

import base64
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageFilter

from perisai.desk.previews.domain import BLURRED, COLOUR, LARGER, OTHERS
from perisai.errors import StorageError, WorkerDied
from perisai.media.limits import MediaLimits
from perisai.media.sandbox import Sandbox, WorkerLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from perisai.media.wire import JSON
    from perisai.settings import Settings

TARGET = "perisai.media.small:small"
FRAMES = 9
"""So many frames at most; with the first one, those in which something was found."""
SIDE = 320
"""Pixels of the longer side of what is kept."""
SMALL = 96
"""The same of the first steps."""
BESIDE = 200
"""The same of the other frames, which stand side by side."""
BLUR = 5
_QUALITY = 80
_KEPT, _SHOWN = "WEBP", "JPEG"


def made(settings: Settings, data: bytes, wanted: Iterable[int]) -> tuple[bytes, ...]:
    """Small copies of a few frames of a file, the first one first; ``wanted`` frames among them.

    Raises MediaError if the file cannot be decoded within the limits.
    """
    payload: dict[str, JSON] = {
        "most": FRAMES,
        "side": SIDE,
        "wanted": [*sorted(set(wanted))[: FRAMES - 1]],
        "limits": asdict(MediaLimits(**settings.media.model_dump())),
    }
    limits = WorkerLimits(**settings.worker.model_dump())
    with Sandbox(TARGET, 1, limits) as sandbox:
        frames = tuple(_kept(each.arrays.get("pixels")) for each in sandbox.stream(payload, data))
    if not 0 < len(frames) <= FRAMES:
        raise WorkerDied("the decoder gave no frame, or more than it was asked for")
    return frames


def packed(frames: Sequence[bytes]) -> bytes:
    """Frames as one piece, to be encrypted."""
    return json.dumps([base64.b64encode(each).decode() for each in frames]).encode()


def unpacked(data: bytes) -> list[bytes]:
    """The frames of :func:`packed`."""
    return [base64.b64decode(each) for each in json.loads(data)]


def drawn(frames: Sequence[bytes], step: int) -> list[bytes]:
    """The pictures of one step, as JPEG: never more than the step shows.

    Raises StorageError if what was kept is no picture.
    """
    if step == OTHERS:
        return [_shown(_opened(each, BESIDE)) for each in frames[1:]]
    picture = _opened(frames[0], SIDE if step >= LARGER else SMALL)
    if step < COLOUR:
        picture = picture.convert("L")
    if step == BLURRED:
        picture = picture.filter(ImageFilter.GaussianBlur(BLUR))
    return [_shown(picture)]


def _kept(pixels: NDArray[Any] | None) -> bytes:
    """Encode what the decoder sent, if that is a small picture: it read bytes from strangers."""
    shape = () if pixels is None or pixels.dtype != np.uint8 else pixels.shape
    small = len(shape) == 3 and shape[2] == 3 and 0 < min(shape) <= max(shape) <= SIDE
    if pixels is None or not small:
        raise WorkerDied("the decoder sent something that is no small picture")
    return _encoded(Image.fromarray(pixels), _KEPT)


def _opened(frame: bytes, side: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(frame), formats=(_KEPT,)) as file:
            picture = file.convert("RGB")
    except (OSError, ValueError) as error:
        raise StorageError("this preview is not what was kept") from error
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return picture


def _shown(picture: Image.Image) -> bytes:
    return _encoded(picture, _SHOWN)


def _encoded(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, quality=_QUALITY)
    return file.getvalue()
