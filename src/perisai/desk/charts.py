"""Charts as plain SVG: where the bars lie. The numbers stand beneath each in a table as well.

Both sites draw with this. Colours and fonts are up to the style sheets, so that a chart is legible
by day, by night and on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 360
LABEL = 100
"""Room for the label on the left; half of it is left for the number on the right."""
BAR = 18
GAP = 16
TALL = 120
"""Height of the tallest column."""
HEAD, FOOT = 16, 20
"""Room for numbers above, and for labels below columns."""
LABELS = 6
"""At most so many columns are named."""
LEAST = 2.0
"""What is drawn of nothing: also nothing is to be seen."""


@dataclass(frozen=True, slots=True)
class Value:
    """What one bar says: ``kind`` is its class in the style sheet, ``share`` of the full width."""

    kind: str
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in units of the drawing."""

    kind: str
    y: int
    width: float
    text: str
    text_x: float
    text_y: int


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one label."""

    label: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A drawing of bars that lie."""

    width: int
    height: int
    left: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One bar that stands; ``label`` is empty where there is no room for it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    label_x: float


@dataclass(frozen=True, slots=True)
class Columns:
    """A drawing of bars that stand; ``most`` is what the tallest says."""

    width: int
    height: int
    foot: int
    base: int
    most: int
    columns: tuple[Column, ...]


def bars(
    rows: Sequence[tuple[str, Sequence[Value]]], label: int = LABEL, text: int = LABEL // 2
) -> Bars:
    """Lay out bars, one below the other, those of one label together.

    ``label`` and ``text`` are the room for labels on the left and for numbers on the right.
    """
    groups, y = [], 6
    for name, values in rows:
        group = _group(name, values, y, label, text)
        groups.append(group)
        y += len(values) * (BAR + 2) + GAP
    return Bars(WIDTH, y - GAP // 2, label, tuple(groups))


def columns(values: Sequence[tuple[str, int]]) -> Columns:
    """Lay out columns side by side; the first, the last and some between are named."""
    most = max((value for _, value in values), default=0)
    room = WIDTH / max(len(values), 1)
    every = max(1, -(-len(values) // LABELS))
    base = HEAD + TALL
    made = []
    for place, (label, value) in enumerate(values):
        height = round(TALL * value / most, 1) if most else 0.0
        named = (len(values) - 1 - place) % every == 0
        made.append(
            Column(
                round(place * room + room * 0.1, 1),
                base - height,
                round(room * 0.8, 1),
                height,
                label if named else "",
                round((place + 0.5) * room, 1),
            )
        )
    return Columns(WIDTH, base + FOOT, base + FOOT - 5, base, most, tuple(made))


def _group(name: str, values: Sequence[Value], top: int, label: int, text: int) -> Group:
    made = tuple(_bar(each, top + row * (BAR + 2), label, text) for row, each in enumerate(values))
    middle = top + (BAR + 5 if len(made) > 1 else BAR - 4)
    return Group(name, middle, made)


def _bar(value: Value, y: int, label: int, text: int) -> Bar:
    room = WIDTH - label - text
    width = round(max(LEAST, room * value.share), 1)
    return Bar(value.kind, y, width, value.text, label + width + 8, y + BAR - 4)
