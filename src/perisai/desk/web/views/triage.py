"""The queue of complaints, and who works on which of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.triage import duplicates, locks, queue
from perisai.desk.triage.models import LockRow, QueueRow
from perisai.desk.triage.urgency import BANDS, LEVELS, WEIGHTS
from perisai.desk.web import forms
from perisai.desk.web.holding import asked_of_queue, colleagues, lock_span, of_queue
from perisai.desk.web.keyset import By, Keyset
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, as_csv
from perisai.desk.web.views.acting import attempt
from perisai.desk.web.views.complaints import known, show
from perisai.desk.web.wording import moment, say, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from perisai.desk.web.access import Request

TRIED = 20
"""So many of a queue are looked at for one that is free: others take at the same time."""
_LAST = (By("received", datetime), By("complaint", str))
ORDERS = {
    "urgency": (By("urgency", int, down=True), *_LAST),
    "waiting": _LAST,
    "number": (By("number", int, down=True), *_LAST),
}
CHOICES = {
    "urgency": tuple(reversed(LEVELS)),
    "band": BANDS,
    "number": queue.NUMBERS,
    "days": queue.WAITING,
    "held": queue.HELD,
    "sort": queue.SORTS,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the queue as it is shown: who has it, and why it stands where it stands."""

    row: QueueRow
    lock: LockRow | None
    urgency: str
    reasons: tuple[Reason, ...]
    waited: timedelta


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with what it adds."""

    name: str
    adds: str


def listed(request: Request) -> HttpResponse:
    """The queue, as the address asks for it."""
    house, asked = desk().house, request.GET
    wanted = queue.Wanted.read(asked, request.actor.name)
    shown = Keyset(asked, queue.rows(house, wanted), ORDERS[wanted.sort])
    return page(
        request,
        "queue",
        shown=shown,
        lines=_lines(shown.rows),
        wanted=wanted,
        counts=queue.counts(house),
        apps=queue.apps(house),
        mine=list(_mine(request)),
        asked=asked_of_queue(asked),
        queue=of_queue(asked),
        choices=CHOICES,
    )


def spreadsheet(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    house = desk().house
    wanted = queue.Wanted.read(request.GET, request.actor.name)
    rows = queue.rows(house, wanted).order_by(*(each.order for each in ORDERS[wanted.sort]))
    held = dict(locks.held(house).values_list("complaint", "name"))
    columns = (
        Column("urgency", "", lambda row: word(LEVELS[row.urgency], "urgency")),
        Column("because", "", lambda row: "; ".join(_said(row.because))),
        Column("number", "", lambda row: row.complaint),
        Column("received", "", lambda row: moment(row.received)),
        Column("app", "", lambda row: row.app),
        Column("band", "", lambda row: word(row.band, "band")),
        Column("same", "", lambda row: row.number),
        Column("summary", "", lambda row: row.summary),
        Column("held", "", lambda row: held.get(row.complaint, "")),
    )
    return as_csv(columns, rows.iterator(chunk_size=1_000), "queue")


def next_one(request: Request) -> HttpResponse:
    """Take the first of a queue that is free."""
    house, said = desk().house, request.POST
    wanted = queue.Wanted.read(said, request.actor.name)
    order = (each.order for each in ORDERS[wanted.sort])
    free = queue.rows(house, wanted).exclude(complaint__in=locks.held(house).values("complaint"))
    keys = free.order_by(*order).values_list("complaint", flat=True)[:TRIED]
    taken = locks.take_next(house, request.actor, list(keys), lock_span())
    if taken is None:
        again = asked_of_queue(said, done="none-free")
        return redirect(f"{reverse('queue')}{again}")
    return _back(request, taken.id, done="taken")


def taken(request: Request, key: str) -> HttpResponse:
    """Have it alone."""

    def do(_: dict[str, Any]) -> HttpResponse:
        locks.take(desk().house, request.actor, key, lock_span())
        return _back(request, key, done="taken")

    return attempt(forms.Take(request.POST), do, _again(request, key))


def handed(request: Request, key: str) -> HttpResponse:
    """Give it to a colleague."""
    names = colleagues(request)
    form = forms.HandOver(request.POST, people=names)

    def do(said: dict[str, Any]) -> HttpResponse:
        locks.hand_over(desk().house, request.actor, key, said["colleague"], names)
        return _back(request, key, done="handed")

    return attempt(form, do, _again(request, key))


def released(request: Request, key: str) -> HttpResponse:
    """Give it back."""

    def do(_: dict[str, Any]) -> HttpResponse:
        locks.release(desk().house, request.actor, key)
        return _back(request, key, done="released")

    return attempt(forms.Release(request.POST), do, _again(request, key))


def same(request: Request, key: str) -> HttpResponse:
    """Say that it is about the same thing as another one."""

    def do(said: dict[str, Any]) -> HttpResponse:
        known(request, said["other"])
        duplicates.accept(desk().house, request.actor, key, said["other"])
        return _back(request, key, done="grouped")

    return attempt(forms.Other(request.POST), do, _again(request, key))


def apart(request: Request, key: str) -> HttpResponse:
    """Say that it has nothing to do with another one."""

    def do(said: dict[str, Any]) -> HttpResponse:
        known(request, said["other"])
        duplicates.reject(desk().house, request.actor, key, said["other"])
        return _back(request, key, done="apart")

    return attempt(forms.Other(request.POST), do, _again(request, key))


def parted(request: Request, key: str) -> HttpResponse:
    """Undo that it was joined with others."""

    def do(_: dict[str, Any]) -> HttpResponse:
        duplicates.part(desk().house, request.actor, key)
        return _back(request, key, done="parted")

    return attempt(forms.Part(request.POST), do, _again(request, key))


def _back(request: Request, key: str, *, done: str) -> HttpResponse:
    """Back to the complaint, with the queue that it was taken from."""
    return redirect(f"{reverse('complaint', args=[key])}{asked_of_queue(request.POST, done=done)}")


def _again(request: Request, key: str) -> Any:  # noqa: ANN401 - see acting.Again
    known(request, key)
    return lambda form, status: show(request, known(request, key), form, status)


def _lines(rows: list[QueueRow]) -> list[Line]:
    house = desk().house
    keys = [row.complaint for row in rows]
    held = {lock.complaint: lock for lock in locks.held(house).filter(complaint__in=keys)}
    now = house.clock()
    return [
        Line(
            row,
            held.get(row.complaint),
            LEVELS[row.urgency],
            tuple(Reason(each, f"{WEIGHTS[each]:+}") for each in row.because.split()),
            now - row.received,
        )
        for row in rows
    ]


def _mine(request: Request) -> Iterator[QueueRow]:
    """What who asks has alone."""
    mine = locks.held(desk().house).filter(name=request.actor.name).values("complaint")
    yield from QueueRow.objects.filter(complaint__in=mine, waits=True).order_by("received")


def _said(because: str) -> list[str]:
    return [say(f"reason.{each}") for each in because.split()]
