"""Opens everything that the gateway stands on, and closes it in the right order."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from perisai.gateway.clients import Clients
from perisai.gateway.demo import demo_routes
from perisai.gateway.dialects import Giphy, Tenor
from perisai.gateway.links import Links
from perisai.gateway.media import MediaFiles
from perisai.gateway.search import Searcher
from perisai.gateway.search.background import Frequent, forever, sweep, warm
from perisai.gateway.search.curation import Curation
from perisai.gateway.search.helpcard import UPSTREAM as HELP
from perisai.gateway.search.helpcard import HelpCards
from perisai.gateway.search.selection import Selection
from perisai.gateway.search.words import Words
from perisai.gateway.secrets import signing_secret
from perisai.gateway.workbench import now, open_workbench
from perisai.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping

    from perisai.gateway.workbench import Workbench
    from perisai.screening.service.local import Local
    from perisai.settings import Settings
    from perisai.storage.asynchronous import AsyncStore

SWEEP_SECONDS = 3600.0


class StoredCounts:
    """Counts pages and shares by day; what is counted tells of no query and of nobody."""

    def __init__(self, store: AsyncStore) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    def page(self, decision: str, withheld: Mapping[str, int]) -> None:
        """One page was answered."""
        self._count("pages", {"decision": decision}, 1)
        for reason, n in Counter(withheld).items():
            self._count("withheld", {"reason": reason}, n)

    def shared(self, upstream: str) -> None:
        """One item was sent to somebody."""
        self._count("shared", {"upstream": upstream}, 1)

    def _count(self, name: str, labels: Mapping[str, str], n: int) -> None:
        task = asyncio.create_task(self._store.count(now().date(), name, labels, n))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the routes need."""

    bench: Workbench
    searcher: Searcher
    links: Links
    clients: Clients
    routes: list[BaseRoute]


@asynccontextmanager
async def open_gateway(settings: Settings, local: Local) -> AsyncIterator[Gateway]:
    """Open the gateway on this screening. Raises SettingsError or StorageError with what to do."""
    chosen = settings.gateway
    async with open_workbench(settings, local) as bench:
        secret = signing_secret(settings)
        links = Links(secret, seconds=chosen.link_seconds, public_url=chosen.public_url)
        clients = Clients(bench.store, secret, chosen, links)
        await clients.refresh()
        words = Words(await asyncio.to_thread(Vocabulary.load, settings.vocabulary.lexicons))
        bands = {name: section.bands for name, section in chosen.upstreams.items()}
        curation = Curation(bench.store, bands, curated=chosen.curated_under_13, trusted=(HELP,))
        selection = Selection(bench.store, bench.verdicts, bench.intake, words, curation)
        cards = HelpCards(bench.intake, bench.verdicts, links)
        await cards.prepare()
        searcher = Searcher(
            bench.upstreams,
            words,
            curation,
            selection,
            bench.verdicts,
            links,
            StoredCounts(bench.store),
            deadline_ms=chosen.deadline_ms,
            help_cards=cards,
        )
        dialects = (Tenor(searcher, links, clients), Giphy(searcher, links, clients))
        routes = [route for dialect in dialects for route in dialect.routes()]
        media = MediaFiles(links, clients, bench.objects, searcher.allowed)
        routes.append(Route(MediaFiles.PATH, media))
        routes.extend(demo_routes(settings, bench.upstreams, words, curation, selection, clients))
        work: list[Coroutine[object, object, None]] = [
            bench.verdicts.follow(),
            clients.follow(),
            forever(lambda: sweep(bench.objects, bench.verdicts), SWEEP_SECONDS),
        ]
        if chosen.warm_minutes:
            frequent = Frequent()
            work.append(forever(lambda: warm(searcher, frequent), 60.0 * chosen.warm_minutes))
        async with _running(work):
            yield Gateway(bench, searcher, links, clients, routes)


@asynccontextmanager
async def _running(work: list[Coroutine[object, object, None]]) -> AsyncIterator[None]:
    """Keep these going meanwhile."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
