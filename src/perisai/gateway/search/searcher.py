"""A search: words, upstream, verdicts, screening within the deadline, and only what may be seen."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from perisai.errors import UpstreamError
from perisai.gateway.items import Ask, Category, Page, ServedItem, ServedPage
from perisai.gateway.search import cursors
from perisai.gateway.search.frequent import Frequent
from perisai.gateway.search.helpcard import UPSTREAM as HELP
from perisai.gateway.search.locating import locate
from perisai.gateway.search.pages import PageCache
from perisai.gateway.search.serving import Serving
from perisai.gateway.search.words import judged_as
from perisai.vocabulary import MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perisai.gateway.clients import Client
    from perisai.gateway.items import Item
    from perisai.gateway.search.curation import Curation
    from perisai.gateway.search.helpcard import HelpCards
    from perisai.gateway.search.selection import Files, Selection
    from perisai.gateway.search.verdicts import Verdicts
    from perisai.gateway.search.words import Words
    from perisai.gateway.upstreams.port import Upstream
    from perisai.terms import AgeBand

ROUNDS = 3
"""Upstream pages asked for one page of ours: enough to fill it when much is withheld."""
MOST = 50
"""Items on one page, as in both dialects."""


class Numbers(Protocol):
    """Makes the gateway's own opaque numbers of items, and reads them."""

    def number(self, upstream: str, item: str) -> str:
        """The number of an item."""
        ...

    def parse(self, number: str) -> tuple[str, str] | None:
        """Upstream and id; None if the number is none of ours."""
        ...


class Counts(Protocol):
    """Takes note in aggregate; never of words or people."""

    def page(self, decision: str, withheld: Mapping[str, int]) -> None:
        """One page was answered."""
        ...

    def shared(self, upstream: str) -> None:
        """One item was sent to somebody."""
        ...


@dataclass(slots=True)
class _Draft:
    """The page in the making."""

    limit: int
    deadline: float
    items: list[ServedItem] = field(default_factory=list)
    withheld: Counter[str] = field(default_factory=Counter)
    taken: int = 0
    next: str = ""
    total: int | None = None

    @property
    def missing(self) -> int:
        return self.limit - len(self.items)

    @property
    def seconds(self) -> float:
        return self.deadline - time.monotonic()


