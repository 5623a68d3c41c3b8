"""What somebody may find: never more than they may read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from perisai.desk.cases.domain import audiences_of
from perisai.desk.cases.models import ConflictRow
from perisai.desk.permissions import Permission
from perisai.desk.search.index import found
from perisai.desk.search.rows import ABOUT, CASE, COMPLAINT, NOTE

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from perisai.desk.actors import Actor


_NUMBER = re.compile(r"a-[0-9a-f]{16}|K-[0-9]{4}-[0-9]{4,9}", re.IGNORECASE)


def number_in(text: str) -> str | None:
    """The number of a complaint or case, if that is all that a question is.

    >>> number_in("k-2026-0001"), number_in("kucing")
    ('K-2026-0001', None)
    """
    if not _NUMBER.fullmatch(text):
        return None
    return text.upper() if text[0] in "Kk" else text.lower()


def complaints(actor: Actor, text: str, alias: str = "default") -> QuerySet[Any, str]:
    """The numbers of complaints that have these words, but those in cases one is party to."""
    rows = found(alias, [text], ABOUT[COMPLAINT])
    if not actor.may(Permission.COMPLAINT_READ):
        rows = rows.none()
    mine = ConflictRow.objects.using(alias).filter(name=actor.name).values("case")
    return rows.filter(kind=COMPLAINT).exclude(case__in=mine).values_list("key", flat=True)


def cases(actor: Actor, *texts: str, alias: str = "default") -> QuerySet[Any, str]:
    """The numbers of cases that have the words of one text, also in a note that one may read.

    Which cases somebody may read at all is up to whoever asks.
    """
    rows = found(alias, texts, ABOUT[CASE])
    if not actor.may(Permission.CASE_READ):
        rows = rows.none()
    notes = Q(kind=NOTE, audience__in=audiences_of(actor))
    return rows.filter(Q(kind=CASE) | notes).values_list("key", flat=True)
