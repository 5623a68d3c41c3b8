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


@dataclass(frozen=True, slots=True)
class Clip:
    """One file of the suite; ``still`` is the stand-in as it looks in it at its clearest."""

    attack: str
    number: int
    about: str
    data: bytes
    still: Image.Image | None


ATTACKS = (
    Attack("one frame anywhere", 40, hiding.flash_anywhere),
    Attack("one frame for 10 ms", 24, hiding.flash_10_ms),
    Attack("after a long pause", 18, hiding.flash_after_pause),
    Attack("last frame", 16, hiding.flash_at_the_end),
    Attack("first frame", 16, hiding.flash_at_the_start),
    Attack("after the only run", 6, hiding.flash_once),
    Attack("one among 300", 6, hiding.among_300),
    Attack("small inset", 40, hiding.inset, hash_least=0.0, model_least=0.4),
    Attack("slow fade in and out", 40, hiding.fade),
    Attack("bit by bit", 16, hiding.bit_by_bit),
    Attack("on one background only", 36, hiding.one_background, model_least=0.0),
    Attack("sped up", 24, hiding.sped_up),
    Attack("reordered", 24, hiding.reordered),
    Attack("padded with clean frames", 32, hiding.padded),
    Attack("mirrored", 24, changing.mirrored),
    Attack("rotated", 36, changing.rotated),
    Attack("letterboxed", 40, changing.letterboxed),
    Attack("captioned", 40, changing.captioned),
    Attack("cropped by a tenth", 40, changing.cropped),
    Attack("recompressed", 40, changing.recompressed),
    Attack("recoloured", 24, changing.recoloured),
    Attack("several at once", 36, changing.combined),
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
