"""Before and after as bars: an SVG whose numbers stand beneath it in a table as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from perisai.desk.public.outcomes import Compared, Measured

WIDTH = 360
LABEL = 100
"""Room for the age on the left, and (half of it) for the number on the right."""
BAR = 18
GROUP = 2 * BAR + 22


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in units of the drawing; ``kind`` is ``before`` or ``after``."""

    kind: str
    y: int
    width: float
    percent: str
    text_x: float
    text_y: int


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one age band."""

    band: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing."""

    width: int
    height: int
    left: int
    groups: tuple[Group, ...]


def chart(compared: Sequence[Compared]) -> Chart:
    """Lay the bars out; the full width is 100 %."""
    groups = tuple(_group(place, each) for place, each in enumerate(compared))
    return Chart(WIDTH, GROUP * len(groups), LABEL, groups)


def _group(place: int, compared: Compared) -> Group:
    top = place * GROUP + 6
    pairs = (("before", compared.before), ("after", compared.after))
    bars = tuple(
        _bar(kind, top + row * (BAR + 2), measured)
        for row, (kind, measured) in enumerate(pairs)
        if measured is not None
    )
    middle = top + (BAR + 5 if len(bars) > 1 else BAR - 4)
    return Group(compared.band, middle, bars)


def _bar(kind: str, y: int, measured: Measured) -> Bar:
    room = WIDTH - LABEL - LABEL // 2
    width = round(max(2.0, room * measured.share), 1)  # also nothing is to be seen
    return Bar(kind, y, width, f"{measured.share:.0%}", LABEL + width + 8, y + BAR - 4)
