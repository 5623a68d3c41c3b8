"""Pages that go on after a row instead of at a number: as fast at the end as at the beginning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Model, Q
from django.utils.dateparse import parse_datetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import QueryDict

Row = TypeVar("Row", bound=Model)
ON_A_PAGE = 50
BETWEEN = "~"
LARGEST = 2**31 - 1
AFTER = "after"


@dataclass(frozen=True, slots=True)
class By:
    """One field of an order; ``kind`` says how its value is read in an address."""

    field: str
    kind: type
    down: bool = False

    @property
    def order(self) -> str:
        """As Django names it."""
        return f"-{self.field}" if self.down else self.field


class Keyset(Generic[Row]):
    """One page of rows in an order whose last field is unique. ``asked`` is the address's query.

    ``after`` in it says behind which row the page begins; what cannot be read there begins anew.
    """

    def __init__(self, asked: QueryDict, rows: QuerySet[Row], order: Sequence[By]) -> None:
        self._asked, self._order = asked.copy(), order
        place = read(asked.get(AFTER, ""), order)
        self.ordered = rows.order_by(*(each.order for each in order))
        wanted = self.ordered.filter(beyond(place, order)) if place else self.ordered
        found = list(wanted[: ON_A_PAGE + 1])
        self.rows, self.more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
        self.begins = place is None

    @property
    def next(self) -> str:
        """Where it goes on, if it does."""
        if not self.more:
            return ""
        last = self.rows[-1]
        parts = [_written(getattr(last, each.field)) for each in self._order]
        return self._link(BETWEEN.join(parts))

    @property
    def first(self) -> str:
        """The first page of the same."""
        return self._link("")

    def _link(self, after: str) -> str:
        asked = self._asked.copy()
        asked.pop(AFTER, None)
        if after:
            asked[AFTER] = after
        return f"?{asked.urlencode()}"


def read(text: str, order: Sequence[By]) -> list[Any] | None:
    """The values of a place in this order; None if the text is none."""
    parts = text.split(BETWEEN)
    if len(parts) != len(order):
        return None
    values = [_value(part, each.kind) for part, each in zip(parts, order, strict=True)]
    return None if any(value is None for value in values) else values


def beyond(place: Sequence[Any], order: Sequence[By]) -> Q:
    """The rows that come after a place."""
    found = Q()
    for number, last in enumerate(order):
        same = {each.field: place[at] for at, each in enumerate(order[:number])}
        compared = f"{last.field}__{'lt' if last.down else 'gt'}"
        found |= Q(**same, **{compared: place[number]})
    return found


def _value(text: str, kind: type) -> Any:  # noqa: ANN401 - of any of these kinds
    if kind is int:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None
        return number if number is not None and number <= LARGEST else None
    if kind is datetime:
        try:
            moment = parse_datetime(text)
        except ValueError:
            return None
        return moment if moment and moment.tzinfo else None
    return text if text.isascii() and text.isprintable() and len(text) <= 60 else None


def _written(value: Any) -> str:  # noqa: ANN401 - of any of these kinds
    return value.isoformat() if isinstance(value, datetime) else str(value)
