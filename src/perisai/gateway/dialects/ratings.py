"""Ratings of films, in which GIF pickers say how careful they want to be."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Mapping


class Rating(IntEnum):
    """The ratings that providers share, most careful first."""

    G = 0
    PG = 1
    PG_13 = 2
    R = 3

    @property
    def text(self) -> str:
        """As on the wire: ``pg-13``."""
        return self.name.lower().replace("_", "-")


GIPHY = {"y": Rating.G} | {rating.text: rating for rating in Rating}
"""``rating`` of GIPHY; ``y`` is for the youngest."""
TENOR = {"high": Rating.G, "medium": Rating.PG, "low": Rating.PG_13, "off": Rating.R}
"""``contentfilter`` of Tenor, by what it lets through."""

_OF_BAND = {
    AgeBand.AGE_3_5: Rating.G,
    AgeBand.AGE_6_9: Rating.G,
    AgeBand.AGE_10_12: Rating.PG,
    AgeBand.AGE_13_15: Rating.PG_13,
    AgeBand.AGE_16_17: Rating.PG_13,
    AgeBand.ADULT: Rating.R,
}


def asked(word: str | None, words: Mapping[str, Rating], band: AgeBand) -> Rating:
    """Return the rating that holds: what the client asks for, but never more than its band's.

    A word that is none counts as not said: it can loosen nothing.
    """
    return min(_OF_BAND[band], words.get((word or "").lower(), Rating.R))


def strictness(rating: Rating, band: AgeBand) -> int:
    """How much more caution than the band needs (0 to 2), for ``Ask.strict``."""
    return max(0, min(2, _OF_BAND[band] - rating))
