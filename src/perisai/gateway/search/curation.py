"""Who may see an item beside what its pictures show: the upstream's bands, and people's approvals.

Under 13 the default is *curated*: a model that finds nothing is not enough, a person must have
approved the item (then only the very bytes that were seen) or its collection.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from perisai.gateway.items import Item
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Approval

UNDER_13 = frozenset({AgeBand.AGE_3_5, AgeBand.AGE_6_9, AgeBand.AGE_10_12})
_REMEMBERED = 100_000


class Curation:
    """Answers from memory where it can; forgets with :meth:`forget` when the store has changed."""

    def __init__(
        self,
        store: AsyncStore,
        bands: Mapping[str, Collection[AgeBand]],
        *,
        curated: bool,
        trusted: Collection[str] = (),
    ) -> None:
        """``bands``: who each upstream is for. ``trusted``: upstreams that need no approval."""
        self._store = store
        self._bands = bands
        self._curated = curated
        self._trusted = frozenset(trusted)
        self._holders: OrderedDict[tuple[str, AgeBand], bool] = OrderedDict()

    def forget(self) -> None:
        """Drop what is remembered."""
        self._holders.clear()

    def needs_approval(self, upstream: str, band: AgeBand) -> bool:
        """Whether this band sees only what a person has approved."""
        return self._curated and band in UNDER_13 and upstream not in self._trusted

    def usable(self, upstream: str, band: AgeBand) -> bool:
        """Whether this band is served from the upstream at all."""
        return upstream in self._trusted or band in self._bands.get(upstream, ())

    async def approvals(
        self, upstream: str, items: Collection[Item], band: AgeBand
    ) -> dict[str, frozenset[str] | None]:
        """For each approved item's id, the bytes that were approved; None for any that passed."""
        keys = {item.id for item in items} | {item.collection for item in items if item.collection}
        found = await self._store.approvals(upstream, sorted(keys))
        approved: dict[str, frozenset[str] | None] = {}
        for item in items:
            whole = found.get(("collection", item.collection)) if item.collection else None
            own = found.get(("item", item.id))
            if own is not None:  # what was said of the item itself comes before its collection
                if _covers(own, band):
                    approved[item.id] = frozenset({own.sha256}) if own.sha256 else None
            elif whole is not None and _covers(whole, band):
                approved[item.id] = None
        return approved

    async def may_serve(self, sha256: str, band: AgeBand) -> bool:
        """Whether some item that this band may see holds these bytes."""
        key = (sha256, band)
        if key not in self._holders:
            self._holders[key] = await self._ask(sha256, band)
            if len(self._holders) > _REMEMBERED:
                self._holders.popitem(last=False)
        return self._holders[key]

    async def _ask(self, sha256: str, band: AgeBand) -> bool:
        for link in await self._store.holders(sha256):
            if not self.usable(link.upstream, band):
                continue
            if not self.needs_approval(link.upstream, band):
                return True
            collection = await self._collection(link.upstream, link.item)
            keys = [link.item, *([collection] if collection else [])]
            found = await self._store.approvals(link.upstream, keys)
            own = found.get(("item", link.item))
            chosen = own or (found.get(("collection", collection)) if collection else None)
            if chosen and _covers(chosen, band) and chosen.sha256 in ("", sha256):
                return True
        return False

    async def _collection(self, upstream: str, item: str) -> str:
        entry = (await self._store.entry([item])).get(item) if upstream in self._bands else None
        return entry.collection if entry else ""


def _covers(approval: Approval, band: AgeBand) -> bool:
    return band in approval.bands
