"""The rows of the queue, computed from complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.desk.triage.links import place
from perisai.desk.triage.models import QueueRow
from perisai.desk.triage.urgency import band_of, reasons_in, urgency, weight_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from perisai.desk.complaints.state import Complaint
    from perisai.desk.triage.state import Triage
    from perisai.storage.facts.people import People

SUMMARY = 200
LONGEST_DIGEST = 64
HASH = "hash:"
"""Begins the digest of a file in the place of that of a page."""


def of_complaint(complaint: Complaint, people: People) -> Iterator[QueueRow]:
    """The row of one complaint, which leads nothing yet; none of what who complains has sealed.

    Links are found by digests under a key of the house: nobody who has the rows alone can try
    links until one fits.
    """
    told, triage = complaint.told or {}, complaint.triage
    link = link_of(triage, people)
    closed = bool(complaint.sealed and triage.closed and link)
    if complaint.received is None or (complaint.sealed and not closed):
        return
    reasons = () if closed else _reasons(complaint, told)
    said = told.get("what") or told.get("words") or told.get("link") or ""
    yield QueueRow(
        complaint=complaint.id,
        received=complaint.received,
        app=str(told.get("app") or "").strip()[:SUMMARY],
        summary=str(said)[:SUMMARY],
        band="" if closed else band_of(str(told.get("age") or "")),
        weight=weight_of(reasons),
        reasons=" ".join(reasons),
        exact=link,
        place=_place(told, people),
        case="" if closed else complaint.case,
        entry=triage.entry or complaint.id,
        alone=bool(triage.apart),
        closed=closed,
        waits=not closed and complaint.waits,
        leads=False,
        number=0,
        urgency=0,
        because="",
    )


def _reasons(complaint: Complaint, told: Mapping[str, Any]) -> tuple[str, ...]:
    return reasons_in(told, unproven=complaint.unproven, danger=complaint.danger)


def link_of(triage: Triage, people: People) -> str:
    """The keyed digest of the link that was told; empty without one."""
    return triage.link or _blind(triage.clear, people)


def _place(told: Mapping[str, Any], people: People) -> str:
    """The page of a link or, of what a machine reports, the file."""
    file = str(told.get("sha256") or "")
    if file and not told.get("link"):
        return f"{HASH}{people.blind('file', file)}"[:LONGEST_DIGEST]
    return _blind(place(str(told.get("link") or "")), people)


def _blind(digest: str, people: People) -> str:
    return people.blind("link", digest) if digest else ""


def lead(rows: Iterable[QueueRow]) -> None:
    """Say of all rows who leads its entry, and how urgent the entry is."""
    entries: dict[str, list[QueueRow]] = {}
    for row in rows:
        entries.setdefault(row.entry, []).append(row)
    for entry in entries.values():
        _lead(entry)


def put(complaint: Complaint, people: People, alias: str) -> None:
    """Write the row of one complaint, and those of all that it is joined with."""
    table = QueueRow.objects.using(alias)
    before = table.filter(complaint=complaint.id).values_list("entry", flat=True).first()
    entries = {before} if before else set()
    rows = list(of_complaint(complaint, people))
    for row in rows:
        if table.filter(entry=row.entry).exclude(complaint=row.complaint).exists():
            entries.add(row.entry)
        else:
            _lead([row])
            entries.discard(row.entry)
        row.save(using=alias, force_insert=before is None)
    if before and not rows:
        table.filter(complaint=complaint.id).delete()
    for entry in entries:
        _lead_again(entry, alias)


def _lead(entry: list[QueueRow]) -> None:
    waiting = sorted((r for r in entry if r.waits), key=lambda r: (r.received, r.complaint))
    if waiting:
        # Of those that weigh the same, the first says why.
        gravest = max(waiting, key=lambda row: row.weight)
        _first(waiting[0], gravest, len(waiting))


def _first(row: QueueRow, gravest: QueueRow, number: int) -> None:
    found = urgency(tuple(gravest.reasons.split()), number)
    row.leads, row.number = True, number
    row.urgency, row.because = found.level, " ".join(found.reasons)


def _lead_again(entry: str, alias: str) -> None:
    """Like :func:`lead` for one entry that is written already, however large it is."""
    table = QueueRow.objects.using(alias)
    waiting = table.filter(entry=entry, waits=True)
    number = waiting.count()
    row = waiting.order_by("received", "complaint").first()
    table.filter(entry=entry, leads=True).update(leads=False, number=0, urgency=0, because="")
    if row is not None:
        gravest = waiting.order_by("-weight", "received", "complaint").first() or row
        _first(row, gravest, number)
        row.save(using=alias)
