"""Attacks on the picture: the stand-in itself is changed, as copies are when they are passed on."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from tests.attacks.material import FORMATS, LARGE, SIZE, cover, dice_for, encode, original, stand_in
from tests.common import drawn, writers

if TYPE_CHECKING:
    from tests.attacks.hiding import Made


def _among(number: int, changed: Image.Image, kind: str | None = None) -> bytes:
    """Two of eight frames show the changed stand-in; the cover is brought to its size."""
    clean = [ImageOps.fit(frame, changed.size) for frame in cover(number, 8)]
    return encode([*clean[:5], changed, changed.copy(), clean[5]], kind or FORMATS[number % 8])


def mirrored(number: int) -> Made:
    about, turn = (
        ("left for right", ImageOps.mirror),
        ("upside down", ImageOps.flip),
    )[number % 2]
    changed = turn(stand_in(number))
    return about, _among(number, changed), changed


def rotated(number: int) -> Made:
    angle = (90, 180, 270)[number % 3]
    changed = stand_in(number).rotate(angle, expand=True)
    return f"by {angle} degrees", _among(number, changed), changed


def letterboxed(number: int) -> Made:
    """Bars above and below, at the sides or all around: black, white, coloured, or blurred."""
    picture = stand_in(number)
    share = (0.12, 0.2, 0.3)[number % 3]
    across = round(SIZE[0] * share) * (number % 5 != 0)
    down = round(SIZE[1] * share) * (number % 5 in (0, 1))
    size = (SIZE[0] + 2 * across, SIZE[1] + 2 * down)
    fill = ("black", "white", "navy", "blurred")[number % 4]
    if fill == "blurred":
        box = picture.resize(size).filter(ImageFilter.GaussianBlur(12))
    else:
        box = Image.new("RGB", size, fill)
    box.paste(picture, (across, down))
    where = f"{share:.0%} {'sides' if not down else 'all' if across else 'above and below'}"
    return f"{fill}, {where}", _among(number, box), box


def captioned(number: int) -> Made:
    text = drawn.LINES[number % len(drawn.LINES)]
    changed = drawn.captioned(stand_in(number), text, top=number % 2 == 0)
    if number % 3 == 2:
        changed = drawn.captioned(changed, text[::-1], top=number % 2 == 1)
    where = "above and below" if number % 3 == 2 else "below" if number % 2 else "above"
    return f"'{text}' {where}", _among(number, changed), changed


def cropped(number: int) -> Made:
    """A tenth cut off: of the whole width and height, off one side, off all, off two."""
    width, height = LARGE
    dice = dice_for("cropped", number)
    left, top, right, bottom = (
        (0.05, 0.05, 0.05, 0.05),
        (0.1, 0.0, 0.0, 0.0),
        (0.0, 0.1, 0.0, 0.0),
        (0.0, 0.0, 0.1, 0.0),
        (0.0, 0.0, 0.0, 0.1),
        (0.1, 0.1, 0.1, 0.1),
        (0.05, 0.05, 0.0, 0.0),
        (dice.uniform(0, 0.1), dice.uniform(0, 0.1), dice.uniform(0, 0.1), dice.uniform(0, 0.1)),
    )[number % 8]
    box = (
        round(width * left),
        round(height * top),
        round(width * (1 - right)),
        round(height * (1 - bottom)),
    )
    changed = original(number).crop(box).resize(SIZE, Image.Resampling.LANCZOS)
    about = f"left {left:.0%}, top {top:.0%}, right {right:.0%}, bottom {bottom:.0%}"
    return about, _among(number, changed), changed


def recompressed(number: int) -> Made:
    """Badly compressed; judged alone is the stand-in as it comes out of the file."""
    frames = [*cover(number, 5), stand_in(number), stand_in(number).copy()]
    kind, level = (
        ("JPEG", 12),
        ("WEBP", 5),
        ("mp4", 40),
        ("GIF", 16),
        ("AVIF", 15),
        ("webm", 50),
        ("JPEG", 25),
        ("GIF", 8),
        ("small", 64),
        ("small", 96),
    )[number % 10]
    if kind in ("mp4", "webm"):
        data = writers.video(frames, kind=kind, quality=level)
        return f"{kind}, quantiser {level}", data, _last_of_video(data)
    if kind == "small":
        size = (level, level * 3 // 4)
        data = writers.gif([f.resize(size) for f in frames], dither=True)
    elif kind == "GIF":
        pages = writers.palette_frames(frames, dither=number % 20 < 10, shared=True, colours=level)
        data = writers.gif(pages)
    elif kind == "WEBP":
        data = writers.webp(frames, quality=level)
    elif kind == "AVIF":
        data = writers.avif(frames, quality=level)
    else:
        data = writers.still(stand_in(number), "JPEG", quality=level)
    with Image.open(io.BytesIO(data)) as image:
        image.seek(getattr(image, "n_frames", 1) - 1)
        shown = image.convert("RGB")
    return f"{kind}, {level}", data, shown


def _last_of_video(data: bytes) -> Image.Image:
    import av

    with av.open(io.BytesIO(data)) as container:
        *_, last = container.decode(video=0)
        return last.to_image()


def recoloured(number: int) -> Made:
    """Paler, darker, grey, tinted, sharper, softer."""
    picture = stand_in(number)
    about, changed = (
        ("half the contrast", ImageEnhance.Contrast(picture).enhance(0.5)),
        ("darker", ImageEnhance.Brightness(picture).enhance(0.55)),
        ("brighter", ImageEnhance.Brightness(picture).enhance(1.4)),
        ("grey", ImageOps.grayscale(picture).convert("RGB")),
        ("warm tint", Image.blend(picture, Image.new("RGB", SIZE, (230, 140, 40)), 0.25)),
        ("soft", picture.filter(ImageFilter.GaussianBlur(1.5))),
    )[number % 6]
    return about, _among(number, changed), changed


def combined(number: int) -> Made:
    """Several at once, for one frame: mirrored or turned, captioned, recompressed, made small."""
    picture = ImageOps.mirror(stand_in(number)) if number % 2 else stand_in(number)
    if number % 4 >= 2:
        picture = picture.rotate(180)
    if number % 3 == 0:
        picture = drawn.captioned(picture, drawn.LINES[number % len(drawn.LINES)])
    packed = writers.still(picture, "JPEG", quality=30)
    with Image.open(io.BytesIO(packed)) as image:
        shown = image.convert("RGB").resize((120, 90), Image.Resampling.LANCZOS)
    frames = [frame.resize((120, 90)) for frame in cover(number, 12)]
    frames[8] = shown
    names = [
        "mirrored" * (number % 2),
        "turned" * (number % 4 >= 2),
        "captioned" * (number % 3 == 0),
        "JPEG 30, small, one frame",
    ]
    return ", ".join(filter(None, names)), encode(frames, FORMATS[number % 8]), shown
