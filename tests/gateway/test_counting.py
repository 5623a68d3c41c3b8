from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime

from perisai.gateway import counting
from perisai.gateway.counting import Counting
from perisai.gateway.operation import Metrics
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.memory import MemoryStore

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def total(store: AsyncStore, name: str) -> dict[str, int]:
    """What a store keeps once it is closed, by the only label."""
    kept = store.store.counts(name, date(2026, 1, 1))
    return {" ".join(each.labels.values()): each.n for each in kept}


def drawn(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_pages_reach_store_and_metrics_together() -> None:
    async def run() -> None:
        metrics, kept = Metrics(), MemoryStore()
        store = AsyncStore(kept)
        count = Counting(store, metrics, lambda: NOW)
        for _ in range(3):
            count.page("allow", {"looks-explicit": 2, "failed": 1})
        count.page("allow", {})
        count.page("block", {})
        assert drawn(metrics, "perisai_pages_total", decision="allow") is None
        await metrics.show(None)  # type: ignore[arg-type]
        assert drawn(metrics, "perisai_pages_total", decision="allow") == 4
        assert drawn(metrics, "perisai_pages_total", decision="block") == 1
        assert drawn(metrics, "perisai_withheld_total", reason="looks-explicit") == 6
        count.tell()
        assert drawn(metrics, "perisai_withheld_total", reason="failed") == 3
        counts = await _written(store)
        assert counts == {
            "pages": {"allow": 4, "block": 1},
            "withheld": {"looks-explicit": 6, "failed": 3},
        }
        await store.close()

    asyncio.run(run())


async def _written(store: AsyncStore) -> dict[str, dict[str, int]]:
    """What the store holds, as soon as it has written it."""
    found: dict[str, dict[str, int]] = {}
    for _ in range(40):
        found = {name: total(store, name) for name in ("pages", "withheld")}
        if all(found.values()):
            break
        await asyncio.sleep(0.1)
    return found


def test_what_was_noted_is_told_each_second_and_at_the_end(monkeypatch) -> None:
    monkeypatch.setattr(counting, "EVERY_SECONDS", 0.02)

    async def run() -> None:
        metrics, store = Metrics(), AsyncStore(MemoryStore())
        count = Counting(store, metrics, lambda: NOW)
        following = asyncio.create_task(count.follow())
        count.page("help", {})
        for _ in range(200):
            await asyncio.sleep(0.01)
            if drawn(metrics, "perisai_pages_total", decision="help"):
                break
        assert drawn(metrics, "perisai_pages_total", decision="help") == 1
        monkeypatch.setattr(counting, "EVERY_SECONDS", 60.0)
        await asyncio.sleep(0.1)
        count.page("help", {})
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        assert drawn(metrics, "perisai_pages_total", decision="help") == 2
        await store.close()

    asyncio.run(run())
