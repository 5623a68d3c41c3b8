"""Who may see an item beside what its pictures show: the upstream's bands, and people's approvals.

Under 13 the default is *curated*: a model that finds nothing is not enough, a person must have
approved the item (then only the very bytes that were seen) or its collection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from perisai.gateway.items import Item
    from perisai.gateway.search.verdicts import Known
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Approval, Linked

UNDER_13 = frozenset({AgeBand.AGE_3_5, AgeBand.AGE_6_9, AgeBand.AGE_10_12})


class Curation:
    """Asks the store each time: remembers nothing."""

    def __init__(
        self,
        store: AsyncStore,
        bands: Mapping[str, Collection[AgeBand]],
        *,
        curated: bool,
        trusted: Collection[str] = (),
    ) -> None:
        """``bands``: who each upstream is for. ``trusted``: upstreams that need no approval."""
        self.store = store
        self._bands = bands
        self._curated = curated
        self._trusted = frozenset(trusted)

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
        found = await self.store.approvals(upstream, sorted(keys))
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

    async def holders(self, known: Known, band: AgeBand) -> tuple[Linked, ...]:
        """The places where a member of ``band`` may be shown these bytes, as far as people say.

        What a person approved by its bytes covers what was made of them, and nothing else.
        """
        covered = {"", known.screened.sha256, *known.sources}
        found = []
        for link in await self.store.holders(known.screened.sha256):
            if not self.usable(link.upstream, band):
                continue
            if not self.needs_approval(link.upstream, band):
                found.append(link)
                continue
            collection = await self._collection(link.upstream, link.item)
            keys = [link.item, *([collection] if collection else [])]
            said = await self.store.approvals(link.upstream, keys)
            own = said.get(("item", link.item))
            chosen = own or (said.get(("collection", collection)) if collection else None)
            if chosen and _covers(chosen, band) and chosen.sha256 in covered:
                found.append(link)
        return tuple(found)

    async def _collection(self, upstream: str, item: str) -> str:
        entry = (await self.store.entry([item])).get(item) if upstream in self._bands else None
        return entry.collection if entry and not entry.removed else ""


def _covers(approval: Approval, band: AgeBand) -> bool:
    return band in approval.bands
