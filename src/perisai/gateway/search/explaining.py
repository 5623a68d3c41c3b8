"""What becomes of each item that a search finds, for every age band, and by which rule.

A client is never told this: to it, what is withheld is not there. It is for the operator's panel.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.errors import UpstreamError
from perisai.gateway.search.words import judged_as
from perisai.policy.judging import ABUSE, UNSCREENABLE
from perisai.policy.verdict import Text
from perisai.terms import AgeBand
from perisai.vocabulary import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perisai.gateway.items import Ask, Item
    from perisai.gateway.search.curation import Curation
    from perisai.gateway.search.selection import Selection
    from perisai.gateway.search.words import Words
    from perisai.gateway.upstreams.port import Upstream
    from perisai.policy import Policy
    from perisai.vocabulary import Judgement

OTHER_AGE = "other-age"
REASONS: Mapping[str, Text] = {
    "abuse": ABUSE,
    "unscreenable": UNSCREENABLE,
    "not-approved": Text(
        "Nobody has approved it yet, and under 13 only what a person has approved is shown.",
        "Belum disetujui siapa pun; di bawah 13 tahun hanya yang disetujui petugas yang tampil.",
    ),
    "words": Text(
        "Its title or a tag holds explicit words.", "Judul atau tagarnya memuat kata vulgar."
    ),
    "pending": Text(
        "It is being looked at; until then nobody sees it.",
        "Sedang diperiksa; sebelum selesai tidak ditampilkan.",
    ),
    "failed": Text("Its file could not be fetched.", "Berkasnya tidak dapat diambil."),
    OTHER_AGE: Text(
        "This age is not served from where it comes from.",
        "Usia ini tidak dilayani dari sumber ini.",
    ),
}
"""Sentences for what is withheld by no rule of the policy."""
MOST = 50


@dataclass(frozen=True, slots=True)
class Explained:
    """One item; ``withheld`` holds the deciding rule's name for each band that does not see it."""

    item: Item
    withheld: Mapping[AgeBand, str]


class Explainer:
    """Asks the upstreams like a search does, and keeps what a search leaves out."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        words: Words,
        curation: Curation,
        selection: Selection,
        policy: Policy,
        *,
        deadline_ms: int,
    ) -> None:
        self._upstreams = upstreams
        self._words = words
        self._curation = curation
        self._selection = selection
        self._reasons = dict(REASONS) | {rule.name: rule.reasons for rule in policy.rules}
        self._deadline = deadline_ms / 1000

    def judge(self, text: str) -> Judgement:
        """What the vocabulary says of the query."""
        return self._words.judge(text)

    def reason(self, name: str) -> Text:
        """The sentence for a rule, in both languages."""
        return self._reasons.get(name, Text(name, name))

    async def explain(self, ask: Ask) -> tuple[Explained, ...]:
        """Explain what ``ask.band`` finds, and what it would find if nothing was withheld.

        Nothing is asked for words that are blocked: no upstream hears of them.
        """
        judgement = self._words.judge(ask.text)
        if str(judgement.decision) == "block":
            return ()
        caution = 1 if str(judgement.decision) == "filter" else 0
        ask = replace(
            ask, text=ask.text[:MAX_LENGTH], limit=MOST, cursor="", strict=ask.strict + caution
        )
        found = await asyncio.gather(*(self._from(name, ask) for name in self._upstreams))
        return tuple(each for items in found for each in items)

    async def _from(self, name: str, ask: Ask) -> list[Explained]:
        try:
            async with asyncio.timeout(self._deadline):
                page = await self._upstreams[name].search(ask)
        except (UpstreamError, TimeoutError):
            return []
        withheld: dict[str, dict[AgeBand, str]] = {item.id: {} for item in page.items}
        # The band that is looked at first: what it waits for is there for the others.
        for band in sorted(AgeBand, key=lambda band: band is not ask.band):
            for key, reason in (await self._withheld(name, page.items, band, ask)).items():
                withheld[key][band] = reason
        return [Explained(item, withheld[item.id]) for item in page.items]

    async def _withheld(
        self, name: str, items: Sequence[Item], band: AgeBand, ask: Ask
    ) -> dict[str, str]:
        if not self._curation.usable(name, band):
            return {item.id: OTHER_AGE for item in items}
        seconds = self._deadline if band is ask.band else 0.0
        judged = judged_as(band, ask.strict)
        chosen = await self._selection.choose(items, band, judged, seconds, enough=len(items))
        return {key: reason for key, (files, reason) in chosen.items() if not files}
