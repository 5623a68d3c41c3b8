"""Who has looked at what, for auditors: by person and day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.dateparse import parse_date

from perisai.desk.looks.models import LookRow
from perisai.desk.looks.services import KINDS
from perisai.desk.web.rendering import page
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.wording import moment, word

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request


def table(request: Request) -> Table[LookRow]:
    """The table of looks; the address may say ``person``, ``day``, ``what`` and ``item``."""
    asked, rows = request.GET, LookRow.objects.all()
    for name in ("person", "item"):
        if text := asked.get(name, "").strip().replace("\0", ""):
            rows = rows.filter(**{name: text})
    if asked.get("what") in KINDS:
        rows = rows.filter(what=asked["what"])
    if day := _day(asked.get("day", "")):
        rows = rows.filter(at__gte=day, at__lt=day + timedelta(days=1))
    columns = (
        Column("time", "at", lambda row: moment(row.at)),
        Column("name", "person", lambda row: row.person),
        Column("role", "role", lambda row: word(row.role, "role")),
        Column("looked-at", "what", lambda row: word(row.what, "look")),
        Column("item", "item", lambda row: row.item),
        Column("rows", "rows", lambda row: row.rows or ""),
    )
    return Table(request, rows, columns, "looks", first="-time")


def listed(request: Request) -> HttpResponse:
    """The list of looks."""
    return page(request, "looks", table=table(request), kinds=KINDS, asked=request.GET)


def spreadsheet(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def _day(text: str) -> datetime | None:
    try:
        found = parse_date(text.strip())
    except ValueError:
        found = None
    return datetime.combine(found, time(), timezone.get_current_timezone()) if found else None
