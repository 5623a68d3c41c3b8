"""A letter of invitation as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Summons:
    """An invitation to clarify. ``letter`` holds what was written; dates are None until then."""

    id: str
    letter: dict[str, Any]
    drafted_by: str
    drafted: datetime
    approved_by: str = ""
    approved: datetime | None = None
    number: str = ""
    sent: datetime | None = None
    acknowledged: datetime | None = None
    answers: tuple[dict[str, Any], ...] = ()
    attended: datetime | None = None
    missed: datetime | None = None
    minutes: str = ""
    dropped: datetime | None = None

    @property
    def standing(self) -> str:
        """One word for where it stands."""
        for word in ("dropped", "missed", "attended"):
            if getattr(self, word):
                return word
        if self.answers:
            return "answered"
        if self.acknowledged:
            return "acknowledged"
        if self.sent:
            return "sent"
        return "approved" if self.approved_by else "draft"
