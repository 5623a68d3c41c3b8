"""The words that every package shares, exactly as docs/architecture.md defines them.

They stand below all packages, so that ``matching`` and ``policy`` can speak of the same label
without knowing of one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AgeBand(StrEnum):
    """The bands of Indonesia's PP 17/2025 and ``adult``. An unknown age is the youngest band."""

    AGE_3_5 = "3-5"
    AGE_6_9 = "6-9"
    AGE_10_12 = "10-12"
    AGE_13_15 = "13-15"
    AGE_16_17 = "16-17"
    ADULT = "adult"


YOUNGEST = AgeBand.AGE_3_5


class Label(StrEnum):
    """What a piece of evidence says a picture is."""

    EXPLICIT = "explicit"
    DRAWN_EXPLICIT = "drawn_explicit"
    NUDITY = "nudity"
    SUGGESTIVE = "suggestive"
    LISTED = "listed"
    """On a hash list that an operator trusts."""
    ABUSE = "abuse"
    """On a child abuse list. Never from a model."""


class Source(StrEnum):
    """Who says so."""

    HASH = "hash"
    MODEL = "model"
    TEXT = "text"
    HUMAN = "human"


class Decision(StrEnum):
    """What one age band gets, mildest first; see :attr:`severity`."""

    ALLOW = "allow"
    REVIEW = "review"
    """Withheld until a person decides."""
    WITHHOLD = "withhold"
    UNSCREENABLE = "unscreenable"
    """Could not be looked at, and so is withheld."""
    BLOCK = "block"
    """Needs a person's decision or a trusted list; a model's word never suffices."""

    @property
    def severity(self) -> int:
        """0 for ``allow`` up to 4 for ``block``; the highest of several decisions counts."""
        return list(Decision).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of evidence.

    ``frame`` is the number of the displayed frame (from 0) and ``time_ms`` when it appears; both
    are None for evidence about the whole file. ``score`` lies in 0..1 (1 for a hash match or a
    person's word). ``by`` names the model or list, ``detail`` adds what a person may want to know.
    A finding with the label ``abuse`` never carries frame, time, ``by`` or detail.
    """

    source: Source
    label: Label
    score: float
    frame: int | None = None
    time_ms: int | None = None
    by: str = ""
    detail: str = ""
