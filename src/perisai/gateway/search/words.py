"""What words do to a search: the query's, and those that upstreams put beside their pictures."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from perisai.gateway.items import Item
    from perisai.vocabulary import Judgement, Vocabulary


class Words:
    """The vocabulary, with the answers for what was asked lately."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._judge = lru_cache(maxsize=20_000)(vocabulary.judge)

    def judge(self, text: str) -> Judgement:
        """What the vocabulary says of a query."""
        return self._judge(text)

    def caution(self, item: Item) -> str:
        """Say ``block``, ``filter`` or ``allow`` of the words that come with an item.

        Explicit words drop the item even if its picture passed: somebody who has seen it all says
        what it is. Attribution and licence are shown, too, and count like title and tags.
        """
        texts = (item.title, *item.tags, item.attribution, item.licence)
        found = {str(self._judge(text).decision) for text in texts if text}
        return next((word for word in ("block", "filter") if word in found), "allow")

    def harmless(self, text: str) -> bool:
        """Whether a suggestion may be shown."""
        return str(self._judge(text).decision) in ("allow", "help")


def judged_as(band: AgeBand, strict: int) -> AgeBand:
    """The band whose thresholds apply: each step of caution takes the next two younger."""
    bands = list(AgeBand)
    return bands[max(0, bands.index(band) - 2 * max(0, strict))]
