"""What is shown to those who may undo a seal: who or what set it, and how its referral stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE, PUBLIC
from perisai.desk.permissions import Permission
from perisai.desk.referrals.models import ReferralRow
from perisai.desk.seals import services
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.web.views.referrals import arrived_messages, standing

if TYPE_CHECKING:
    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.seals.state import Seal
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form

CAUSES = ("list", "reporter", "link", "person")


@dataclass(frozen=True, slots=True)
class Undoing:
    """A seal, what set it (one of the above), and what whoever looks may do about it now.

    ``key`` is that of the complaint or, with ``sha256``, of the case.
    """

    key: str
    sha256: str
    seal: Seal
    cause: str
    referral: str
    ask: Form | None
    keep: Form | None


def of_complaint(request: Request, known: Complaint, sent: Form | None) -> Undoing | None:
    """For a sealed complaint; None for those who may not undo its seal."""
    if not request.actor.may(Permission.SEAL_UNDO):
        return None
    matched = services.is_matched(desk().house, known)
    return _undoing(request, known.id, "", known.seal, sent, matched=matched)


def of_sample(request: Request, case: Case, sha256: str, sent: Form | None) -> Undoing:
    """For a sealed sample that came without a complaint."""
    matched = services.matches_list(desk().house, {sha256})
    gone = any(each.document for each in case.samples if each.sha256 == sha256)
    return _undoing(request, case.id, sha256, case.seals[sha256], sent, matched=matched, gone=gone)


def _undoing(
    request: Request,
    key: str,
    sha256: str,
    seal: Seal,
    sent: Form | None,
    *,
    matched: bool,
    gone: bool = False,
) -> Undoing:
    ask: Form | None = None
    keep: Form | None = None
    if gone:
        pass
    elif seal.asked is None and not matched:
        ask = sent if isinstance(sent, forms.QuestionSeal) else forms.QuestionSeal()
    elif seal.asked and seal.asked_by.partition(":")[2] != request.actor.name:
        keep = sent if isinstance(sent, forms.KeepSeal) else forms.KeepSeal()
    row = ReferralRow.objects.filter(id=f"{key}:{sha256}" if sha256 else key).first()
    return Undoing(
        key,
        sha256,
        seal,
        _cause(seal, matched=matched),
        standing(row, arrived_messages()) if row else "drafted",
        ask,
        keep,
    )


def _cause(seal: Seal, *, matched: bool) -> str:
    if matched:
        return "list"
    return {PUBLIC.by: "reporter", HOUSE.by: "link"}.get(seal.by, "person")
