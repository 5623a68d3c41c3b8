"""What the command line needs of the gateway without serving: store, bytes, verdicts, intake."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perisai.gateway.search.intake import Intake
from perisai.gateway.search.making import Maker
from perisai.gateway.search.verdicts import Verdicts
from perisai.gateway.upstreams.build import build_upstreams
from perisai.policy import Policy
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.open import open_objects, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from perisai.gateway.upstreams.port import Upstream
    from perisai.screening.service.port import Screening
    from perisai.settings import Settings
    from perisai.storage.objects.port import ObjectStore


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything that holds what is known; :func:`open_workbench` makes and closes it."""

    store: AsyncStore
    objects: ObjectStore
    screening: Screening
    verdicts: Verdicts
    upstreams: dict[str, Upstream]
    intake: Intake


def now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_workbench(settings: Settings, screening: Screening) -> AsyncIterator[Workbench]:
    """Open the store, the bytes and the upstreams that the settings name, and close them after.

    ``screening`` stays open: it belongs to whoever made it. Raises SettingsError or StorageError
    with what to do when one of them cannot be used.
    """
    store = AsyncStore(await asyncio.to_thread(open_store, settings))
    try:
        objects = await asyncio.to_thread(open_objects, settings)
        policy = Policy.load(settings.screening.policy)
        built = build_upstreams(settings, store, objects)
    except BaseException:
        await store.close()
        raise
    reviewers = settings.policy.reviewers
    verdicts = Verdicts(store, screening, policy, reviewers=reviewers, clock=now)
    most = settings.gateway.max_fetch_bytes
    maker = Maker(settings)
    intake = Intake(
        built, store, objects, screening, verdicts, max_bytes=most, clock=now, maker=maker
    )
    try:
        await verdicts.refresh()
        yield Workbench(store, objects, screening, verdicts, built, intake)
    finally:
        await intake.close()
        for upstream in built.values():
            await upstream.close()
        await store.close()  # last: what was recorded until now is written
