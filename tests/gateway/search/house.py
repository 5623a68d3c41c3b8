"""A whole search, real but for network and disk: tiny model, memory store, memory upstream."""

from __future__ import annotations

from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perisai.gateway.clients import Client
from perisai.gateway.items import Ask, Item, Rendition, Size
from perisai.gateway.links import Links
from perisai.gateway.search import Searcher
from perisai.gateway.search.curation import Curation
from perisai.gateway.search.helpcard import UPSTREAM as HELP
from perisai.gateway.search.helpcard import HelpCards
from perisai.gateway.search.intake import Intake
from perisai.gateway.search.making import Maker
from perisai.gateway.search.selection import Selection
from perisai.gateway.search.verdicts import Verdicts
from perisai.gateway.search.words import Words
from perisai.policy import Policy
from perisai.screening.service.local import Local
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.memory import MemoryStore
from perisai.storage.objects.memory import MemoryObjects
from perisai.terms import AgeBand
from perisai.vocabulary import Vocabulary
from tests.common import drawn, screening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from perisai.gateway.upstreams.memory import MemoryUpstream

TEEN = Client("teen", AgeBand.AGE_13_15, frozenset({"tenor", "giphy"}), per_minute=1000)
CHILD = Client("child", AgeBand.AGE_6_9, frozenset({"tenor", "giphy"}), per_minute=1000)
ADULT = Client("adult", AgeBand.ADULT, frozenset({"tenor", "giphy"}), per_minute=1000)
VOCABULARY = Vocabulary.load()


@dataclass
class Tally:
    """What was counted."""

    pages: list[tuple[str, dict[str, int]]] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def page(self, decision: str, withheld: Mapping[str, int]) -> None:
        self.pages.append((decision, dict(withheld)))

    def shared(self, upstream: str) -> None:
        self.sent.append(upstream)


def clean(number: int) -> bytes:
    """A harmless GIF of 64 x 48, another one for each number."""
    return screening.clip([drawn.drawing(number, step / 3, 64, 48) for step in range(3)])


def marked(number: int) -> bytes:
    """A GIF in which the tiny model finds its mark."""
    frames = [drawn.drawing(number, step / 3, 64, 48) for step in range(3)]
    return screening.clip([frames[0], screening.marked(frames[1]), frames[2]])


def item(number: int, title: str = "cat", *, tags: tuple[str, ...] = ("cat",), **more: str) -> Item:
    """An item with one tiny rendition, and whatever ``more`` says."""
    tiny = Rendition("gif", Size.TINY, f"https://a.test/{number}.gif", 64, 48)
    return Item("memory", str(number), "gif", title, tags, (tiny,), **more)  # type: ignore[arg-type]


@dataclass
class House:
    """All parts, to look at and to disturb."""

    upstreams: dict[str, MemoryUpstream]
    store: AsyncStore
    objects: MemoryObjects
    screening: Local
    verdicts: Verdicts
    intake: Intake
    searcher: Searcher
    links: Links
    tally: Tally

    async def cats(self, client: Client = TEEN, text: str = "cat", **more: object) -> list[str]:
        """Ids of what a search shows."""
        page = await self.searcher.page(Ask(client.band, text=text, **more), client)  # type: ignore[arg-type]
        return [each.item.id for each in page.items]


@asynccontextmanager
async def open_house(
    folder: Path,
    *upstreams: MemoryUpstream,
    bands: tuple[AgeBand, ...] = tuple(AgeBand),
    curated: bool = True,
    deadline_ms: int = 5000,
    shared: Local | None = None,
) -> AsyncIterator[House]:
    """``shared`` is screening that others use, too, and that stays open: it takes long to make."""
    store = AsyncStore(MemoryStore())
    objects = MemoryObjects()
    named = {each.name: each for each in upstreams}

    def clock() -> datetime:
        return datetime.now(UTC)

    made = nullcontext(shared) if shared else Local(screening.settings(folder))
    async with made as local:
        verdicts = Verdicts(store, local, Policy.load("id"), reviewers=False, clock=clock)
        await verdicts.refresh()
        words = Words(VOCABULARY)
        curation = Curation(store, dict.fromkeys(named, bands), curated=curated, trusted=(HELP,))
        maker = Maker(local.settings)
        intake = Intake(
            named, store, objects, local, verdicts, max_bytes=1_000_000, clock=clock, maker=maker
        )
        selection = Selection(store, verdicts, intake, words, curation)
        links, tally = Links(b"x" * 32, seconds=3600), Tally()
        cards = HelpCards(intake, verdicts, links)
        await cards.prepare()
        searcher = Searcher(
            named,
            words,
            curation,
            selection,
            verdicts,
            links,
            tally,
            deadline_ms=deadline_ms,
            help_cards=cards,
        )
        yield House(named, store, objects, local, verdicts, intake, searcher, links, tally)
        await intake.close()
        await store.close()
