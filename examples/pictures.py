"""The drawn animations of the sample catalogue: each a function of time, 0 up to 1, that loops.

Everything is drawn here from circles, lines and polygons on a square of 480 by 480, which is then
made small; nothing is copied from anywhere.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial

from PIL import Image, ImageDraw
from tests.common import drawn

SIDE = 480
Pen = ImageDraw.ImageDraw
Drawing = Callable[[Pen, float], None]
Colour = tuple[int, int, int]

INK = (38, 32, 44)
RED, ORANGE, YELLOW = (224, 60, 70), (243, 146, 55), (250, 204, 84)
GREEN, TEAL, BLUE = (86, 168, 92), (54, 150, 150), (66, 120, 208)
PURPLE, PINK, WHITE = (132, 98, 190), (240, 130, 160), (252, 250, 244)
BROWN, GREY, NIGHT = (128, 84, 56), (150, 152, 164), (30, 36, 78)


def wave(phase: float, times: int = 1, shift: float = 0.0) -> float:
    """A swing between -1 and 1 that comes back to where it was."""
    return math.sin(2 * math.pi * (times * phase + shift))


def disc(pen: Pen, x: float, y: float, r: float, colour: Colour, squash: float = 1.0) -> None:
    """A filled circle with a dark edge; ``squash`` below 1 makes it flatter."""
    pen.ellipse((x - r, y - r * squash, x + r, y + r * squash), colour, INK, 6)


def limb(pen: Pen, points: list[tuple[float, float]], colour: Colour, width: int = 24) -> None:
    """A thick line with round ends and joints."""
    pen.line(points, colour, width, joint="curve")
    for x, y in points:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), colour)


def star(pen: Pen, x: float, y: float, r: float, colour: Colour, points: int = 5) -> None:
    """A star."""
    corners = [
        (
            x + (r if n % 2 == 0 else r * 0.45) * math.sin(math.pi * n / points),
            y - (r if n % 2 == 0 else r * 0.45) * math.cos(math.pi * n / points),
        )
        for n in range(2 * points)
    ]
    pen.polygon(corners, colour)


def _eyes(pen: Pen, x: float, y: float, gap: float, *, shut: bool = False) -> None:
    for side in (-1, 1):
        eye = x + side * gap
        if shut:
            pen.arc((eye - 18, y - 14, eye + 18, y + 14), 200, 340, INK, 7)
        else:
            pen.ellipse((eye - 12, y - 17, eye + 12, y + 17), INK)
            pen.ellipse((eye - 3, y - 12, eye + 7, y - 2), WHITE)


def cat(pen: Pen, phase: float, fur: Colour, *, dances: bool = False) -> None:
    """A cat that sits and swings its tail, or that hops from paw to paw."""
    hop = abs(wave(phase)) * 40 if dances else 0
    lean = wave(phase) * (36 if dances else 6)
    x, y = 240 + lean, 190 - hop
    tail = [(300, 400), (370, 390), (405 + 22 * wave(phase), 320), (390 + 50 * wave(phase), 250)]
    limb(pen, [(a + lean / 2, b - hop) for a, b in tail], fur, 30)
    disc(pen, 240 + lean / 2, 360 - hop, 96, fur, 0.95)
    for side in (-1, 1):
        up = max(0.0, side * wave(phase)) * 46 if dances else 0
        limb(pen, [(240 + lean / 2 + side * 44, 400 - hop), (240 + side * 52, 446 - hop - up)], fur)
        if dances:
            lift = side * wave(phase) * 70
            limb(pen, [(x + side * 70, 330 - hop), (x + side * 140, 300 - hop - lift)], fur)
        ear = [(x + side * 96, y - 22), (x + side * 86, y - 118), (x + side * 18, y - 76)]
        pen.polygon(ear, fur, INK, 6)
    disc(pen, x, y, 100, fur, 0.86)
    _eyes(pen, x, y - 12, 38, shut=not dances and phase > 0.9)
    pen.polygon([(x - 11, y + 20), (x + 11, y + 20), (x, y + 33)], PINK)
    for side in (-1, 1):
        pen.arc((x + side * 15 - 16, y + 18, x + side * 15 + 16, y + 48), 10, 170, INK, 5)
        for row in (0, 16):
            pen.line((x + side * 46, y + 24 + row, x + side * 122, y + 14 + row * 1.6), INK, 4)


def dog(pen: Pen, phase: float) -> None:
    """A dog that wags its tail and pants."""
    wag = wave(phase, 2) * 34
    limb(pen, [(332, 352), (386 + wag, 262)], BROWN, 28)
    disc(pen, 250, 372, 92, BROWN, 0.86)
    for side in (-1, 1):
        limb(pen, [(250 + side * 44, 400), (250 + side * 50, 446)], BROWN)
    disc(pen, 230, 196, 98, (172, 122, 82), 0.92)
    for side in (-1, 1):
        ear = 230 + side * (92 + 4 * wave(phase, 2))
        pen.ellipse((ear - 32, 146, ear + 32, 276), BROWN, INK, 6)
    _eyes(pen, 230, 176, 36)
    pen.ellipse((204, 206, 256, 240), INK)
    pen.arc((196, 226, 264, 270), 10, 170, INK, 6)
    pen.rounded_rectangle((216, 262, 246, 290 + 10 * wave(phase, 2)), 14, PINK, INK, 4)


def dancer(pen: Pen, phase: float, shirt: Colour) -> None:
    """A stick person in a loose shirt who dances."""
    sway, beat = wave(phase) * 44, abs(wave(phase))
    head, hip = (240 + sway, 110 + 24 * beat), (240 - sway * 0.4, 300 + 14 * beat)
    for side in (-1, 1):
        knee = (hip[0] + side * 56, 370 + 8 * beat)
        limb(pen, [hip, knee, (240 + side * (44 + 20 * wave(phase)), 450)], NIGHT, 26)
        raised = side * wave(phase) * 90
        elbow = (head[0] + side * 96, 220 - raised * 0.3)
        limb(pen, [(head[0], 196), elbow, (head[0] + side * 136, 170 - raised)], shirt, 24)
    limb(pen, [(head[0], 200), hip], shirt, 76)
    disc(pen, *head, 62, YELLOW)
    _eyes(pen, head[0], head[1] - 8, 24, shut=beat > 0.9)
    pen.arc((head[0] - 28, head[1] - 8, head[0] + 28, head[1] + 38), 20, 160, INK, 6)
    for note in range(2):
        x, y = 70 + 330 * note, 130 + 46 * wave(phase, 1, 0.5 * note)
        pen.line((x + 14, y, x + 14, y - 54), INK, 8)
        pen.ellipse((x - 16, y - 14, x + 18, y + 14), INK)


def face(pen: Pen, phase: float, mood: str) -> None:
    """A round face that laughs, cries, is surprised, or sleeps."""
    shake = wave(phase, 2) * (16 if mood == "laugh" else 4)
    x, y = 240 + (shake if mood == "cry" else 0), 240 + (shake if mood == "laugh" else 0)
    disc(pen, x, y, 176, YELLOW)
    _eyes(pen, x, y - 50, 66, shut=mood in ("laugh", "sleep"))
    if mood == "laugh":
        pen.chord((x - 100, y - 60, x + 100, y + 120), 0, 180, RED, INK, 8)
    elif mood == "cry":
        pen.arc((x - 70, y + 50, x + 70, y + 150), 190, 350, INK, 10)
        for side in (-1, 1):
            fall = y - 20 + 150 * ((phase * 2 + 0.25 * side) % 1)
            pen.ellipse((x + side * 72 - 17, fall, x + side * 72 + 17, fall + 46), BLUE, INK, 4)
    elif mood == "wow":
        size = 44 + 18 * wave(phase)
        pen.ellipse((x - size * 0.8, y + 66 - size, x + size * 0.8, y + 66 + size), RED, INK, 8)
        for side in (-1, 1):
            brow = y - 108 - 14 * wave(phase)
            pen.arc((x + side * 66 - 34, brow, x + side * 66 + 34, brow + 40), 200, 340, INK, 9)
    else:
        pen.arc((x - 46, y + 30, x + 46, y + 90), 20, 160, INK, 9)
        for number in range(3):
            there = (phase + number / 3) % 1
            size = int(30 + 40 * there)
            place = (x + 110 + 70 * there, y - 90 - 120 * there)
            pen.text(place, "z", BLUE, drawn.font(size), "mm", stroke_width=3, stroke_fill=INK)


def heart(pen: Pen, phase: float) -> None:
    """A heart that beats."""
    r = 11 * (1 + 0.1 * max(wave(phase, 2), 0))
    outline = []
    for turn in (math.tau * n / 90 for n in range(90)):
        down = 13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn)
        outline.append((240 + r * 16 * math.sin(turn) ** 3, 236 - r * (down - math.cos(4 * turn))))
    pen.polygon(outline, RED, INK, 8)
    pen.ellipse((140, 120, 190, 160), (250, 160, 165))


def sun(pen: Pen, phase: float) -> None:
    """A sun that rises a little and turns its rays."""
    y = 240 - 26 * wave(phase)
    for ray in range(12):
        turn = math.tau * (ray / 12 + phase / 12)
        a, b = 140, 190 + 16 * wave(phase, 2, ray / 2)
        ends = [(240 + r * math.cos(turn), y + r * math.sin(turn)) for r in (a, b)]
        limb(pen, ends, ORANGE, 20)
    disc(pen, 240, y, 116, YELLOW)
    _eyes(pen, 240, y - 20, 42)
    pen.arc((190, y - 20, 290, y + 60), 20, 160, INK, 9)


def moon(pen: Pen, phase: float) -> None:
    """A moon asleep among stars that twinkle."""
    for number in range(9):
        dice = random.Random(number)  # noqa: S311 - always the same places
        x, y = dice.uniform(30, 450), dice.uniform(30, 450)
        star(pen, x, y, 16 + 9 * wave(phase, 2, dice.random()), YELLOW)
    disc(pen, 240, 240, 132, (246, 232, 178))
    _eyes(pen, 240, 226, 46, shut=True)
    pen.arc((208, 250, 272, 296), 20, 160, INK, 8)


def rain(pen: Pen, phase: float) -> None:
    """An umbrella in the rain."""
    for number in range(26):
        dice = random.Random(number)  # noqa: S311 - always the same places
        x, y = dice.uniform(10, 470), (dice.random() + phase * dice.choice((1, 2))) % 1 * 500 - 20
        if not (90 < x < 390 and y > 190):
            pen.line((x, y, x - 8, y + 34), BLUE, 7)
    pen.line((240, 170, 240, 400), INK, 12)
    pen.arc((190, 370, 246, 426), 0, 180, INK, 12)
    lean = 8 * wave(phase)
    pen.pieslice((80 + lean, 110, 400 + lean, 430), 180, 360, RED, INK, 7)
    middle = 240 + lean
    pen.chord((middle - 52, 110, middle + 52, 430), 180, 360, YELLOW, INK, 6)
    pen.line((middle, 94, middle, 120), INK, 8)


def cake(pen: Pen, phase: float) -> None:
    """A birthday cake with candles that flicker."""
    pen.rounded_rectangle((80, 290, 400, 430), 20, PINK, INK, 7)
    pen.rounded_rectangle((120, 200, 360, 300), 18, WHITE, INK, 7)
    for drip in range(6):
        x = 140 + 44 * drip
        pen.ellipse((x - 20, 274, x + 20, 324), WHITE)
    for candle, colour in enumerate((BLUE, GREEN, PURPLE)):
        x = 170 + 70 * candle
        pen.rectangle((x - 10, 130, x + 10, 204), colour, INK, 4)
        flame = 10 * wave(phase, 2, candle / 3)
        tip = (x + flame, 60 - abs(flame))
        pen.polygon([(x - 17, 116), tip, (x + 17, 116), (x, 134)], ORANGE)
        pen.polygon([(x - 8, 118), (x + flame / 2, 86), (x + 8, 118)], YELLOW)


def thumb(pen: Pen, phase: float) -> None:
    """A thumb that goes up."""
    y = 14 * wave(phase, 2)
    pen.rounded_rectangle((90, 240 + y, 160, 430 + y), 14, BLUE, INK, 7)
    tip = [(170, 250), (230, 120), (236, 60), (290, 70), (290, 200), (240, 250)]
    pen.polygon([(a, b + y) for a, b in tip], YELLOW, INK, 7)
    for finger in range(4):
        top = 210 + 56 * finger + y
        pen.rounded_rectangle((170, top, 400 - 14 * finger, top + 58), 28, YELLOW, INK, 7)
    pen.rectangle((166, 250 + y, 260, 420 + y), YELLOW)


def coffee(pen: Pen, phase: float) -> None:
    """A cup of coffee that steams."""
    for row in range(3):
        points = [
            (170 + 70 * row + 16 * wave(phase, 1, step / 8 + row / 3), 180 - 16 * step)
            for step in range(8)
        ]
        limb(pen, points, GREY, 12)
    pen.arc((320, 230, 430, 350), 270, 90, INK, 26)
    pen.rounded_rectangle((110, 200, 350, 400), 44, TEAL, INK, 8)
    pen.ellipse((110, 176, 350, 236), BROWN, INK, 8)
    pen.ellipse((60, 392, 400, 440), WHITE, INK, 7)


def fish(pen: Pen, phase: float, colour: Colour) -> None:
    """A fish that swims by."""
    x, y, wag = 240 + 40 * wave(phase), 240 + 20 * wave(phase, 2), 40 * wave(phase, 2)
    pen.polygon([(x - 100, y), (x - 190, y - 80 + wag), (x - 190, y + 80 + wag)], ORANGE, INK, 7)
    pen.ellipse((x - 130, y - 90, x + 150, y + 90), colour, INK, 7)
    for stripe in (-40, 20):
        pen.arc((x + stripe - 60, y - 80, x + stripe + 30, y + 80), 285, 75, WHITE, 14)
    _eyes(pen, x + 96, y - 20, 0)
    for number in range(3):
        up = (phase + number / 3) % 1
        disc(pen, x + 180 + 10 * number, y - 180 * up, 8 + 10 * up, (200, 226, 250))


def rocket(pen: Pen, phase: float) -> None:
    """A rocket on its way."""
    y = 12 * wave(phase, 3)
    fire = 60 + 34 * wave(phase, 3, 0.3)
    for side in (-1, 1):
        fin = [(240 + side * 64, 250), (240 + side * 130, 370), (240 + side * 58, 340)]
        pen.polygon([(a, b + y) for a, b in fin], RED, INK, 7)
    pen.ellipse((170, 30 + y, 310, 430 + y), WHITE, INK, 8)
    pen.rectangle((150, 356 + y, 330, 440 + y), (0, 0, 0, 0))  # its round end, away
    pen.polygon([(196, 350 + y), (240, 370 + fire + y), (284, 350 + y)], ORANGE)
    pen.polygon([(214, 350 + y), (240, 350 + fire * 0.6 + y), (266, 350 + y)], YELLOW)
    pen.chord((170, 30 + y, 310, 430 + y), 222, 318, RED, INK, 8)
    disc(pen, 240, 210 + y, 40, BLUE)


def ball(pen: Pen, phase: float) -> None:
    """A ball that bounces and turns."""
    up = abs(math.cos(math.pi * phase))
    y = 370 - 230 * up
    pen.ellipse((150 + 40 * up, 440, 330 - 40 * up, 464), GREY)
    disc(pen, 240, y, 90, WHITE, 0.88 if up < 0.15 else 1)
    for patch in range(5):
        turn = math.tau * (patch / 5 + phase)
        centre = (240 + 52 * math.cos(turn), y + 52 * math.sin(turn), 26)
        pen.regular_polygon(centre, 5, int(360 * phase), INK)


def flower(pen: Pen, phase: float, colour: Colour) -> None:
    """A flower that grows and bows."""
    grown = min(1.0, phase * 2.5) if phase < 0.8 else (1 - phase) * 5
    top, lean = 440 - 240 * grown, 20 * wave(phase, 2)
    limb(pen, [(240, 450), (240 + lean / 2, (450 + top) / 2), (240 + lean, top)], GREEN, 18)
    for side in (-1, 1):
        leaf = (450 + top) / 2 + 30
        pen.ellipse((240 + side * 50 - 46, leaf - 18, 240 + side * 50 + 46, leaf + 18), GREEN)
    r = 20 + 66 * grown
    for petal in range(8):
        turn = math.tau * petal / 8 + 0.3 * wave(phase)
        disc(pen, 240 + lean + r * math.cos(turn), top + r * math.sin(turn), r * 0.5, colour)
    disc(pen, 240 + lean, top, r * 0.66, YELLOW)


def fireworks(pen: Pen, phase: float) -> None:
    """Fireworks, one burst after another."""
    bursts = ((150, 170, RED), (330, 150, YELLOW), (240, 310, TEAL), (110, 350, PINK))
    for number, (x, y, colour) in enumerate(bursts):
        grown = (phase + number / 4) % 1
        for spark in range(14):
            turn = math.tau * spark / 14
            near, far = 130 * grown * 0.6, 130 * grown
            ends = [(x + r * math.cos(turn), y + r * math.sin(turn)) for r in (near, far)]
            pen.line(ends, colour, max(2, int(12 * (1 - grown))))


def train(pen: Pen, phase: float) -> None:
    """A little train that puffs along."""
    shift = 480 * phase
    for sleeper in range(9):
        x = (sleeper * 60 - shift) % 540 - 40
        pen.rectangle((x, 432, x + 30, 446), BROWN)
    pen.line((0, 430, 480, 430), INK, 8)
    jolt = 4 * wave(phase, 4)
    for puff in range(3):
        up = (phase * 2 + puff / 3) % 1
        disc(pen, 370 - 120 * up, 170 - 110 * up, 16 + 26 * up, WHITE)
    pen.rounded_rectangle((60, 200 + jolt, 220, 390 + jolt), 14, BLUE, INK, 7)
    pen.rectangle((90, 236 + jolt, 190, 300 + jolt), WHITE, INK, 6)
    pen.rounded_rectangle((210, 270 + jolt, 430, 390 + jolt), 26, RED, INK, 7)
    pen.rectangle((350, 190 + jolt, 390, 276 + jolt), INK)
    for wheel in (110, 190, 290, 370):
        disc(pen, wheel, 396, 34, GREY)
        turn = math.tau * phase * 4
        pen.line((wheel, 396, wheel + 28 * math.cos(turn), 396 + 28 * math.sin(turn)), INK, 6)


def boat(pen: Pen, phase: float) -> None:
    """A boat with a coloured sail on the waves."""
    y = 10 * wave(phase)
    pen.line((240, 110 + y, 240, 330 + y), BROWN, 12)
    pen.polygon([(252, 110 + y), (252, 310 + y), (380, 310 + y)], ORANGE, INK, 6)
    pen.polygon([(228, 140 + y), (228, 310 + y), (130, 310 + y)], YELLOW, INK, 6)
    hull = [(90, 326), (400, 326), (340, 400), (140, 400)]
    pen.polygon([(a, b + y) for a, b in hull], BROWN, INK, 7)
    for row in range(3):
        crest = [
            (x, 390 + 30 * row + 14 * wave(phase, 1, x / 240 + row / 3)) for x in range(0, 481, 12)
        ]
        pen.polygon([*crest, (480, 480), (0, 480)], (66 - 12 * row, 130 - 14 * row, 196))


def hello(pen: Pen, phase: float, shirt: Colour) -> None:
    """Somebody who waves a hand."""
    limb(pen, [(330, 330), (390, 230), (380 + 46 * wave(phase, 2), 120)], shirt, 40)
    disc(pen, 380 + 46 * wave(phase, 2), 108, 40, YELLOW)
    pen.pieslice((90, 300, 370, 620), 180, 360, shirt, INK, 7)
    disc(pen, 230, 200, 108, YELLOW)
    pen.pieslice((118, 84, 342, 300), 180, 360, NIGHT)
    _eyes(pen, 230, 206, 38, shut=phase > 0.88)
    pen.arc((186, 210, 274, 272), 20, 160, INK, 8)


def butterfly(pen: Pen, phase: float) -> None:
    """A butterfly that beats its wings."""
    open_ = 0.55 + 0.45 * wave(phase, 2)
    y = 240 + 16 * wave(phase)
    for side in (-1, 1):
        for top, size, colour in ((-70, 1.0, PURPLE), (70, 0.72, PINK)):
            w, h = 150 * open_ * size, 96 * size
            x = 240 + side * (16 + w / 2)
            pen.ellipse((x - w / 2, y + top - h, x + w / 2, y + top + h), colour, INK, 7)
            pen.ellipse((x - w / 5, y + top - h / 3, x + w / 5, y + top + h / 3), YELLOW)
        pen.line((240, y - 110, 240 + side * 50, y - 180), INK, 7)
    pen.ellipse((222, y - 120, 258, y + 130), INK)


def with_(drawing: Callable[..., None], *more: object, **named: object) -> Drawing:
    """Return a drawing with its further arguments filled in."""
    return partial(_filled, drawing, more, named)


def _filled(
    drawing: Callable[..., None],
    more: tuple[object, ...],
    named: dict[str, object],
    pen: Pen,
    phase: float,
) -> None:
    drawing(pen, phase, *more, **named)


def frame(drawing: Drawing, phase: float, side: int) -> Image.Image:
    """One moment on a transparent square, ``side`` pixels wide."""
    large = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    drawing(ImageDraw.Draw(large), phase)
    return large.resize((side, side), Image.Resampling.LANCZOS)


def scene(drawing: Drawing, phase: float, ground: Colour, text: str, side: int) -> Image.Image:
    """One moment on a coloured ground with a line of text below."""
    under = tuple(round(channel * 0.82) for channel in ground)
    picture = Image.new("RGB", (side, side), ground)
    ImageDraw.Draw(picture).rectangle((0, side * 0.78, side, side), under)
    figure = frame(drawing, phase, round(side * (0.86 if text else 1)))
    picture.paste(figure, ((side - figure.width) // 2, 0), figure)
    return drawn.captioned(picture, text) if text else picture
