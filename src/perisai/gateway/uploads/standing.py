"""What holds now of what became of an upload.

An outcome says what was decided when. People decide since, and lists, models and policy change: an
``allow`` is repeated only if it would be given today, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.terms import Decision

if TYPE_CHECKING:
    from perisai.gateway.search.verdicts import Known, Verdicts
    from perisai.storage.records import Outcome, Upload
    from perisai.terms import AgeBand

UNSCREENED = "unscreened"
"""Nobody looked at it: it is no verdict, and never means that it may be shown."""
OUTDATED = "outdated"
"""The rule of what was allowed by lists, models or a policy that have changed since."""


@dataclass(frozen=True, slots=True)
class Stands:
    """A decision for the upload's band and its rule; with ``known``, everything it rests on."""

    decision: str
    rule: str
    known: Known | None = None


def rule_of(known: Known, band: AgeBand) -> str:
    """The name of the rule that decided for a band."""
    return known.verdict.bands[band].rule


async def stands(verdicts: Verdicts, upload: Upload, outcome: Outcome) -> Stands:
    """What of this outcome holds now. Raises StorageError."""
    if outcome.basis:
        known = (await verdicts.known([outcome.sha256])).get(outcome.sha256)
        if known is not None:
            if outcome.bare != outcome.sha256:
                known = await verdicts.judged(known.screened, outcome.bare)
            return Stands(known.decision(upload.band).value, rule_of(known, upload.band), known)
    if outcome.decision == Decision.ALLOW:
        return Stands(UNSCREENED, OUTDATED)
    return Stands(outcome.decision, outcome.rule)
