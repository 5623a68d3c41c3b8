"""A commitment as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.desk.commitments.verifying import Evidence, Verify


@dataclass(frozen=True, slots=True)
class Commitment:
    """Who promised what by when, how it will be verified, and what came of it.

    ``outcome`` is ``kept``, ``late`` or ``broken``, and empty until a person has judged.
    """

    id: str
    who: str
    what: str
    verify: Verify
    due: datetime
    made: datetime
    made_by: str
    outcome: str = ""
    before: Evidence | None = None
    after: Evidence | None = None
    judged: datetime | None = None
    judged_by: str = ""
    source: str = ""
    """Where it was offered, as in ``s-1/answer/2`` or ``s-1/point/1``; empty if nowhere here."""
