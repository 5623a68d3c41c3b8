"""What somebody may find: never more than they may read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from perisai.desk.cases.domain import audiences_of
from perisai.desk.cases.models import ConflictRow
from perisai.desk.permissions import Permission
from perisai.desk.search.index import having
from perisai.desk.search.rows import ABOUT, CASE, COMPLAINT, NOTE

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perisai.desk.actors import Actor
    from perisai.desk.cases.models import CaseRow
    from perisai.desk.complaints.models import ComplaintRow

_NUMBER = re.compile(r"a-[0-9a-f]{16}|K-[0-9]{4}-[0-9]{4,9}", re.IGNORECASE)


def number_in(text: str) -> str | None:
    """The number of a complaint or case, if that is all that a question is.

    >>> number_in("k-2026-0001"), number_in("kucing")
    ('K-2026-0001', None)
    """
    if not _NUMBER.fullmatch(text):
        return None
    return text.upper() if text[0] in "Kk" else text.lower()


def complaints(actor: Actor, rows: QuerySet[ComplaintRow], text: str) -> QuerySet[ComplaintRow]:
    """Those of the complaints that have these words, but those in cases one is party to."""
    if not actor.may(Permission.COMPLAINT_READ):
        return rows.none()
    mine = ConflictRow.objects.using(rows.db).filter(name=actor.name).values("case")
    return having(rows.exclude(case__in=mine), [text], ABOUT[COMPLAINT], [(COMPLAINT, "")])


def cases(actor: Actor, rows: QuerySet[CaseRow], *texts: str) -> QuerySet[CaseRow]:
    """Those of the cases that have the words of one text, also in a note that one may read.

    Which cases somebody may read at all is up to whoever asks.
    """
    if not actor.may(Permission.CASE_READ):
        return rows.none()
    notes = [(NOTE, audience) for audience in audiences_of(actor)]
    return having(rows, texts, ABOUT[CASE], [(CASE, ""), *notes])
