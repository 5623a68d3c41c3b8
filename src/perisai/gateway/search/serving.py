"""Whether a file may leave the gateway now: its bytes, and an item that is shown with them."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from perisai.errors import PerisaiError
from perisai.gateway.search.selection import current

if TYPE_CHECKING:
    from perisai.gateway.search.curation import Curation
    from perisai.gateway.search.verdicts import Known, Verdicts
    from perisai.storage.asynchronous import AsyncStore
    from perisai.terms import AgeBand

SECONDS = 3.0
"""How long an answer holds. What another process finds in a sibling of a file counts after that."""
_REMEMBERED = 100_000


class Serving:
    """Answers from memory where it can; forgets with :meth:`forget` when a verdict has changed."""

    def __init__(self, store: AsyncStore, verdicts: Verdicts, curation: Curation) -> None:
        self._store = store
        self._verdicts = verdicts
        self._curation = curation
        self._answers: OrderedDict[tuple[str, AgeBand], tuple[float, bool]] = OrderedDict()

    def forget(self) -> None:
        """Drop what is remembered."""
        self._answers.clear()

    async def allowed(self, sha256: str, band: AgeBand) -> bool:
        """Whether these bytes may be served to this band now. Anything unclear is no."""
        try:
            known = (await self._verdicts.known([sha256])).get(sha256)
            return known is not None and known.allows(band) and await self._shown(known, band)
        except PerisaiError:
            return False

    async def _shown(self, known: Known, band: AgeBand) -> bool:
        """Whether an item that this band may see holds the file."""
        key = (known.screened.sha256, band)
        until, answer = self._answers.get(key, (0.0, False))
        if until <= time.monotonic():
            stamp = self._verdicts.stamp
            answer = await self._ask(known, band)
            if stamp == self._verdicts.stamp:
                self._answers[key] = time.monotonic() + SECONDS, answer
                self._answers.move_to_end(key)
            while len(self._answers) > _REMEMBERED:
                self._answers.popitem(last=False)
        return answer

    async def _ask(self, known: Known, band: AgeBand) -> bool:
        for holder in await self._curation.holders(known, band):
            links = (await self._store.links(holder.upstream, [holder.item])).get(holder.item, {})
            seen = await self._verdicts.known({link.sha256 for link in links.values()})
            # One rendition that may not be seen drops the item, and with it the links to all.
            if all(each.allows(band) for each in current(links, seen).values()):
                return True
        return False
