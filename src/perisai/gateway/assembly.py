"""Opens everything that the gateway stands on, and closes it in the right order."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from perisai.gateway.clients import Clients
from perisai.gateway.counting import Counting
from perisai.gateway.demo import demo_routes
from perisai.gateway.dialects import Giphy, Tenor
from perisai.gateway.links import Links
from perisai.gateway.media import MediaFiles
from perisai.gateway.operation import Health, Metrics
from perisai.gateway.operation.health import (
    health_of,
    screening_answers,
    some_upstream,
    store_answers,
)
from perisai.gateway.reports import Reports
from perisai.gateway.search import Searcher
from perisai.gateway.search.background import Watch, forever, sweep, warm
from perisai.gateway.search.curation import Curation
from perisai.gateway.search.helpcard import UPSTREAM as HELP
from perisai.gateway.search.helpcard import HelpCards
from perisai.gateway.search.rescreening import Rescreening
from perisai.gateway.search.selection import Selection
from perisai.gateway.search.words import Words
from perisai.gateway.secrets import signing_secret
from perisai.gateway.uploads import UploadCheck
from perisai.gateway.workbench import now, open_workbench
from perisai.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from perisai.gateway.workbench import Workbench
    from perisai.screening.service.port import Screening
    from perisai.settings import Settings

    Work = list[Coroutine[object, object, None]]

SWEEP_SECONDS = 3600.0
EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the routes need."""

    bench: Workbench
    searcher: Searcher
    links: Links
    clients: Clients
    health: Health
    uploads: UploadCheck
    routes: list[BaseRoute]


@asynccontextmanager
async def open_gateway(
    settings: Settings, screening: Screening, metrics: Metrics
) -> AsyncIterator[Gateway]:
    """Open the gateway on this screening. Raises SettingsError or StorageError with what to do."""
    chosen = settings.gateway
    async with open_workbench(settings, screening) as bench:
        secret = signing_secret(settings)
        links = Links(secret, seconds=chosen.link_seconds, public_url=chosen.public_url)
        clients = Clients(bench.store, secret, chosen, links, count=metrics.age_header)
        await clients.refresh()
        words = Words(await asyncio.to_thread(Vocabulary.load, settings.vocabulary.lexicons))
        bands = {name: section.bands for name, section in chosen.upstreams.items()}
        curation = Curation(bench.store, bands, curated=chosen.curated_under_13, trusted=(HELP,))
        selection = Selection(bench.store, bench.verdicts, bench.intake, words, curation)
        cards = HelpCards(bench.intake, bench.verdicts, links)
        await cards.prepare()
        counting = Counting(bench.store, metrics, now)
        searcher = Searcher(
            bench.upstreams,
            words,
            curation,
            selection,
            bench.verdicts,
            links,
            counting,
            deadline_ms=chosen.deadline_ms,
            help_cards=cards,
        )
        reports = Reports(
            bench.store, links, clients, help_line=chosen.help_line, count=counting.report
        )
        health = _health(bench)
        uploads = UploadCheck(
            bench.store,
            screening,
            bench.verdicts,
            clients,
            secret,
            settings,
            clock=now,
            count=counting.upload,
        )
        _watch(metrics, bench, uploads)
        routes: list[BaseRoute] = [
            # First what is asked for most: routes are tried in this order.
            Route(MediaFiles.PATH, MediaFiles(links, clients, bench.objects, searcher.allowed)),
            *Tenor(searcher, links, clients).routes(),
            *Giphy(searcher, links, clients).routes(),
            *reports.routes(),
            *uploads.routes(),
            *health.routes(),
            Route("/metrics", metrics.show),
            *demo_routes(settings, bench.upstreams, words, curation, selection, clients),
        ]
        again = Rescreening(bench.store, bench.objects, bench.screening, bench.verdicts)
        metrics.watch_rescreening(lambda: again.left)
        work: Work = [
            bench.verdicts.follow(),
            clients.follow(),
            counting.follow(),
            forever(cards.renew, EVERY_SECONDS),
            forever(again.look, EVERY_SECONDS),
            forever(Watch(bench.upstreams).look, EVERY_SECONDS),
            forever(lambda: sweep(bench.objects, bench.verdicts), SWEEP_SECONDS),
            *uploads.work(),
        ]
        if chosen.warm_minutes:
            work.append(forever(lambda: warm(searcher), 60.0 * chosen.warm_minutes))
        try:
            async with _running(work):
                yield Gateway(bench, searcher, links, clients, health, uploads, routes)
        finally:
            await uploads.close()


def _health(bench: Workbench) -> Health:
    return Health(
        {
            "store": store_answers(bench.store),
            "screening": screening_answers(bench.screening),
            "upstreams": some_upstream(bench.upstreams),
        }
    )


def _watch(metrics: Metrics, bench: Workbench, uploads: UploadCheck) -> None:
    """Let the metrics ask those parts that know their own state."""
    metrics.watch_waiting(lambda: bench.intake.waiting)
    metrics.watch_uploads(lambda: uploads.held_bytes, lambda: uploads.webhooks.waiting)
    for name, upstream in bench.upstreams.items():
        metrics.watch_upstream(name, partial(health_of, upstream))


@asynccontextmanager
async def _running(work: Work) -> AsyncIterator[None]:
    """Keep these going meanwhile."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
