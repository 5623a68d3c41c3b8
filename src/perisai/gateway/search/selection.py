"""Which items of an upstream's page a band may see, and in which files."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING

from perisai.gateway.items import Served, Size
from perisai.gateway.search.intake import first_choice
from perisai.gateway.search.making import is_made, of_these
from perisai.terms import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perisai.gateway.items import Item, Rendition
    from perisai.gateway.search.curation import Curation
    from perisai.gateway.search.intake import Intake
    from perisai.gateway.search.verdicts import Known, Verdicts
    from perisai.gateway.search.words import Words
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Linked
    from perisai.terms import AgeBand

Files = dict[tuple[str, Size], Served]
Choice = tuple[Files, str]
"""The files of an item, or none and the reason: a rule's name, or a word below."""

PENDING = "pending"
"""Not screened yet; it goes on in the background and may be there next time."""
FAILED = "failed"
"""Its bytes could not be had or not be kept."""
WORDS = "words"
"""Explicit words stand beside it."""
NOT_APPROVED = "not-approved"
"""No person has approved it, and this band sees only what a person has."""
BEHIND = 4
"""Renditions of one item that are screened in the background after the first."""


class Selection:
    """Decides item by item. An item is shown whole or not at all."""

    def __init__(
        self,
        store: AsyncStore,
        verdicts: Verdicts,
        intake: Intake,
        words: Words,
        curation: Curation,
    ) -> None:
        self._store = store
        self._verdicts = verdicts
        self._intake = intake
        self._words = words
        self._curation = curation

    async def choose(
        self,
        items: Sequence[Item],
        band: AgeBand,
        judged: AgeBand,
        seconds: float,
        *,
        enough: int,
    ) -> dict[str, Choice]:
        """Decide on each item of one upstream, by its id, within so many ``seconds``.

        ``band`` says whose approvals count and ``judged``, the same or a younger band, whose
        verdicts. Screening is waited for only until ``enough`` items are there.
        """
        if not items:
            return {}
        end = time.monotonic() + seconds
        upstream = items[0].upstream
        approved = None
        if self._curation.needs_approval(upstream, band):
            approved = await self._curation.approvals(upstream, items, band)
        chosen: dict[str, Choice] = {}
        open_items: list[Item] = []
        files = await self._known_files(upstream, items)
        for item in items:
            choice = self._decide(item, files[item.id], judged, approved)
            if choice is None:
                open_items.append(item)
            else:
                chosen[item.id] = choice
        ready = sum(1 for found, _ in chosen.values() if found)
        brought = await self._bring_in(open_items, end, judged, max(0, enough - ready))
        for item in open_items:
            known = brought.get(item.id)
            if known is not None and known.screened.basis != self._verdicts.basis:
                chosen[item.id] = ({}, PENDING)  # lists have changed while it was looked at
            elif known is None:
                chosen[item.id] = ({}, PENDING if item.id not in brought else FAILED)
            else:
                rendition = first_choice(item)
                only = {rendition.name: known} if rendition else {}
                chosen[item.id] = self._decide(item, only, judged, approved) or ({}, FAILED)
                files[item.id] = only
        self._go_on([item for item in items if chosen[item.id][0]], files)
        return chosen

    async def _known_files(
        self, upstream: str, items: Sequence[Item]
    ) -> dict[str, dict[str, Known]]:
        """What is known of the renditions of each item, by their names."""
        links = await self._store.links(upstream, [item.id for item in items])
        shas = {link.sha256 for each in links.values() for link in each.values()}
        known = await self._verdicts.known(shas)
        for sha256 in [sha for sha, each in known.items() if each.human and each.wanted]:
            # Withheld once, its bytes were deleted: what a person cleared is fetched again.
            if not await self._intake.holds(sha256):
                del known[sha256]
        return {item.id: current(links.get(item.id, {}), known) for item in items}

    def _decide(
        self,
        item: Item,
        files: dict[str, Known],
        judged: AgeBand,
        approved: dict[str, frozenset[str] | None] | None,
    ) -> Choice | None:
        """Decide by what is known; None if nothing is known of its pictures yet."""
        caution = self._words.caution(item)
        if caution == "block":
            return {}, WORDS
        if approved is not None and item.id not in approved:
            return {}, NOT_APPROVED
        for known in files.values():
            if not known.allows(judged):  # one bad rendition drops the item
                return {}, _reason(known, judged)
        if all(map(is_made, files)):  # copies may lack frames: they never stand for an item alone
            return None if first_choice(item) else ({}, FAILED)
        only = approved[item.id] if approved is not None else None
        if only is not None:
            files = of_these(files, only)
        # The type is what was found in the bytes, not what the upstream says of them.
        shown = {
            (known.screened.type, Size(name.partition("-")[2])): _served(known)
            for name, known in files.items()
        }
        return (shown, "") if shown else ({}, NOT_APPROVED)

    async def _bring_in(
        self, items: Sequence[Item], end: float, judged: AgeBand, enough: int
    ) -> dict[str, Known | None]:
        """Screen what is not known; what is not done in time goes on without us."""
        tasks = {}
        for item, rendition in _quickest_first(items):
            if not self._intake.full:
                tasks[self._intake.start(item, rendition, urgent=True)] = item.id
        done: dict[str, Known | None] = {}
        waiting = set(tasks)
        while waiting and enough > 0 and (left := end - time.monotonic()) > 0:
            finished, waiting = await asyncio.wait(
                waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            for task in finished:
                known = None if task.cancelled() or task.exception() else task.result()
                done[tasks[task]] = known
                enough -= known is not None and known.allows(judged)
        return done

    def _go_on(self, items: Sequence[Item], files: dict[str, dict[str, Known]]) -> None:
        """Have the other renditions of shown items screened behind the scenes."""
        for item in items:
            known = files[item.id]
            if self._intake.full:
                return
            rest = [r for r in item.renditions if r.name not in known]
            for rendition in _most_useful(rest)[:BEHIND]:
                self._intake.start(item, rendition, urgent=False)
            self._intake.start_making(item, known)


def current(links: Mapping[str, Linked], known: Mapping[str, Known]) -> dict[str, Known]:
    """What is known of an item's files, without copies of what it shows no longer."""
    own = {link.sha256 for name, link in links.items() if not is_made(name)}
    files = {name: known[link.sha256] for name, link in links.items() if link.sha256 in known}
    return {name: each for name, each in files.items() if not is_made(name) or each.sources & own}


def _quickest_first(items: Sequence[Item]) -> list[tuple[Item, Rendition]]:
    """Return what to screen first of each item, small files first: more are ready in time.

    What is shown stays in the upstream's order. Sizes are the upstream's word; whoever lies about
    them, or says nothing, only comes in another order.
    """
    found = [(item, first) for item in items if (first := first_choice(item)) is not None]
    return sorted(found, key=lambda each: each[1].size or sys.maxsize)


def _most_useful(renditions: Sequence[Rendition]) -> list[Rendition]:
    order = ("gif", "mp4", "webp", "webm")
    return sorted(
        (r for r in renditions if r.type in order),
        key=lambda r: (order.index(r.type), list(Size).index(r.scale) != 2, r.size),
    )


def _served(known: Known) -> Served:
    screened = known.screened
    return Served(screened.sha256, screened.type, screened.width, screened.height, screened.size)


def _reason(known: Known, judged: AgeBand) -> str:
    verdict = known.verdict.bands[judged]
    return verdict.rule if verdict.decision is not Decision.UNSCREENABLE else "unscreenable"
