"""How strictly an upstream is asked. It can only be tightened, and is never believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from perisai.gateway.items import Ask

RATINGS = ("pg-13", "pg", "g")
"""The ratings of the film industry that providers use, mildest rule first; "r" is never asked."""
FILTERS = ("low", "medium", "high")
"""Tenor's names for the same."""
_BASE = {AgeBand.ADULT: 0, AgeBand.AGE_16_17: 1}


def strictness(ask: Ask) -> int:
    """0, 1 or 2: the index into the names above. Everybody under 16 is at 2."""
    return min(2, _BASE.get(ask.band, 2) + max(0, ask.strict))


def within(rating: object, level: int) -> bool:
    """Whether an item that calls itself ``rating`` may come under this strictness.

    One that says nothing may: its frames are screened like all others.
    """
    if not isinstance(rating, str) or not rating:
        return True
    known = ("y", *reversed(RATINGS))
    return rating.lower() in known[: 4 - level]
