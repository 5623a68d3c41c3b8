"""What is known about bytes, kept close at hand: a warm page asks no database.

Evidence comes from the store or from screening, people's opinions lie on top, and the policy makes
a verdict of them. What is remembered here is dropped as a whole when the store's generation or the
basis of screening changes; both are looked at every second, so that a person's decision counts
everywhere within five.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from perisai.gateway.operation import log
from perisai.policy import Verdict
from perisai.screening.judging import judge
from perisai.storage.records import Made, Screened
from perisai.terms import AgeBand, Decision, Finding, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from perisai.policy import Policy
    from perisai.screening.service.port import Looked, Screening
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Opinion

POLL_SECONDS = 1.0
TRUSTED_SECONDS = 3.0
"""So long, and no longer, something remembered holds without anybody having asked the store."""
REMEMBERED = 200_000
"""Files whose verdicts are held in memory; about 1 KB each."""


@dataclass(frozen=True, slots=True)
class Known:
    """A screened file and the verdict on it.

    ``sources`` are the files that it was made from here; the verdict is the strictest of theirs
    and its own.
    """

    screened: Screened
    verdict: Verdict
    human: tuple[Finding, ...] = ()
    """What people said of it, the last word on each label."""
    sources: frozenset[str] = frozenset()

    def decision(self, band: AgeBand) -> Decision:
        """What a member of ``band`` gets."""
        return self.verdict.bands[band].decision

    def allows(self, band: AgeBand) -> bool:
        """Whether a member of ``band`` may see it."""
        return self.decision(band) is Decision.ALLOW

    @property
    def wanted(self) -> bool:
        """Whether anybody may see it, or a person has yet to decide: else its bytes are deleted."""
        return wanted(self.verdict)


def wanted(verdict: Verdict) -> bool:
    """Whether anybody may see what this verdict is on, or a person has yet to decide."""
    kept = {Decision.ALLOW, Decision.REVIEW}
    return verdict.refer is None and bool(kept & set(verdict.decisions.values()))


def strictest(files: Mapping[str, Known]) -> Verdict:
    """The verdict on an item as a whole; ``files`` holds at least one."""
    return reduce(Verdict.stricter, (known.verdict for known in files.values()))


class Verdicts:
    """The verdicts on files, by SHA-256."""

    def __init__(
        self,
        store: AsyncStore,
        screening: Screening,
        policy: Policy,
        *,
        reviewers: bool,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._screening = screening
        self._policy = policy
        self._reviewers = reviewers
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._generation = -1
        self._basis = ""
        self._heard = -TRUSTED_SECONDS
        self.stamp = 0
        """Changes whenever something that was said before may no longer hold."""
        self.on_change: list[Callable[[], None]] = []
        """Called then: whoever remembers something derived from it forgets it."""

    @property
    def basis(self) -> str:
        """What verdicts rest on now; empty until the first :meth:`refresh`."""
        return self._basis

    async def refresh(self) -> bool:
        """Ask whether anything changed; forget everything if so. Returns whether it did."""
        begun = time.monotonic()
        generation = await self._store.generation()
        basis = await self._screening.basis()
        self._heard = begun
        if (generation, basis) == (self._generation, self._basis):
            return False
        if self._basis not in ("", basis):
            log("basis changed")
        self._generation, self._basis = generation, basis
        self._forget()
        return True

    def _forget(self) -> None:
        self._known.clear()
        self.stamp += 1
        for forget in self.on_change:
            forget()

    async def follow(self) -> None:
        """Refresh every second, for ever. What cannot be asked is no longer trusted."""
        failures = 0
        while True:
            try:
                await self.refresh()
                failures = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, one has to go on asking
                failures += 1
                if failures == 3:  # a decision may have been made that we do not hear of
                    log("decisions unknown", "error", error=error)
                    self._forget()
                    self._generation = -1
            await asyncio.sleep(POLL_SECONDS)

    def at_hand(self, sha256: str) -> Known | None:
        """What is remembered; None says only that the store has to be asked."""
        return self._known.get(sha256) if self._sure else None

    @property
    def _sure(self) -> bool:
        return time.monotonic() - self._heard < TRUSTED_SECONDS

    @property
    def now(self) -> int:
        """The stamp; a number that never comes again while nobody can say whether it still holds.

        So whoever remembers by it has nothing remembered meanwhile.
        """
        return self.stamp if self._sure else -time.monotonic_ns()

    async def known(self, sha256s: Collection[str]) -> dict[str, Known]:
        """Return what is known of each; files never screened on this basis are left out.

        Raises what :meth:`refresh` raises when nobody could be asked lately whether it still holds.
        """
        if not self._sure:
            await self.refresh()
        found = {sha: known for sha in sha256s if (known := self._known.get(sha))}
        missing = [sha for sha in sha256s if sha not in found]
        if missing:
            stamp = self.stamp
            kept = await self._store.screened(missing, self._basis)
            fresh = await self._judged(kept) if kept else {}
            found |= fresh
            if stamp == self.stamp:
                self._remember(fresh)
        return found

    async def record(self, looked: Looked) -> Known:
        """Keep what screening found; the verdict is good once this returns, also after a crash."""
        stamp = self.stamp
        screened = Screened.of(looked, self._clock())
        await self._store.keep([screened])
        known = (await self._judged({screened.sha256: screened}))[screened.sha256]
        if stamp == self.stamp and screened.basis == self._basis:
            self._remember({screened.sha256: known})
        return known

    async def made(self, sha256: str, source: str) -> None:
        """Keep that these bytes are made from those, before anybody can be shown them."""
        await self._store.add_made([Made(sha256, source, self._clock())])
        self._known.pop(sha256, None)

    async def _judged(self, kept: Mapping[str, Screened]) -> dict[str, Known]:
        """The verdicts on what was found, with people's words on it and on its kin."""
        kin = await self._store.kin(kept)
        sources: defaultdict[str, set[str]] = defaultdict(set)
        copies: defaultdict[str, set[str]] = defaultdict(set)
        for each in kin:
            sources[each.sha256].add(each.source)
            copies[each.source].add(each.sha256)
        further = {source for sha in kept for source in sources.get(sha, ())} - kept.keys()
        seen = dict(kept)
        if further:
            seen |= await self._store.screened(further, self._basis)
        said = await self._store.opinions({*kept, *sources, *copies})

        def alone(sha: str) -> Known:
            own = said.get(sha, ())
            whole = [each for source in sources.get(sha, ()) for each in said.get(source, ())]
            # Who saw a copy may say that it is bad, but not that all of the source is good: frames
            # may be missing in the copy.
            parts = [o for copy in copies.get(sha, ()) for o in said.get(copy, ()) if o.score > 0]
            others = [*whole, *parts]  # by their time; of two at once the stricter counts
            ordered = sorted([*own, *others], key=lambda o: (o.at, o.score)) if others else own
            return self._judge(seen[sha], ordered)

        judged = {sha: alone(sha) for sha in seen}
        known: dict[str, Known] = {}
        for sha in kept:
            made_of = frozenset(sources.get(sha, ()))
            verdicts = (judged[source].verdict for source in made_of if source in judged)
            verdict = reduce(Verdict.stricter, verdicts, judged[sha].verdict)
            known[sha] = replace(judged[sha], verdict=verdict, sources=made_of)
        return known

    async def judged(self, screened: Screened, *others: str) -> Known:
        """Judge evidence on today's basis, with what people said of it and of these ``others``.

        The others are the same picture in other bytes. Nothing is kept or remembered.
        """
        opinions = await self._store.opinions([screened.sha256, *others])
        said = sorted((one for each in opinions.values() for one in each), key=lambda one: one.at)
        return self._judge(screened, said)

    def _judge(self, screened: Screened, opinions: Sequence[Opinion]) -> Known:
        last = {each.label: each for each in opinions}
        human = tuple(
            Finding(Source.HUMAN, each.label, each.score, by=each.by) for each in last.values()
        )
        verdict = judge(screened, human, self._policy, reviewers=self._reviewers)
        return Known(screened, verdict, human)

    def _remember(self, fresh: dict[str, Known]) -> None:
        self._known.update(fresh)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
