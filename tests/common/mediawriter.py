"""Make small files in every format, with Pillow and FFmpeg, for tests and the fuzzer's seeds."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable


def saved(kind: str, pictures: list[Image.Image], **options: Any) -> bytes:
    """Return the file that Pillow makes of ``pictures``."""
    file = io.BytesIO()
    if len(pictures) > 1:
        options.update(save_all=True, append_images=pictures[1:])
    pictures[0].save(file, kind, **options)
    return file.getvalue()


def plain(*colours: tuple[int, ...], size: tuple[int, int] = (40, 30)) -> list[Image.Image]:
    """Return one RGB or RGBA picture in each colour."""
    return [Image.new("RGBA" if len(c) == 4 else "RGB", size, c) for c in colours]


def clip(
    kind: str,
    codec: str,
    pixels: str = "yuv420p",
    *,
    size: tuple[int, int] = (32, 16),
    frames: int = 4,
    picture: Callable[[int], np.ndarray] | None = None,
    rotation: int = 0,
    times: list[int] | None = None,
    encoder: dict[str, str] | None = None,
    **options: str,
) -> bytes:
    """Return a clip at ten frames a second.

    ``picture`` gives frame n as an RGBA array (by default ever lighter greys), ``times`` the times
    of the frames in tenths of a second; ``encoder`` and ``options`` go to the encoder and the
    container.
    """
    width, height = size
    file = io.BytesIO()
    with av.open(file, "w", format=kind, container_options=options) as container:
        stream = container.add_stream(codec, rate=10, options=encoder or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(frames):
            grey = np.full((height, width, 4), min(255, 60 * number), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture(number) if picture else grey, "rgba")
            frame.pts = times[number] if times else number
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return file.getvalue()
