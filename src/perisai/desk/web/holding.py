"""Who has a complaint, as its page says it, and from which queue it was taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.http import QueryDict

from perisai.desk.permissions import GRANTS, Permission
from perisai.desk.triage import locks
from perisai.desk.triage.likeness import proposals
from perisai.desk.triage.models import QueueRow
from perisai.desk.triage.queue import NAMES
from perisai.desk.web import forms
from perisai.desk.web.running import desk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perisai.desk.complaints.state import Complaint
    from perisai.desk.triage.likeness import Proposal
    from perisai.desk.triage.models import LockRow
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form

SHOWN = 20
"""Complaints of an entry that a page names."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Who has it now, and what whoever looks may do about it."""

    lock: LockRow | None
    mine: bool
    forms: dict[str, Form]

    @property
    def others(self) -> bool:
        """Whether a colleague has it, so that nobody else acts on it."""
        return self.lock is not None and not self.mine


def holding(request: Request, complaint: Complaint, bound: Callable[[Form], Form]) -> Holding:
    """Say who has a complaint; who has it and looks at it, has it longer."""
    actor = request.actor
    waits = not (complaint.case or complaint.withdrawn or complaint.sealed)
    if not waits:
        return Holding(None, mine=False, forms={})
    lock = locks.still_here(desk().house, actor, complaint.id, lock_span())
    mine = lock is not None and lock.name == actor.name
    made: dict[str, Form] = {}
    if actor.may(Permission.COMPLAINT_TAKE):
        if lock is None:
            made["take"] = bound(forms.Take())
        elif mine:
            made["hand"] = bound(forms.HandOver(people=colleagues(request)))
            made["release"] = bound(forms.Release())
    return Holding(lock, mine=mine, forms=made)


def together(complaint: Complaint) -> list[QueueRow]:
    """The complaints that it is joined with, this one among them; none if it stands for itself."""
    entry = complaint.triage.entry or complaint.id
    rows = QueueRow.objects.filter(entry=entry, closed=False).order_by("received", "complaint")
    found = list(rows[: SHOWN + 1])
    return found if len(found) > 1 else []


def likely(request: Request, complaint: Complaint) -> list[Proposal]:
    """What may be about the same thing, for those who may say so."""
    if not request.actor.may(Permission.COMPLAINT_JOIN):
        return []
    return proposals(desk().house, complaint.id, complaint.triage)


def lock_span() -> timedelta:
    """How long a complaint is kept for somebody who does nothing."""
    return timedelta(minutes=desk().settings.desk.lock_minutes)


def colleagues(request: Request) -> list[str]:
    """The names of others who may take complaints."""
    roles = [role for role, granted in GRANTS.items() if Permission.COMPLAINT_TAKE in granted]
    found = User.objects.filter(is_active=True, member__role__in=roles)
    others = found.exclude(username=request.actor.name).order_by("username")
    return list(others.values_list("username", flat=True))


def of_queue(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was asked of the queue, in names and values, for a form or an address."""
    return [(name, asked[name]) for name in NAMES if asked.get(name)]


def asked_of_queue(asked: Mapping[str, str], **more: str) -> str:
    """The same as the end of an address: a plain link that can be kept."""
    made = QueryDict(mutable=True)
    made.update(dict(of_queue(asked)) | more)
    return f"?{made.urlencode()}" if made else ""
