"""Harmless pictures drawn on the spot: stand-ins for what is looked for, captions, stickers…

A stand-in is a bold geometric picture with the words STAND-IN and CONTOH on it. Tests, samples and
the attack suite put it where unwanted material would be; nothing else is ever needed.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

COLOURS = (
    (214, 40, 57),
    (29, 53, 87),
    (244, 162, 97),
    (42, 157, 143),
    (233, 196, 106),
    (94, 84, 142),
    (241, 250, 238),
    (20, 20, 24),
)
LINES = (
    "good morning",
    "WHEN THE BUS COMES",
    "selamat pagi!",
    "me, on a Monday",
    "ok then",
    "hati-hati ya",
    "so close...",
    "mood",
)


@lru_cache(maxsize=32)
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font at this size in pixels; no font file is needed."""
    return ImageFont.load_default(size)


@lru_cache(maxsize=64)
def stand_in(number: int, width: int = 320, height: int = 240) -> Image.Image:
    """The stand-in with this number: always the same picture, unlike every other number's.

    Large overlapping shapes give the low frequencies that PDQ reads, so that every stand-in has a
    PDQ quality well above 50 and survives being made small.
    """
    dice = random.Random(f"stand-in {number}")
    large = Image.new("RGB", (640, 480), dice.choice(COLOURS))
    pen = ImageDraw.Draw(large)
    for _ in range(26):
        colour = dice.choice(COLOURS)
        x, y, r = dice.uniform(0, 640), dice.uniform(0, 480), dice.uniform(35, 130)
        shape = dice.randrange(4)
        if shape == 0:
            pen.ellipse((x - r, y - r * 0.7, x + r, y + r * 0.7), fill=colour)
        elif shape == 1:
            pen.regular_polygon((x, y, r), dice.randint(3, 6), dice.randrange(360), fill=colour)
        elif shape == 2:
            pen.ellipse((x - r, y - r, x + r, y + r), outline=colour, width=int(r / 3))
        else:
            angle = dice.uniform(0, math.pi)
            dx, dy = 2 * r * math.cos(angle), 2 * r * math.sin(angle)
            pen.line((x - dx, y - dy, x + dx, y + dy), fill=colour, width=int(r / 2))
    text = "STAND-IN" if number % 2 == 0 else "CONTOH"
    pen.text((320, 240), f"{text} {number}", (255, 255, 255), font(70), "mm",
             stroke_width=6, stroke_fill=(0, 0, 0))  # fmt: skip
    return large.resize((width, height), Image.Resampling.LANCZOS)


def captioned(picture: Image.Image, text: str, *, top: bool = False) -> Image.Image:
    """Return a copy with a line of white, black-edged text at the bottom (or top)."""
    copy = picture.copy()
    size = max(10, picture.width // 14)
    place = (picture.width / 2, size * 0.8 if top else picture.height - size * 0.8)
    ImageDraw.Draw(copy).text(place, text, (255, 255, 255), font(size), "mm",
                              stroke_width=max(1, size // 9), stroke_fill=(0, 0, 0))  # fmt: skip
    return copy


def sticker(number: int, phase: float, side: int = 160) -> Image.Image:
    """An RGBA sticker, mostly transparent: a face that hops; ``phase`` 0..1 is its time."""
    dice = random.Random(f"sticker {number}")
    skin, mark = dice.sample(COLOURS[:6], 2)
    picture = Image.new("RGBA", (side * 2, side * 2), (0, 0, 0, 0))
    pen = ImageDraw.Draw(picture)
    hop = abs(math.sin(2 * math.pi * phase)) * side * 0.25
    lean = math.sin(2 * math.pi * phase) * side * 0.12
    x, y, r = side + lean, side * 1.15 - hop, side * 0.42
    pen.ellipse((x - r, y - r, x + r, y + r), fill=(*skin, 255), outline=(0, 0, 0, 255), width=6)
    for sign in (-1, 1):
        eye = x + sign * r * 0.4
        lid = r * (0.05 if phase > 0.85 else 0.2)
        pen.ellipse((eye - r * 0.13, y - r * 0.3 - lid, eye + r * 0.13, y - r * 0.3 + lid),
                    fill=(0, 0, 0, 255))  # fmt: skip
    pen.arc((x - r * 0.5, y - r * 0.2, x + r * 0.5, y + r * 0.55), 15, 165, (0, 0, 0, 255), 8)
    pen.regular_polygon((x, y - r * 1.15, r * 0.3), 3 + number % 4, int(60 * phase),
                        fill=(*mark, 255))  # fmt: skip
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def slide(number: int, width: int, height: int) -> Image.Image:
    """A page with a title, lines of text and a bar chart."""
    dice = random.Random(f"slide {number}")
    page = Image.new("RGB", (width, height), dice.choice(((250, 250, 245), (24, 32, 48))))
    ink = (20, 20, 24) if page.getpixel((0, 0)) == (250, 250, 245) else (240, 240, 240)
    pen = ImageDraw.Draw(page)
    unit = height // 12
    pen.text((unit, unit), dice.choice(LINES), ink, font(max(10, unit * 2)))
    for line in range(4):
        words = " ".join(dice.choice(LINES) for _ in range(2))
        pen.text((unit, unit * (4 + line)), words, ink, font(max(8, unit)))
    for bar in range(6):
        left = width * 0.55 + bar * width * 0.07
        top = height * dice.uniform(0.35, 0.85)
        pen.rectangle(
            (left, top, left + width * 0.05, height * 0.92), fill=dice.choice(COLOURS[:6])
        )
    return page


def drawing(number: int, phase: float, width: int, height: int) -> Image.Image:
    """One frame of a flat drawn animation: hills, a sun, a thing that drives by; loops at 1."""
    dice = random.Random(f"drawing {number}")
    sky, hill, body, sun = dice.sample(COLOURS, 4)
    big_w, big_h = width * 2, height * 2
    scene = Image.new("RGB", (big_w, big_h), sky)
    pen = ImageDraw.Draw(scene)
    turn = 2 * math.pi * phase
    sun_x, sun_y = big_w * (0.5 + 0.3 * math.cos(turn)), big_h * (0.3 + 0.1 * math.sin(turn))
    r = big_h * 0.1
    pen.ellipse((sun_x - r, sun_y - r, sun_x + r, sun_y + r), fill=sun)
    for peak in range(4):
        centre = big_w * (peak + 0.3 * dice.random()) / 3
        pen.ellipse(
            (centre - big_w * 0.3, big_h * 0.6, centre + big_w * 0.3, big_h * 1.5), fill=hill
        )
    left = big_w * (1.4 * phase - 0.3)
    top = big_h * (0.68 + 0.02 * math.sin(6 * turn))
    pen.rounded_rectangle(
        (left, top, left + big_w * 0.22, top + big_h * 0.14), 16, body, (0, 0, 0), 5
    )
    for wheel in (0.05, 0.17):
        x, y = left + big_w * wheel, top + big_h * 0.15
        pen.ellipse((x - r / 3, y - r / 3, x + r / 3, y + r / 3), fill=(10, 10, 10))
    return scene.resize((width, height), Image.Resampling.LANCZOS)
