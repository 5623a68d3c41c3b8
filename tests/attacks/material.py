"""What the attacks are made of: clean covers, and stand-ins that both detectors know.

Every stand-in is on the hash list of the suite and carries the mark that the tiny model looks for,
so one clip tries both detectors.
"""

from __future__ import annotations

import io
import random
from functools import lru_cache

from PIL import Image, ImageOps, UnidentifiedImageError

from tests.common import clips, drawn, tinymodel, writers

SIZE = (160, 120)
LARGE = (320, 240)  # of the listed originals
STAND_INS = 12
MOVING = 3  # listed clips, in which a stand-in is panned over and drawn near
MOVING_FRAMES = 12

Frames = list[Image.Image]
FORMATS = ("gif", "webp", "apng", "gif", "avif", "mp4", "gif", "webm")


def dice_for(attack: str, number: int) -> random.Random:
    """The same throws of dice for the same clip, on every machine."""
    return random.Random(f"{attack} {number}")


@lru_cache(maxsize=64)
def original(number: int) -> Image.Image:
    """The listed picture with this number."""
    if number >= STAND_INS:
        return original(number % STAND_INS)
    dice = dice_for("original", number)
    picture = drawn.stand_in(100 + number, *LARGE)
    side = round(0.34 * LARGE[0])
    left = dice.randrange(40, LARGE[0] - side - 40)
    top = dice.randrange(26, LARGE[1] - side - 26)
    return tinymodel.draw_mark(picture, left, top, side)


@lru_cache(maxsize=64)
def stand_in(number: int) -> Image.Image:
    """The listed picture at the size of the clips."""
    return original(number).resize(SIZE, Image.Resampling.LANCZOS)


@lru_cache(maxsize=8)
def moving(number: int) -> tuple[Image.Image, ...]:
    """The frames of a listed clip: a camera that wanders over a stand-in and draws nearer."""
    picture = original(number % MOVING + 5).resize((480, 360), Image.Resampling.LANCZOS)
    frames = []
    for step in range(MOVING_FRAMES):
        share = 1 - 0.35 * step / MOVING_FRAMES
        width, height = round(480 * share), round(360 * share)
        left = (480 - width) * (step % 4) // 4
        top = (360 - height) * (step % 3) // 3
        window = picture.crop((left, top, left + width, top + height))
        frames.append(window.resize(SIZE, Image.Resampling.LANCZOS))
    return tuple(frames)


def cover(number: int, count: int) -> Frames:
    """Clean frames, 12 a second: real video where it is installed, drawings elsewhere."""
    if not clips.available():
        return [drawn.drawing(number, step / count, *SIZE) for step in range(count)]
    name = list(clips.CLIPS)[number % len(clips.CLIPS)]
    clip = clips.CLIPS[name]
    room = clip.frames - round(count * clip.rate / 12) - 1
    start = (number * 37) % room
    width = max(SIZE[0], -(-SIZE[1] * clip.width // clip.height))
    return [
        ImageOps.fit(Image.fromarray(pixels), SIZE)
        for pixels in clips.window(name, start, count, width=width, rate=12)
    ]


def encode(
    frames: Frames, kind: str, durations: int | list[int] = 80, *, dither: bool = True
) -> bytes:
    """Write frames in one of :data:`FORMATS`, as people find them: lossy, where the format is."""
    if kind == "gif":
        return writers.gif(frames, durations, dither=dither, shared=len(frames) > 12)
    if kind == "webp":
        return writers.webp(frames, durations)
    if kind == "apng":
        return writers.apng(frames, durations)
    if kind == "avif":
        return writers.avif(frames, durations)
    return writers.video(frames, kind=kind)


def decode(data: bytes) -> Frames:
    """Every frame as RGB, by Pillow or PyAV; transparent ones on a light and on a dark page."""
    try:
        image = Image.open(io.BytesIO(data))
    except UnidentifiedImageError:
        import av

        with av.open(io.BytesIO(data)) as container:
            return [frame.to_image() for frame in container.decode(video=0)]
    frames: Frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        shown = image.convert("RGBA")
        for page in ("white", "black"):
            flat = Image.new("RGB", shown.size, page)
            flat.paste(shown, mask=shown)
            frames.append(flat)
            if shown.getchannel("A").getextrema()[0] == 255:
                break
    return frames
