"""Attacks in time and space: the stand-in stays as it is, but is shown where one may not look."""

from __future__ import annotations

import math

from PIL import Image, ImageChops

from tests.attacks.material import FORMATS, SIZE, Frames, cover, dice_for, encode, moving, stand_in
from tests.common import writers

Made = tuple[str, bytes, Image.Image]
"""What was done, the file, and the stand-in as it looks in it at its clearest."""


def _flash(number: int, place: int, kind: str, times: list[int]) -> Made:
    frames = cover(number, len(times))
    frames[place] = stand_in(number)
    about = f"{kind}, frame {place + 1} of {len(times)}, {times[place]} ms"
    return about, encode(frames, kind, times), stand_in(number)


def flash_anywhere(number: int) -> Made:
    dice = dice_for("flash anywhere", number)
    count = dice.randrange(8, 20)
    return _flash(number, dice.randrange(count), FORMATS[number % 8], [80] * count)


def flash_10_ms(number: int) -> Made:
    place = dice_for("flash 10 ms", number).randrange(1, 13)
    times = [80] * 14
    times[place] = 10 if number % 4 else 0  # a delay of 0 is shown, too
    return _flash(number, place, ("gif", "webp", "apng")[number % 3], times)


def flash_after_pause(number: int) -> Made:
    place = dice_for("after a pause", number).randrange(2, 9)
    times = [80] * 10
    times[place - 1] = 30_000
    return _flash(number, place, ("gif", "webp", "apng")[number % 3], times)


def flash_at_the_end(number: int) -> Made:
    return _flash(number, 11, FORMATS[number % 8], [80] * 12)


def flash_at_the_start(number: int) -> Made:
    return _flash(number, 0, FORMATS[number % 8], [80] * 12)


def flash_once(number: int) -> Made:
    """In a GIF without a loop: what stays on the screen after the one run."""
    frames = [*cover(number, 9), stand_in(number)]
    return "shown once", writers.gif(frames, 80, dither=True, loop=None), stand_in(number)


def among_300(number: int) -> Made:
    """One among 300 small frames of two pictures that take turns."""
    small = (80, 60)
    two = [frame.resize(small) for frame in cover(number, 24)[::12]]
    frames = two * 150
    place = dice_for("among 300", number).randrange(300)
    frames[place] = stand_in(number).resize(small)
    pages = writers.palette_frames([*two, frames[place]], dither=False, shared=False)
    frames = pages[:2] * 150
    frames[place] = pages[2]
    return f"frame {place + 1} of 300", writers.gif(frames, 40), stand_in(number).resize(small)


def inset(number: int) -> Made:
    """The stand-in as a small picture in the cover, in one frame or in all."""
    dice = dice_for("inset", number)
    share = (0.6, 0.5, 0.4, 0.3, 0.25)[number % 5]
    size = (round(SIZE[0] * share), round(SIZE[1] * share))
    place = (dice.randrange(SIZE[0] - size[0]), dice.randrange(SIZE[1] - size[1]))
    frames = cover(number, 10)
    shown = range(10) if number % 2 else [dice.randrange(10)]
    for at in shown:
        frames[at] = frames[at].copy()
        frames[at].paste(stand_in(number).resize(size, Image.Resampling.LANCZOS), place)
    about = f"{share:.0%} wide at {place[0]},{place[1]}, in {len(shown)} of 10 frames"
    return about, encode(frames, FORMATS[number % 8]), frames[shown[-1]]


def fade(number: int) -> Made:
    """Slowly in and out; the peak may stay a mixture. Neighbouring frames barely differ."""
    peak = (1.0, 0.9, 0.8, 0.7, 0.6)[number % 5]
    count = 24
    under = cover(number, 1)[0]
    frames = [
        Image.blend(under, stand_in(number), peak * math.sin(math.pi * step / (count - 1)))
        for step in range(count)
    ]
    clearest = frames[count // 2]
    return f"peak {peak:.0%}", encode(frames, FORMATS[number % 8], 60, dither=False), clearest


def bit_by_bit(number: int) -> Made:
    """Uncovered from the top, or pushed in from the side; whole for one frame only."""
    frames = cover(number, 13)
    for step in range(1, 9):
        done = SIZE[number % 2 == 0] * step // 8
        frame = frames[step].copy()
        if number % 2:
            frame.paste(stand_in(number), (done - SIZE[0], 0))
        else:
            frame.paste(stand_in(number).crop((0, 0, SIZE[0], done)), (0, 0))
        frames[step] = frame
    about = "pushed in" if number % 2 else "uncovered"
    return about, encode(frames, FORMATS[number % 8]), stand_in(number)


def _transparent(number: int, *, dark: bool, soft: bool) -> Image.Image:
    """White (or black) ink only: invisible on a page of that colour, a picture on the other."""
    grey = stand_in(number).convert("L")
    ink = grey if dark else ImageChops.invert(grey)
    if not soft:  # GIF knows only on and off
        ink = ink.convert("1").convert("L")
    picture = Image.new("RGBA", SIZE, (255, 255, 255, 0) if dark else (0, 0, 0, 0))
    picture.putalpha(ink)
    return picture


def one_background(number: int) -> Made:
    """A transparent sticker that shows the stand-in on a dark page only (or on a light one)."""
    dark, kind = number % 3 != 2, ("gif", "webp", "apng")[number // 3 % 3]
    sticker = _transparent(number, dark=dark, soft=kind != "gif")
    plain = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    frames = [plain, sticker, plain]
    if kind == "gif":
        data = writers.gif([_with_hole(f) for f in frames], 100, disposal=2)
    else:
        data = (writers.webp if kind == "webp" else writers.apng)(frames, 100)
    page = Image.new("RGB", SIZE, (0, 0, 0) if dark else (255, 255, 255))
    page.paste(sticker, mask=sticker)
    return f"{kind}, only on {'dark' if dark else 'light'}", data, page


def _with_hole(picture: Image.Image) -> Image.Image:
    """Two palette entries: 0 is transparent, 1 is the ink."""
    page = Image.new("P", picture.size, 0)
    ink = picture.getpixel((0, 0))[:3]
    page.putpalette([9, 9, 9, *ink])
    page.paste(1, mask=picture.getchannel("A"))
    page.info["transparency"] = 0
    return page


# ---- listed clips that were edited


def sped_up(number: int) -> Made:
    """Every second, third or fourth frame of a listed clip, at once after each other."""
    step = 2 + number % 3
    frames = list(moving(number))[number % 2 :: step]
    about = f"every {step}th frame, {20} ms each"
    return about, encode(frames, FORMATS[number % 8], 20), frames[0]


def reordered(number: int) -> Made:
    """A listed clip shuffled, or backwards."""
    frames = list(moving(number))
    if number % 3 == 0:
        frames.reverse()
    else:
        dice_for("reordered", number).shuffle(frames)
    about = "shuffled" if number % 3 else "backwards"
    return about, encode(frames, FORMATS[number % 8]), frames[0]


def padded(number: int) -> Made:
    """A few frames of a listed clip, strewn among many clean ones, never first."""
    dice = dice_for("padded", number)
    frames: Frames = cover(number, 22)
    listed = list(moving(number))
    kept = 1 + number % 4
    for at in sorted(dice.sample(range(4, 22), kept)):
        frames[at] = dice.choice(listed)
        shown = frames[at]
    about = f"{kept} listed among {22 - kept} clean frames"
    return about, encode(frames, FORMATS[number % 8]), shown