class Searcher:
    """Answers every question that a dialect may ask. Only screened and allowed items come out."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        words: Words,
        curation: Curation,
        selection: Selection,
        verdicts: Verdicts,
        numbers: Numbers,
        counts: Counts,
        *,
        deadline_ms: int,
        help_cards: HelpCards | None = None,
        frequent: Frequent | None = None,
    ) -> None:
        self._upstreams = upstreams
        self._words = words
        self._curation = curation
        self._selection = selection
        self._verdicts = verdicts
        self._numbers = numbers
        self._counts = counts
        self._deadline = deadline_ms / 1000
        self._help = help_cards
        self.frequent = Frequent() if frequent is None else frequent
        self._offsets = cursors.Offsets()
        self._pages = PageCache()
        self._serving = Serving(curation.store, verdicts, curation)
        verdicts.on_change.append(self._serving.forget)

    @property
    def stamp(self) -> int:
        """Changes whenever a page that was answered before may no longer hold."""
        return self._verdicts.now

    # ---- pages

    async def page(self, ask: Ask, client: Client) -> ServedPage:
        """Answer a search, or what is trending where ``ask.text`` is empty."""
        page = await self.unasked(ask, client)
        self._counts.page(page.decision, page.withheld)
        told = page.decision in ("block", "help") or self._words.judge(ask.text).help
        if not told and not ask.cursor:  # who needs help stands on no list, nowhere
            self.frequent.note(ask.text)
        return page

    async def unasked(self, ask: Ask, client: Client) -> ServedPage:
        """Like :meth:`page`, for a page that nobody asked for: it is counted nowhere."""
        judgement = self._words.judge(ask.text)
        decision = str(judgement.decision)
        helps: tuple[ServedItem, ...] = ()
        if judgement.help and not ask.cursor and self._help:
            helps = await self._help.items(judgement.cards, ask.locale, client.band)
        if decision == "block":
            return ServedPage(helps, total=len(helps), decision="block")
        ask = replace(ask, band=client.band, limit=max(1, min(MOST, ask.limit)))
        if judgement.unread:  # never sent upstream, and what is not read is not trusted
            ask = replace(ask, text=ask.text[:MAX_LENGTH])
        if decision == "filter":
            ask = replace(ask, strict=ask.strict + 1)
        page = await self._pages.get(ask, self.stamp, lambda: self._compose(ask))
        if helps:
            return replace(page, items=(*helps, *page.items), decision="help")
        return page if decision == page.decision else replace(page, decision=decision)

    def again(self, page: ServedPage) -> None:
        """Count that a page was answered once more, as it was.

        Its words are not noted among the frequent ones: whoever repeats it does not hold them, and
        what is repeated is warm.
        """
        self._counts.page(page.decision, page.withheld)

    async def related(self, number: str, ask: Ask, client: Client) -> ServedPage:
        """Answer with what is like one item: a search for its own words."""
        found = await self.items([number], client)
        if not found:
            return ServedPage()
        item = found[0].item
        text = " ".join(item.tags[:3]) or item.title
        return await self.page(replace(ask, text=text[:100]), client) if text else ServedPage()

    async def _compose(self, ask: Ask) -> ServedPage:
        draft = _Draft(ask.limit, time.monotonic() + self._deadline)
        stamp = self.stamp
        start = await self._start(ask, draft)
        offset = start[1] if start else 0
        for _ in range(ROUNDS):
            if start is None or draft.missing <= 0 or draft.seconds <= 0:
                break
            name, cursor = start[0], start[2]
            # Never more than is missing: what a page has no room for would be passed over.
            wanted = replace(ask, cursor=cursor, limit=draft.missing)
            page = await self._ask_upstream(name, wanted, draft) or Page()
            # One that gives more than it was asked for may keep it.
            await self._select(page.items[: ask.limit], ask, draft)
            start = self._following(name, offset + draft.taken, page.next, ask)
        if stamp != self.stamp:
            await self._reselect(ask, draft)
        if start is not None:
            draft.next = cursors.pack(*start)
            if self._offsets.gave(ask):  # what one client makes up is no place for the others
                self._offsets.remember(ask, start[1], draft.next)
        return ServedPage(
            tuple(draft.items), draft.next, draft.total, draft.taken, dict(draft.withheld)
        )

    async def _start(self, ask: Ask, draft: _Draft) -> tuple[str, int, str] | None:
        """Where the page begins: upstream, offset and its cursor. None: there is no such page."""
        usable = self._usable_for(ask.band)
        if not usable:
            return None
        offset = self._offsets.read(ask)
        if offset is None:
            text = ask.cursor[: cursors.LONGEST]
            at = 0
        else:
            at, text = self._offsets.nearest(ask, offset)
        place = cursors.unpack(text) if text else (usable[0], 0, "")
        if place is None or place[0] not in usable:
            return None
        if offset is None or offset == at:
            return place
        return await self._locate(ask, offset, (place[0], at, place[2]), draft)

    async def _locate(
        self, ask: Ask, offset: int, nearest: tuple[str, int, str], draft: _Draft
    ) -> tuple[str, int, str] | None:
        """Look for a place that nobody here was sent to."""

        def following(name: str, at: int, cursor: str) -> tuple[str, int, str] | None:
            place = self._following(name, at, cursor, ask)
            if place is not None:
                self._offsets.remember(ask, place[1], cursors.pack(*place))
            return place

        return await locate(
            *(ask, offset, nearest, self._upstreams),
            lambda name, asked: self._ask_upstream(name, asked, draft),
            following,
        )

    def _usable_for(self, band: AgeBand) -> list[str]:
        return [name for name in self._upstreams if self._curation.usable(name, band)]

    def _following(
        self, name: str, offset: int, cursor: str, ask: Ask
    ) -> tuple[str, int, str] | None:
        """Where the next page begins: further on in this upstream, or in the next one."""
        if cursor:
            return name, offset, cursor
        usable = self._usable_for(ask.band)
        rest = usable[usable.index(name) + 1 :] if name in usable else []
        return (rest[0], offset, "") if rest else None

    async def _ask_upstream(self, name: str, ask: Ask, draft: _Draft) -> Page | None:
        """Ask one upstream within what is left of the deadline; a dead one gives None."""
        try:
            async with asyncio.timeout(max(0.01, draft.seconds)):
                page = await self._upstreams[name].search(self._asking(name, ask))
        except (UpstreamError, TimeoutError):
            draft.withheld["upstream"] += 1
            return None
        if draft.total is None and page.total is not None:
            draft.total = page.total
        return page

    def _asking(self, name: str, ask: Ask) -> Ask:
        """What this upstream is asked: what knows approvals may leave out the rest by itself."""
        return replace(ask, approved=self._curation.needs_approval(name, ask.band))

    async def _select(self, items: Sequence[Item], ask: Ask, draft: _Draft) -> None:
        """Take what may be seen, in the upstream's order, and count the rest by reason."""
        judged = judged_as(ask.band, ask.strict)
        chosen = await self._selection.choose(
            items, ask.band, judged, draft.seconds, enough=draft.missing
        )
        draft.taken += len(items)
        for item in items:
            files, reason = chosen[item.id]
            if files:
                number = self._numbers.number(item.upstream, item.id)
                draft.items.append(ServedItem(number, item, files))
            else:
                draft.withheld[reason] += 1

    async def _reselect(self, ask: Ask, draft: _Draft) -> None:
        """Take out what was decided against while the page was made; wait for nothing."""
        judged = judged_as(ask.band, ask.strict)
        by_upstream: dict[str, list[Item]] = {}
        for each in draft.items:
            by_upstream.setdefault(each.item.upstream, []).append(each.item)
        still: dict[tuple[str, str], Files] = {}
        for name, items in by_upstream.items():
            chosen = await self._selection.choose(items, ask.band, judged, 0.0, enough=0)
            still |= {(name, key): files for key, (files, _) in chosen.items() if files}
        kept = [
            replace(each, files=still[place])
            for each in draft.items
            if (place := (each.item.upstream, each.item.id)) in still
        ]
        draft.withheld["decided"] += len(draft.items) - len(kept)
        draft.withheld += Counter()  # without those that are none
        draft.items = kept

    def _usable(self, name: str, band: AgeBand) -> bool:
        return name in self._upstreams and self._curation.usable(name, band)

    # ---- single items, groups and words

    async def items(self, numbers: Sequence[str], client: Client) -> tuple[ServedItem, ...]:
        """Return the items with these numbers that this client may see, in this order."""
        wanted: dict[str, list[str]] = {}
        cards: list[str] = []
        for number in dict.fromkeys(numbers[:MOST]):
            place = self._numbers.parse(number)
            if place and self._usable(place[0], client.band):
                wanted.setdefault(place[0], []).append(place[1])
            elif place and place[0] == HELP:
                cards.append(place[1])
        served: dict[str, ServedItem] = {}
        if cards and self._help:
            served |= {card.number: card for card in await self._help.by_id(cards, client.band)}
        draft = _Draft(MOST, time.monotonic() + self._deadline)
        ask = Ask(client.band, limit=MOST)
        stamp = self.stamp
        for name, ids in wanted.items():
            try:
                async with asyncio.timeout(max(0.01, draft.seconds)):
                    found = await self._upstreams[name].items(ids)
            except (UpstreamError, TimeoutError):
                continue
            draft.items.clear()
            await self._select(found, ask, draft)
            if stamp != self.stamp:
                await self._reselect(ask, draft)
            served |= {each.number: each for each in draft.items}
        return tuple(served[number] for number in dict.fromkeys(numbers) if number in served)

    async def categories(
        self, ask: Ask, client: Client
    ) -> tuple[tuple[Category, ServedItem | None], ...]:
        """Return groups to browse, each with a picture that this client may see, if there is one.

        Groups whose words are not harmless are left out.
        """
        ask = replace(ask, band=client.band, text="", cursor="")
        groups: list[Category] = []
        for name, upstream in self._upstreams.items():
            if self._curation.usable(name, client.band):
                try:
                    async with asyncio.timeout(self._deadline):
                        groups.extend(await upstream.categories(self._asking(name, ask)))
                except (UpstreamError, TimeoutError):
                    continue
        harmless = [
            group
            for group in {each.text: each for each in groups}.values()
            if self._words.harmless(group.text) and self._words.harmless(group.name)
        ][:MOST]
        pages = await asyncio.gather(
            *(self.unasked(replace(ask, text=group.text, limit=1), client) for group in harmless)
        )
        return tuple(
            (group, page.items[0] if page.items else None)
            for group, page in zip(harmless, pages, strict=True)
        )

    async def suggest(self, ask: Ask, client: Client) -> tuple[str, ...]:
        """Return harmless words that may follow or replace the query; none for one not harmless."""
        if ask.text and not self._words.harmless(ask.text):
            return ()
        ask = replace(ask, band=client.band)
        found: dict[str, None] = {}
        for name, upstream in self._upstreams.items():
            if not self._curation.usable(name, client.band) or len(found) >= ask.limit:
                continue
            try:
                async with asyncio.timeout(self._deadline):
                    words = await upstream.suggest(self._asking(name, ask))
            except (UpstreamError, TimeoutError):
                continue
            found |= {word: None for word in words if self._words.harmless(word)}
        return tuple(found)[: max(1, ask.limit)]

    def shared(self, number: str) -> None:
        """Count that an item was sent; nothing else is kept of it."""
        if place := self._numbers.parse(number):
            self._counts.shared(place[0])
            if place[0] in self._upstreams:
                self._upstreams[place[0]].shared(place[1])

    # ---- media

    async def allowed(self, sha256: str, band: AgeBand) -> bool:
        """Whether these bytes may be served to this band now. Anything unclear is no."""
        return await self._serving.allowed(sha256, band)
