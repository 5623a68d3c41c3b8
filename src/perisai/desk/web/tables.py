"""Tables that sort, filter and turn pages by plain GET parameters, and go to a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import F, Model
from django.http import HttpResponse

from perisai.desk.web.wording import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from perisai.desk.web.access import Request

Row = TypeVar("Row", bound=Model)
ON_A_PAGE = 50
AT_ONCE = 1_000
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What makes a spreadsheet compute, in one program or another, when a cell begins with it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its word (``column.NAME``), the field that sorts it or nothing, its plain value."""

    name: str
    field: str
    value: Callable[[Any], object]

    @property
    def label(self) -> str:
        """Its heading."""
        return say(f"column.{self.name}")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading on a page: where a click leads, and how it is sorted now."""

    name: str
    label: str
    link: str
    sorted: str


def _plain(rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows


class Table(Generic[Row]):
    """What a page or a spreadsheet shows of some rows. ``first`` is the column that sorts.

    ``more`` adds to rows what is shown besides: to those of a page alone. ``few``: there are some
    thousands at most, which are slow to find; they are found once.
    """

    def __init__(
        self,
        request: Request,
        rows: QuerySet[Row],
        columns: Sequence[Column],
        name: str,
        *,
        first: str,
        more: Callable[[QuerySet[Row]], QuerySet[Row]] = _plain,
        few: bool = False,
    ) -> None:
        self._asked, self._more = request.GET.copy(), more
        self.columns, self._name = columns, name
        known = {column.name: column.field for column in columns if column.field}
        sort = self._asked.get("sort", first)
        self._sort = sort if sort.removeprefix("-") in known else first
        name_of, down = known[self._sort.removeprefix("-")], self._sort.startswith("-")
        # Only where something may be missing: an index in the other order would not be used.
        last = True if rows.model._meta.get_field(name_of).null else None
        order = F(name_of).desc(nulls_last=last) if down else F(name_of).asc(nulls_last=last)
        self._order = (order, "-pk" if down else "pk")
        self._ordered = rows.order_by(*self._order)
        keys = self._ordered.values_list("pk", flat=True)
        self._pages = Paginator(list(keys) if few else keys, ON_A_PAGE)
        self.page = self._pages.get_page(self._asked.get("page"))
        self._rows: list[Row] | None = None

    @property
    def rows(self) -> list[Row]:
        """The rows of this page."""
        if self._rows is None:
            # Far into a list the rows before it are gone through by their index alone.
            rows = self._ordered.model._default_manager.using(self._ordered.db)
            here = rows.filter(pk__in=self.page.object_list)
            self._rows = list(self._more(here).order_by(*self._order))
        return self._rows

    @property
    def count(self) -> int:
        """How many rows there are in all."""
        return self._pages.count

    @property
    def headings(self) -> Iterator[Heading]:
        """The headings, with links that sort."""
        for column in self.columns:
            up, down = column.name, f"-{column.name}"
            now = {up: "ascending", down: "descending"}.get(self._sort, "none")
            link = self._link(sort=down if self._sort == up else up) if column.field else ""
            yield Heading(column.name, column.label, link, now)

    @property
    def before(self) -> str:
        """Where the page before is, if there is one."""
        has = self.page.has_previous()
        return self._link(page=self.page.previous_page_number()) if has else ""

    @property
    def after(self) -> str:
        """Where the next page is, if there is one."""
        return self._link(page=self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def query(self) -> str:
        """What was asked for, for the link to the spreadsheet."""
        return f"?{self._asked.urlencode()}" if self._asked else ""

    def csv(self) -> HttpResponse:
        """Every row, as CSV in UTF-8; no cell begins a formula."""
        rows = self._more(self._ordered).iterator(chunk_size=AT_ONCE)
        return as_csv(self.columns, rows, self._name)

    def _link(self, **changed: object) -> str:
        asked = self._asked.copy()
        if "page" not in changed:
            asked.pop("page", None)
        for name, value in changed.items():
            asked[name] = str(value)
        return f"?{asked.urlencode()}"


class Sheet(HttpResponse):
    """A spreadsheet, and how many rows are in it."""

    rows = 0


def as_csv(columns: Sequence[Column], rows: Iterable[Any], name: str) -> Sheet:
    """These rows as CSV in UTF-8; no cell begins a formula."""
    lines = [csv_line([column.label for column in columns])]
    lines += [csv_line([column.value(row) for column in columns]) for row in rows]
    response = Sheet("\ufeff" + "".join(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.rows = len(lines) - 1
    return response


def csv_line(cells: Sequence[object]) -> str:
    """One line of CSV. What a spreadsheet would compute is made text by an apostrophe."""
    line = StringIO()
    csv.writer(line).writerow([_text(cell) for cell in cells])
    return line.getvalue()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text.lstrip(" ").startswith(FORMULA) else text
