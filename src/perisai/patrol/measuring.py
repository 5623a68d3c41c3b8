"""Measures one search: of what the upstreams give for it, how much is unfit for an age, and why."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.gateway.items import Ask
from perisai.gateway.search.curation import Curation
from perisai.gateway.search.explaining import Explainer
from perisai.gateway.search.selection import FAILED, PENDING, Selection
from perisai.gateway.search.words import Words
from perisai.gateway.workbench import open_workbench
from perisai.policy import Policy
from perisai.screening.service import connect
from perisai.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from perisai.gateway.search.explaining import Explained
    from perisai.settings import Settings
    from perisai.terms import AgeBand

PATIENCE_MS = 120_000
"""Nobody waits at a phone here: everything that is found is looked at."""
UNKNOWN = frozenset({PENDING, FAILED})


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a search finds for an age band, before anything is withheld.

    ``fit`` and ``unfit`` count results, ``rules`` says by which rule they are unfit, and
    ``unknown`` counts what could not be looked at. ``blocked`` says that the words alone end the
    search here; the upstreams were not asked then.
    """

    words: str
    band: AgeBand
    fit: int
    unfit: int
    unknown: int
    rules: Mapping[str, int]
    blocked: bool = False

    @property
    def exposure(self) -> float | None:
        """Share of the results that are unfit, 0 to 1; None if nothing was found."""
        found = self.fit + self.unfit
        return self.unfit / found if found else None


async def measure(settings: Settings, words: str, bands: Iterable[AgeBand]) -> list[Measurement]:
    """Search for ``words`` as each band would, and say what came.

    Approvals play no part: what is measured is what the upstreams would show. Raises what opening
    the gateway's parts raises (SettingsError, StorageError, ServiceError, ...).
    """
    screening = await connect(settings)
    try:
        async with open_workbench(settings, screening) as bench:
            spoken = Words(await asyncio.to_thread(Vocabulary.load, settings.vocabulary.lexicons))
            served = {n: section.bands for n, section in settings.gateway.upstreams.items()}
            curation = Curation(bench.store, served, curated=False)
            selection = Selection(bench.store, bench.verdicts, bench.intake, spoken, curation)
            policy = Policy.load(settings.screening.policy)
            explainer = Explainer(
                bench.upstreams, spoken, curation, selection, policy, deadline_ms=PATIENCE_MS
            )
            blocked = str(explainer.judge(words).decision) == "block"
            return [
                counted(words, band, await explainer.explain(Ask(band, text=words)), blocked)
                for band in bands
            ]
    finally:
        await screening.close()


def counted(words: str, band: AgeBand, found: Iterable[Explained], blocked: bool) -> Measurement:
    """Count what was found."""
    reasons = Counter(each.withheld.get(band, "") for each in found)
    fit = reasons.pop("", 0)
    unknown = sum(reasons.pop(each, 0) for each in UNKNOWN)
    return Measurement(words, band, fit, reasons.total(), unknown, dict(reasons), blocked)
