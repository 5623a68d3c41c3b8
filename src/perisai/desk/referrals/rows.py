"""The rows of referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.referrals.models import ReferralRow
from perisai.desk.referrals.state import Referral
from perisai.desk.triage.rows import link_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint
    from perisai.desk.seals.state import Seal
    from perisai.storage.facts.people import People


def of_complaint(complaint: Complaint, people: People) -> Iterator[ReferralRow]:
    """The row of one complaint, if it is sealed, or was."""
    if complaint.seal.since is not None:
        row = _row(complaint.id, complaint.seal, complaint.referral)
        row.case, row.exact = complaint.case, link_of(complaint.triage, people)
        yield row


def of_case(case: Case) -> Iterator[ReferralRow]:
    """The rows of those samples that are sealed, or were, and came without a complaint."""
    for each in case.samples:
        seal = case.seals.get(each.sha256)
        if seal is None or each.complaint:
            continue
        row = _row(f"{case.id}:{each.sha256}", seal, case.referrals.get(each.sha256, Referral()))
        row.case, row.sha256 = case.id, each.sha256
        yield row


def put(rows: Iterable[ReferralRow], alias: str) -> None:
    """Write them."""
    for row in rows:
        row.save(using=alias)


def _row(key: str, seal: Seal, stands: Referral) -> ReferralRow:
    return ReferralRow(
        id=key,
        drafted=seal.since,
        sealed_by=seal.by,
        asked=seal.asked,
        asked_by=seal.asked_by if seal.asked else "",
        lifted=seal.lifted,
        sent=stands.sent,
        sent_by=stands.sent_by,
        receiver=stands.receiver[:200],
        message=stands.message,
        withdrawal=stands.withdrawal,
        reviewed=stands.reviewed,
        reviewed_by=stands.reviewed_by,
        more=stands.more,
    )
