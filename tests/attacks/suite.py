"""The attacks, how many clips each makes, and the least share that must be found.

The two shares are of *all* clips of the attack, those included in which the stand-in is changed
beyond what the detector recognises when it is shown that one picture alone. Such clips are counted
and named in the report. A clip that is *missed* although the picture alone is recognised is a fault
of the pipeline; ``missed`` says how many of those are accepted (none, unless there is a reason).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.attacks import changing, hiding
from tests.attacks.material import FORMATS, cover, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from tests.attacks.hiding import Made


@dataclass(frozen=True, slots=True)
class Attack:
    """One way of hiding. ``hash_least`` and ``model_least`` are shares 0..1 of its clips."""

    name: str
    clips: int
    make: Callable[[int], Made]
    hash_least: float = 1.0
    model_least: float = 1.0
    missed: int = 0
    why: str = ""
    """Why less than everything is found."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One file of the suite; ``still`` is the stand-in as it looks in it at its clearest."""

    attack: str
    number: int
    about: str
    data: bytes
    still: Image.Image | None


INSET = "PDQ describes whole pictures: an inset is for models, which find it down to a third wide"
FADE = "PDQ loses what is mixed to three fifths with something else"
INK = "white or black ink has no colours, and the model's mark is made of colours"
BARS = "blurred bars do not show where the picture begins"
CAPTION = "large lines above and below leave no quarter free"
CROP = "crops that differ on every side, or end at the very tenth, lie between the stored ones"
PALETTE = "8 to 16 colours for the whole clip leave none for the model's mark"
COLOURS = (
    "grey has no colours for the model; one clip is missed since its two frames barely differ, the "
    "first scores 0.41 and stands for the second, which alone would score 0.502"
)

ATTACKS = (
    Attack("one frame anywhere", 40, hiding.flash_anywhere),
    Attack("one frame for 10 ms", 24, hiding.flash_10_ms),
    Attack("after a long pause", 18, hiding.flash_after_pause),
    Attack("last frame", 16, hiding.flash_at_the_end),
    Attack("first frame", 16, hiding.flash_at_the_start),
    Attack("after the only run", 6, hiding.flash_once),
    Attack("one among 300", 6, hiding.among_300),
    Attack("small inset", 40, hiding.inset, hash_least=0.0, model_least=0.65, why=INSET),
    Attack("slow fade in and out", 40, hiding.fade, hash_least=0.7, why=FADE),
    Attack("bit by bit", 16, hiding.bit_by_bit),
    Attack(
        "on one background only",
        36,
        hiding.one_background,
        hash_least=0.9,
        model_least=0.0,
        why=INK,
    ),
    Attack("sped up", 24, hiding.sped_up),
    Attack("reordered", 24, hiding.reordered),
    Attack("padded with clean frames", 32, hiding.padded),
    Attack("mirrored", 24, changing.mirrored),
    Attack("rotated", 36, changing.rotated),
    Attack("letterboxed", 40, changing.letterboxed, hash_least=0.7, why=BARS),
    Attack("captioned", 40, changing.captioned, hash_least=0.85, why=CAPTION),
    Attack("cropped by a tenth", 40, changing.cropped, hash_least=0.7, why=CROP),
    Attack("recompressed", 40, changing.recompressed, model_least=0.75, why=PALETTE),
    Attack("recoloured", 24, changing.recoloured, model_least=0.7, missed=1, why=COLOURS),
    Attack("several at once", 36, changing.combined, hash_least=0.9, why=CAPTION),
)

CLEAN = 48
"""Clips with nothing in them, in which nothing may be found."""


def make(attack: Attack, number: int) -> Clip:
    """Make one clip; always the same bytes for the same versions of the encoders."""
    about, data, still = attack.make(number)
    return Clip(attack.name, number, about, data, still)


def make_clean(number: int) -> Clip:
    """Make one clip of the control group."""
    kind = FORMATS[number % 8]
    return Clip("clean", number, kind, encode(cover(number, 12), kind), None)
