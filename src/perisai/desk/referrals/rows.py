"""The rows of referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.referrals.models import ReferralRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.complaints.state import Complaint


def of_complaint(complaint: Complaint) -> Iterator[ReferralRow]:
    """The row of one complaint, if it is sealed."""
    if complaint.sealed is None:
        return
    stands = complaint.referral
    yield ReferralRow(
        id=complaint.id,
        case=complaint.case,
        drafted=complaint.sealed,
        sent=stands.sent,
        sent_by=stands.sent_by,
        receiver=stands.receiver[:200],
        message=stands.message,
        reviewed=stands.reviewed,
        reviewed_by=stands.reviewed_by,
    )


def put(complaint: Complaint, alias: str) -> None:
    """Write it."""
    for row in of_complaint(complaint):
        row.save(using=alias)
