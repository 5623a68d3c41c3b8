"""The store for code that must not wait."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from perisai.errors import StorageError
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.memory import MemoryStore
from tests.common import databases
from tests.storage.facts import NOW, OPINION, SCREENED, A, B, opened
from tests.storage.test_trouble import change

if TYPE_CHECKING:
    from pathlib import Path

DAY = NOW.date()


async def until(holds) -> None:
    for _ in range(600):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about")


def test_many_writes_at_once_are_all_kept(database: str, tmp_path: Path) -> None:
    async def run() -> None:
        store = AsyncStore(await asyncio.to_thread(opened, tmp_path, database))
        shas = [f"{n:064x}" for n in range(600)]
        kept = [store.keep([replace(SCREENED, sha256=sha256)]) for sha256 in shas]
        said = [store.add_opinion(replace(OPINION, sha256=sha256)) for sha256 in shas[:50]]
        wrong = store.revoke_key("nobody", NOW)
        done = await asyncio.gather(*kept, wrong, *said, return_exceptions=True)
        assert [type(each) for each in done if isinstance(each, Exception)] == [StorageError]
        assert sorted(done[-50:]) == list(range(1, 51))
        assert len(await store.screened(shas, "basis")) == 600
        await store.close()

    asyncio.run(run())


def test_who_gives_up_does_not_undo_what_was_begun(database: str, tmp_path: Path) -> None:
    async def run() -> None:
        store = AsyncStore(await asyncio.to_thread(opened, tmp_path, database))
        task = asyncio.create_task(store.keep([SCREENED]))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        store.count(DAY, "pages", {}, 3)
        await store.close()

    asyncio.run(run())
    again = opened(tmp_path, database)
    assert A in again.screened([A], "basis")
    assert [each.n for each in again.counts("pages", DAY)] == [3]
    again.close()


def test_closing_leaves_no_connection_open(postgresql: str, tmp_path: Path) -> None:
    name = urlsplit(postgresql).path[1:]
    count = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"

    async def run() -> None:
        store = AsyncStore(await asyncio.to_thread(opened, tmp_path, postgresql))
        await asyncio.gather(*(store.screened([A], "basis") for _ in range(40)))
        await store.keep([SCREENED])
        assert databases.ask(count)[0][0] >= 2
        await asyncio.gather(store.close(), store.close())
        await store.close()

        async def all_gone() -> bool:  # the server hears of it a moment later
            return databases.ask(count) == [(0,)]

        await until(all_gone)
        for call in (store.generation(), store.keep([SCREENED])):
            with pytest.raises(StorageError, match="closed"):
                await call
        with pytest.raises(StorageError, match="closed"):
            store.count(DAY, "x", {}, 1)

    asyncio.run(run())
    gc.collect()  # a connection that was left to it would warn, which fails a test


def test_counts_wait_until_the_database_is_back(database: str, tmp_path: Path) -> None:
    async def run() -> None:
        store = AsyncStore(await asyncio.to_thread(opened, tmp_path, database))
        change(database, "ALTER TABLE storage_tally RENAME TO away")
        store.count(DAY, "pages", {}, 3)
        await asyncio.sleep(2.5)  # tried at least once
        change(database, "ALTER TABLE away RENAME TO storage_tally")
        store.count(DAY, "pages", {}, 4)

        async def written() -> bool:
            return [each.n for each in await store.counts("pages", DAY)] == [7]

        await until(written)
        change(database, "ALTER TABLE storage_tally RENAME TO away")
        store.count(DAY, "pages", {}, 5)
        with pytest.raises(StorageError, match="counts of the last seconds"):
            await store.close()
        await store.close()

    asyncio.run(run())


class Odd(MemoryStore):
    """A store whose counts fail for a reason that nobody thought of."""

    def add_counts(self, counts) -> None:
        raise RuntimeError("odd")


def test_the_thread_that_writes_outlives_everything() -> None:
    async def run() -> None:
        store = AsyncStore(Odd())
        store.count(DAY, "pages", {}, 1)
        await asyncio.sleep(1.5)
        async with asyncio.timeout(5):
            await store.keep([SCREENED, replace(SCREENED, sha256=B)])
        assert len(await store.screened([A, B], "basis")) == 2
        with pytest.raises(StorageError):
            await store.close()

    asyncio.run(run())
