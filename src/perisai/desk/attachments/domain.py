"""Keeping, opening and purging documents of a case. Bytes are nowhere here."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require
from perisai.desk.attachments.sniffing import ENDINGS
from perisai.desk.attachments.state import SEALED, Attachment
from perisai.desk.cases.domain import audiences_of, read, require_open
from perisai.desk.events import Event
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case

    Decide = Callable[[Case], list[NewFact]]

AUDIENCES = ("internal", "agencies")
"""Nothing that is attached is ever public by itself."""
NAME, REASON = 100, 1_000
RETENTION = "retention"
"""Why something is purged whose time is over."""


def may_keep(case: Case, actor: Actor) -> None:
    """Raise NotAllowed or NotYet if this actor cannot add a document now."""
    require(actor, Permission.ATTACHMENT_KEEP, case.conflicted)
    read(case, actor)
    require_open(case)


def kept(
    case: Case,
    actor: Actor,
    now: datetime,
    *,
    told: Mapping[str, str | int],
    audience: str,
    days: int,
) -> list[NewFact]:
    """A document is kept for so many days. ``told``: name, kind, size, sha256, box and key."""
    may_keep(case, actor)
    if audience not in AUDIENCES or audience not in audiences_of(actor):
        raise NotYet("Say who may open the document.")
    if any(each.sha256 == told["sha256"] and not each.purged for each in seen(case, actor)):
        raise NotYet("This very document is kept with the case already.")
    return facts(case, now, [told], audience=audience, days=days)


def facts(
    case: Case,
    now: datetime,
    given: Sequence[Mapping[str, Any]],
    *,
    audience: str,
    days: int,
) -> list[NewFact]:
    """The facts of documents that are kept with something else, whose rules decide on them."""
    until = (now + timedelta(days=days)).isoformat()
    first = len(case.attachments) + 1
    return [
        NewFact(
            Event.ATTACHMENT_KEPT,
            {**told, "attachment": f"b-{number}", "audience": audience, "until": until},
        )
        for number, told in enumerate(given, first)
    ]


def seen(case: Case, actor: Actor) -> list[Attachment]:
    """The documents that this actor may know of."""
    allowed = audiences_of(actor)
    return [each for each in case.attachments.values() if each.audience in allowed]


def one(case: Case, actor: Actor, key: str) -> Attachment:
    """A document that is still there. Raises NotAllowed or NotYet."""
    read(case, actor)
    found = [each for each in seen(case, actor) if each.id == key]
    if not found:
        raise NotYet("There is no such document in this case.")
    if found[0].purged:
        raise NotYet("This document was deleted; only its hash is known.")
    return found[0]


def opened(case: Case, actor: Actor, key: str) -> list[NewFact]:
    """Somebody opens a document: each time is a fact."""
    require(actor, Permission.ATTACHMENT_OPEN, case.conflicted)
    found = one(case, actor, key)
    return [NewFact(Event.ATTACHMENT_OPENED, {"attachment": found.id, "sha256": found.sha256})]


def purged(case: Case, actor: Actor, key: str, reason: str) -> list[NewFact]:
    """An officer deletes a document before its time, and says why."""
    require(actor, Permission.ATTACHMENT_PURGE, case.conflicted)
    found = one(case, actor, key)
    if not reason.strip():
        raise NotYet("Write down why the document is deleted.")
    return [_purged(found, reason.strip()[:REASON])]


def sealed(case: Case, actor: Actor, key: str) -> list[NewFact]:
    """Suspected abuse of a child: it is destroyed at once, by one person, and referred by its hash.

    Nothing if it is sealed already. Raises NotAllowed or NotYet.
    """
    require(actor, Permission.COMPLAINT_SEAL, case.conflicted)
    known = case.attachments.get(key)
    if known and known.sealed:
        return []
    found = one(case, actor, key)
    return closed(found.id, found.sha256)


def closed(key: str, sha256: str) -> list[NewFact]:
    """A document is destroyed for being sealed, here or anywhere else."""
    gone = {"attachment": key, "sha256": sha256, "reason": SEALED}
    told = {"sha256": sha256, "document": key}
    return [NewFact(Event.ATTACHMENT_PURGED, gone), NewFact(Event.SAMPLE_SEALED, told)]


def over(case: Case, now: datetime) -> list[NewFact]:
    """The house deletes what was kept long enough."""
    due = (each for each in case.attachments.values() if not each.purged and each.until <= now)
    return [_purged(each, RETENTION) for each in due]


def name_of(given: str, kind: str) -> str:
    """A name for a file: no folder, nothing that steers a terminal, the ending of its real kind."""
    last = given.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if unicodedata.category(c)[0] not in "CZ" or c == " ")
    stem = plain.rpartition(".")[0] or plain
    return f"{stem.strip(' .')[:NAME] or 'dokumen'}.{ENDINGS[kind]}"


def _purged(found: Attachment, reason: str) -> NewFact:
    told = {"attachment": found.id, "sha256": found.sha256, "reason": reason}
    return NewFact(Event.ATTACHMENT_PURGED, told)
