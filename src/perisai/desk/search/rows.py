"""The rows of what can be searched: what lists show of complaints, and cases with their notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.search.models import SearchRow
from perisai.desk.search.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.models import ComplaintRow

COMPLAINT, CASE, NOTE = "complaint", "case", "note"
ABOUT = {COMPLAINT: "zzcomplaint", CASE: "zzcase", NOTE: "zzcase"}
"""A word in every row, by which complaints are found apart from cases within the index."""


def of_complaint(row: ComplaintRow) -> Iterator[SearchRow]:
    """What a list shows of a complaint; nothing of one that is sealed or of which nothing is left.

    The letters of a complaint beyond that lie encrypted, and are in no index.
    """
    text = "" if row.sealed else _text(COMPLAINT, row.app, row.summary)
    if text:
        yield SearchRow(
            id=f"{COMPLAINT}:{row.id}",
            kind=COMPLAINT,
            key=row.id,
            case=row.case,
            audience="",
            text=text,
        )


def of_case(case: Case) -> Iterator[SearchRow]:
    """A case by title, platforms and search words, and each of its notes by itself."""
    yield SearchRow(
        id=f"{CASE}:{case.id}",
        kind=CASE,
        key=case.id,
        case=case.id,
        audience="",
        text=_text(CASE, case.title, *case.platforms, *case.words),
    )
    for number, note in enumerate(case.notes, 1):
        yield SearchRow(
            id=f"{NOTE}:{case.id}:{number}",
            kind=NOTE,
            key=case.id,
            case=case.id,
            audience=note.shown_to,
            text=_text(NOTE, note.text),
        )


def put(key: str, rows: Iterable[SearchRow], alias: str) -> None:
    """Write the rows of one complaint or case; what is as it was is not touched."""
    table = SearchRow.objects.using(alias)
    known = {row.id: row for row in table.filter(key=key)}
    fresh = []
    for row in rows:
        before = known.pop(row.id, None)
        if before is None:
            fresh.append(row)
        elif (before.text, before.case, before.audience) != (row.text, row.case, row.audience):
            table.filter(row=before.row).update(text=row.text, case=row.case, audience=row.audience)
    if fresh:
        table.bulk_create(fresh)
    if known:
        table.filter(row__in=[row.row for row in known.values()]).delete()


def _text(kind: str, *parts: str) -> str:
    """The words, each with a space before it, and last what it is about; empty without words."""
    said = "".join(f" {word}" for part in parts for word in words(part))
    return f"{said} {ABOUT[kind]}" if said else ""
