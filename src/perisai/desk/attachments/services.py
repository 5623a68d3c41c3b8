"""Keeps documents encrypted in a folder of the home, and deletes them when their time is over.

Every document has a key of its own, wrapped under the key of people, which lies outside of the
database. Deleting destroys that key in the same transaction as the fact; the bytes go right after,
and if the process ends in between, nobody can read them and the next purge takes them away.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from perisai.desk import boxes
from perisai.desk.actors import HOUSE
from perisai.desk.attachments import domain
from perisai.desk.attachments.models import AttachmentRow
from perisai.desk.attachments.sniffing import kind_of
from perisai.desk.events import Event
from perisai.desk.withholding.sealing import is_sealed
from perisai.errors import NotYet, StorageError
from perisai.storage.objects.folder import FolderObjects

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.attachments.state import Attachment
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.settings import Settings
    from perisai.storage.facts.records import NewFact
    from perisai.storage.objects import ObjectStore

FOLDER = "attachments"


def store_in(settings: Settings) -> ObjectStore:
    """Where the encrypted bytes lie. ``perisai backup`` takes this folder along."""
    return FolderObjects(settings.home / FOLDER)


def keep(
    house: House,
    store: ObjectStore,
    actor: Actor,
    case: str,
    data: bytes,
    *,
    name: str,
    audience: str,
    days: int,
) -> Case:
    """Keep a document with a case. Raises NotAllowed, NotYet, or StorageError."""
    known = house.case(case)
    domain.may_keep(known, actor)
    with transaction.atomic(using=house.alias):
        made = wrap(house, data, name=name)

        def decide(case: Case) -> list[NewFact]:
            now = house.clock()
            new = domain.kept(case, actor, now, told=made.told, audience=audience, days=days)
            if is_sealed(made.sha256, house.alias):
                raise NotYet("This very document was sealed; it is kept nowhere.")
            made.put(store)
            return new

        return house.change_case(case, actor, decide)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A document under a key of its own: what a fact tells of it, and its encrypted bytes."""

    told: dict[str, Any]
    box: bytes

    @property
    def sha256(self) -> str:
        """That of what was given."""
        return str(self.told["sha256"])

    def put(self, store: ObjectStore) -> None:
        """Write the bytes, before the fact is written: a full disk keeps both away."""
        store.put(str(self.told["box"]), self.box)


def wrap(house: House, data: bytes, *, name: str) -> Wrapped:
    """Encrypt a document; call it in the transaction that writes of it. Raises NotYet."""
    kind = kind_of(data)
    if kind is None:
        raise NotYet("Only PDF, DOCX without macros, plain text and CSV are kept.")
    sha256 = hashlib.sha256(data).hexdigest()
    box = boxes.closed(house, data)
    told = {
        "name": domain.name_of(name, kind),
        "kind": kind,
        "size": len(data),
        "sha256": sha256,
        "box": box.name,
        "key": box.key,
    }
    return Wrapped(told, box.data)


def open_(
    house: House, store: ObjectStore, actor: Actor, case: str, key: str
) -> tuple[Attachment, bytes]:
    """A document and its bytes, verified; that it was opened is written down before they are given.

    Raises NotAllowed, NotYet, or StorageError if it is not what was kept.
    """
    with transaction.atomic(using=house.alias):
        known = house.change_case(case, actor, lambda c: domain.opened(c, actor, key))
        found = known.attachments[key]
        data = read(house, store, found)
    return found, data


def read(house: House, store: ObjectStore, found: Attachment) -> bytes:
    """The bytes of a document, verified. Raises NotYet if it was deleted, or StorageError.

    Nothing is written down: :func:`open_` is for whoever opens a document as such.
    """
    if found.purged:
        raise NotYet("This document was deleted; only its hash is known.")
    data = boxes.opened(house, store, found.key, found.box)
    if data is None or hashlib.sha256(data).hexdigest() != found.sha256:
        raise StorageError("this document is not what was kept; restore a backup")
    return data


def purge(house: House, store: ObjectStore, actor: Actor, case: str, key: str, reason: str) -> Case:
    """Delete a document before its time."""
    after = _purge(house, actor, case, lambda c: domain.purged(c, actor, key, reason))
    store.delete(after.attachments[key].box)
    return after


def seal(house: House, store: ObjectStore, actor: Actor, case: str, key: str) -> Case:
    """Seal a document for everyone: its key and bytes are destroyed, hash and time are referred.

    So is the same document wherever else it lies.
    """
    gone: list[str] = []
    with house.together():
        after = _purge(house, actor, case, lambda c: domain.sealed(c, actor, key))
        found = after.attachments[key]
        gone.append(found.box)
        rows = AttachmentRow.objects.using(house.alias).filter(sha256=found.sha256, purged=None)
        for other, item, box in rows.values_list("case", "attachment", "box"):
            new = domain.closed(item, found.sha256)
            _purge(house, HOUSE, other, lambda c: new)  # noqa: ARG005, B023
            gone.append(box)
    for box in gone:
        store.delete(box)
    return house.case(case)


def purge_due(house: House, store: ObjectStore) -> int:
    """Delete what was kept long enough, and bytes that were left; return how many are deleted."""
    now = house.clock()
    rows = AttachmentRow.objects.using(house.alias)
    due = rows.filter(until__lte=now, purged=None).order_by("case")
    cases = list(due.values_list("case", flat=True).distinct())
    count = 0
    for case in cases:
        before = len(domain.over(house.case(case), now))
        _purge(house, HOUSE, case, lambda c: domain.over(c, now))
        count += before
    for box in rows.filter(purged__gt=now - boxes.AGAIN).values_list("box", flat=True):
        store.delete(box)
    return count


def _purge(house: House, actor: Actor, case: str, decide: domain.Decide) -> Case:
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = house.case(case)
        new = decide(known)
        for fact in new:
            if fact.kind == Event.ATTACHMENT_PURGED:
                house.people.erase(known.attachments[fact.data["attachment"]].key)
        return house.write_case(known, new, actor)
