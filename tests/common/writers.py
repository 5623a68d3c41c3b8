"""Write clips in the formats that people send, in memory, the same bytes for the same frames."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from PIL import Image

Frames = Sequence[Image.Image]
Durations = int | Sequence[int]


def palette_frames(
    frames: Frames, *, dither: bool, shared: bool, colours: int = 256
) -> list[Image.Image]:
    """Turn RGB frames into palette pictures: one palette for all (``shared``), or one for each.

    Dithering with a palette of its own for each frame is the worst case for everyone who looks for
    frames that are alike: its noise is new in every frame.
    """
    how = Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    common = _contact_sheet(frames).quantize(colours, Image.Quantize.MEDIANCUT) if shared else None
    return [
        frame.quantize(
            colours,
            palette=common or frame.quantize(colours, Image.Quantize.MEDIANCUT),
            dither=how,
        )
        for frame in frames
    ]


def _contact_sheet(frames: Frames) -> Image.Image:
    """All frames (of long clips, many) made small: no picture's colours may be forgotten."""
    some = frames[:: -(-len(frames) // 64)]
    width, height = 64, max(1, round(64 * frames[0].height / frames[0].width))
    sheet = Image.new("RGB", (width, height * len(some)))
    for place, frame in enumerate(some):
        sheet.paste(frame.resize((width, height)), (0, height * place))
    return sheet


def held(frame: Image.Image, times: int) -> list[Image.Image]:
    """Return ``times`` frames that differ in one pixel, or Pillow's writer would merge them."""
    copies = [frame]
    corner = frame.getpixel((0, 0))
    used = frame.getextrema()[1] + 1 if frame.mode == "P" else 0
    for number in range(1, times):
        copy = frame.copy()
        if frame.mode == "P":
            other = (corner + number) % used
        else:
            other = tuple((channel + 8 * number) % 256 for channel in corner)
        copy.putpixel((0, 0), other)
        copies.append(copy)
    return copies


def gif(
    frames: Frames,
    durations: Durations = 80,
    *,
    dither: bool = False,
    shared: bool = True,
    disposal: int = 1,
    loop: int | None = 0,
) -> bytes:
    """Write a GIF with Pillow; RGB frames get palettes first, RGBA ones keep their transparency."""
    if frames[0].mode == "RGB":
        frames = palette_frames(frames, dither=dither, shared=shared)
    options = {} if loop is None else {"loop": loop}
    return _save(frames, "GIF", durations, disposal=disposal, optimize=False, **options)


def webp(frames: Frames, durations: Durations = 80, *, quality: int = 75) -> bytes:
    """Write an animated WebP."""
    return _save(frames, "WEBP", durations, quality=quality, method=0)


def apng(frames: Frames, durations: Durations = 80) -> bytes:
    """Write an animated PNG."""
    return _save(frames, "PNG", durations)


def avif(frames: Frames, durations: Durations = 80, *, quality: int = 70) -> bytes:
    """Write an AVIF sequence."""
    return _save(frames, "AVIF", durations, quality=quality, speed=10)


def still(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Write one picture, e.g. as "JPEG"."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def video(frames: Frames, rate: int = 12, *, kind: str = "mp4", quality: int = 26) -> bytes:
    """Write H.264 in MP4, or VP9 in WebM; sides are cut to even numbers, as encoders ask.

    Raises av.error.FFmpegError where the encoder is missing.
    """
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=kind, options={"fflags": "+bitexact"}) as container:
        codec = "libx264" if kind == "mp4" else "libvpx-vp9"
        options = {"crf": str(quality)} | (
            {"preset": "veryfast"}
            if kind == "mp4"
            else {"deadline": "realtime", "cpu-used": "8", "b": "0"}
        )
        stream = container.add_stream(codec, rate=Fraction(rate), options=options)
        stream.width, stream.height = frames[0].width & ~1, frames[0].height & ~1
        stream.pix_fmt = "yuv420p"
        stream.thread_count = 1  # the same bytes on every machine
        for frame in frames:
            pixels = np.asarray(frame.convert("RGB"))[: stream.height, : stream.width]
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return file.getvalue()


def _save(frames: Frames, kind: str, durations: Durations, **options: object) -> bytes:
    file = io.BytesIO()
    times = durations if isinstance(durations, int) else list(durations)
    frames[0].save(
        file, kind, save_all=True, append_images=list(frames[1:]), duration=times, **options
    )
    return file.getvalue()
