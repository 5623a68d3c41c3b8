"""The figures of the house: drawn, and the numbers beneath as a table and as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils.formats import date_format, number_format

from perisai.desk.charts import Bars, Columns, Value, bars, columns
from perisai.desk.figures import counting, viewing
from perisai.desk.web.reading import readable
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, as_csv
from perisai.desk.web.wording import say, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.http import HttpResponse

    from perisai.desk.figures.counting import Figure
    from perisai.desk.web.access import Request

DAYS = (30, 90)
NAMES = ("incoming", "waiting", "clocks", "platforms", "agreement", "viewing")
OVER_DAYS = ("incoming", "viewing")
"""Figures with a column for each day."""
WIDE, TEXT = 130, 105
"""Room for labels, and for what stands behind a bar, in units of the drawing."""
LONGEST = 19
_SECTIONS = {"waiting": "urgency", "clocks": "clock", "agreement": "outcome"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure with its drawing, if there is anything to draw."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: Bars | None = None
    columns: Columns | None = None
    said: str = ""

    @property
    def title(self) -> str:
        """What it is about."""
        return say(f"figure.{self.name}")

    @property
    def text(self) -> str:
        """What is drawn, in a sentence."""
        return say(f"figure-text.{self.name}")


def listed(request: Request) -> HttpResponse:
    """All figures on one page."""
    days = _days(request)
    shown = [_shown(name, request, days) for name in NAMES]
    return page(request, "figures", figures=shown, days=days, choices=DAYS)


def spreadsheet(request: Request, name: str) -> HttpResponse:
    """The numbers of one figure for a spreadsheet."""
    if name not in NAMES:
        raise Http404
    figure, _ = _counted(name, request, _days(request))
    columns_of = [Column(each, "", _at(place)) for place, each in enumerate(figure.columns)]
    return as_csv(columns_of, _told(figure), f"figures-{name}")


def viewers(request: Request) -> HttpResponse:
    """Who has looked at previews for how long, for auditors."""
    return page(request, "viewers", rows=_viewers(), days=DAYS[0])


def viewers_csv(request: Request) -> HttpResponse:  # noqa: ARG001 - as every view
    """The same for a spreadsheet."""
    columns_of = [
        Column(each, "", _at(place))
        for place, each in enumerate(("day", "name", "minutes", "openings"))
    ]
    return as_csv(columns_of, _viewers(), "viewers")


def _viewers() -> list[tuple[date, str, str, str]]:
    zone = ZoneInfo(desk().settings.desk.zone)
    return viewing.viewers(desk().house, zone, DAYS[0])


def _days(request: Request) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(each) for each in DAYS} else DAYS[0]


def _counted(name: str, request: Request, days: int) -> tuple[Figure, str]:
    house, zone = desk().house, ZoneInfo(desk().settings.desk.zone)
    if name == "viewing":
        return viewing.viewing(house, zone, days), ""
    if name == "incoming":
        return counting.incoming(house, zone, days), ""
    if name == "waiting":
        return counting.waiting(house), ""
    if name == "clocks":
        return counting.clocks(house, readable(request)), ""
    if name == "platforms":
        return counting.platforms(house, readable(request)), ""
    figure, found = counting.agreed(house)
    if found.rate is None:
        return figure, ""
    kappa = say("figure.no-kappa") if found.kappa is None else number_format(found.kappa, 2)
    said = say("figure.rate", rate=f"{found.rate:.0%}", number=found.number, kappa=kappa)
    return figure, said


def _shown(name: str, request: Request, days: int) -> Shown:
    figure, said = _counted(name, request, days)
    headings = tuple(_heading(each) for each in figure.columns)
    rows = _told(figure)
    if not any(value != "0" for row in figure.rows for value in row[1:]):
        return Shown(name, headings, ())
    if name in OVER_DAYS:
        drawn = [(_short(row[0]), int(row[1])) for row in figure.rows]
        return Shown(name, headings, rows, columns=columns(drawn))
    return Shown(name, headings, rows, bars=_bars(figure), said=said)


def _bars(figure: Figure) -> Bars:
    """The bars of each row. Where a row has several, each says what it is: not by colour alone."""
    made: Callable[[tuple[str, ...]], list[tuple[str, int, str]]] = {
        "waiting": lambda row: [(row[0], int(row[1]), "")],
        "clocks": lambda row: [
            (kind, int(count), say(f"bar.{kind}"))
            for kind, count in zip(("late", "soon", "running"), row[1:], strict=False)
        ],
        "platforms": lambda row: [("calm", int(row[1]), "")],
        "agreement": lambda row: _same(figure, row),
    }[figure.name]
    rows = [(_clipped(_label(figure, row[0])), made(row)) for row in figure.rows]
    most = max((value for _, values in rows for _, value, _ in values), default=0) or 1
    return bars(
        [
            (name, [Value(kind, n / most, f"{n} {what}".strip()) for kind, n, what in values])
            for name, values in rows
        ],
        WIDE,
        TEXT,
    )


def _same(figure: Figure, row: tuple[str, ...]) -> list[tuple[str, int, str]]:
    """Of one first opinion: how often the second was the same, and how often not."""
    same = int(row[figure.columns.index(row[0])])
    other = sum(map(int, row[1:])) - same
    return [("good", same, say("bar.same")), ("late", other, say("bar.other"))]


def _told(figure: Figure) -> tuple[tuple[str, ...], ...]:
    return tuple((_label(figure, row[0]), *row[1:]) for row in figure.rows)


def _label(figure: Figure, name: str) -> str:
    section = _SECTIONS.get(figure.name)
    return word(name, section) if section else name


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _short(day: str) -> str:
    return date_format(date.fromisoformat(day), "j M")


def _heading(name: str) -> str:
    return say(f"column.{name}")


def _at(place: int) -> Callable[[Sequence[object]], object]:
    return lambda row: row[place]
