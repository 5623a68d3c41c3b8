"""A public result as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Result:
    """The public result: written by one, agreed by another, then known."""

    texts: dict[str, str]
    drafted_by: str
    approved_by: str = ""
    published: datetime | None = None

    @property
    def standing(self) -> str:
        """``draft``, ``approved`` or ``published``."""
        if self.published:
            return "published"
        return "approved" if self.approved_by else "draft"
