"""What keeping costs, and finding again, in SQLite and PostgreSQL: ``python -m bench.storage``.

Writes are acknowledged ones: a verdict counts when it would survive the machine's loss of power.
Look-ups are those of a page of 50 items that nothing is remembered of, among ``--files`` files.
PostgreSQL is the server of the tests (see tests/common/databases.py), if there is one. The folder
lies on the disk of the current directory: a temporary folder may be memory, which proves nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from tests.common import databases
from tests.storage.facts import OPINION, SCREENED, opened

from bench import machine
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.records import Approval, Linked
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from perisai.storage.ports import Store

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PAGE = 50
APPROVED = 10  # one item in so many is approved, and one file has a person's word
CHANCE = random.Random(50)
Rows = list[tuple[str, str]]


def sha(number: int) -> str:
    return f"{number:064x}"


def fill(store: Store, files: int) -> None:
    for start in range(0, files, 5_000):
        part = range(start, min(start + 5_000, files))
        store.keep([replace(SCREENED, sha256=sha(n)) for n in part])
        store.link([Linked("up", f"item{n}", "gif-tiny", sha(n), NOW) for n in part])
        calls: list[Callable[[], object]] = []
        for n in part[::APPROVED]:
            bands = frozenset({AgeBand.AGE_6_9})
            approval = Approval("up", "item", f"item{n}", bands, sha(n), "siti", "", NOW)
            calls.append(lambda approval=approval: store.approve(approval))  # type: ignore[misc]
        store.together(calls)
    store.add_opinion(replace(OPINION, sha256=sha(0)))


def look_up(store: Store, files: int, times: int) -> Rows:
    """Milliseconds of each question that a page asks, and of all four together."""
    asks: dict[str, Callable[[list[int]], object]] = {
        "links": lambda page: store.links("up", [f"item{n}" for n in page]),
        "screened": lambda page: store.screened([sha(n) for n in page], "basis"),
        "opinions": lambda page: store.opinions([sha(n) for n in page]),
        "approvals": lambda page: store.approvals("up", [f"item{n}" for n in page]),
    }
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(times):
        page = CHANCE.sample(range(files), PAGE)
        for name, ask in asks.items():
            begin = perf_counter()
            ask(page)
            taken[name].append(1e3 * (perf_counter() - begin))
    rows = [(f"{name} of {PAGE} items", _ms(each)) for name, each in taken.items()]
    return [
        *rows,
        ("all of a page", _ms([sum(each) for each in zip(*taken.values(), strict=True)])),
    ]


async def write(store: AsyncStore, seconds: float) -> Rows:
    """Acknowledged writes a second, one after the other and with many on their way."""
    fresh = iter(range(10**9, 2 * 10**9))
    kinds: dict[str, Callable[[], Awaitable[object]]] = {
        "verdicts": lambda: store.keep([replace(SCREENED, sha256=sha(next(fresh)))]),
        "people's words": lambda: store.add_opinion(replace(OPINION, sha256=sha(next(fresh)))),
    }
    rows = []
    for name, call in kinds.items():
        for at_once in (1, 64):
            end = perf_counter() + seconds
            taken: list[float] = []
            await asyncio.gather(*(_go_on(call, end, taken) for _ in range(at_once)))
            told = f"{len(taken) / seconds:,.0f} a second, each {_ms(taken)}"
            rows.append((f"{name}, {at_once} at once", told))
    return rows


async def _go_on(call: Callable[[], Awaitable[object]], end: float, taken: list[float]) -> None:
    while (begin := perf_counter()) < end:
        await call()
        taken.append(1e3 * (perf_counter() - begin))


def _ms(taken: list[float]) -> str:
    p99 = statistics.quantiles(taken, n=100)[98]
    return f"{statistics.median(taken):.1f} ms (p99 {p99:.1f})"


@contextmanager
def address_of(kind: str, home: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{home}/facts.sqlite3"
    else:
        with databases.made() as address:
            yield address


def measure(kind: str, files: int, seconds: float) -> Rows:
    with (
        tempfile.TemporaryDirectory(dir=".", prefix=".bench-storage-") as folder,
        address_of(kind, Path(folder).resolve()) as address,
    ):
        store = opened(Path(folder), address)
        fill(store, files)
        if kind == "postgresql":  # as its own housekeeping does within a minute
            databases.ask("ANALYZE", address)
        rows = look_up(store, files, 200)
        store.release()

        async def run() -> Rows:
            waiting = AsyncStore(store)
            try:
                return await write(waiting, seconds)
            finally:
                await waiting.close()

        return rows + asyncio.run(run())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--files", type=int, default=20_000, help="files that are known")
    words.add_argument("--seconds", type=float, default=1.5, help="for each kind of write")
    chosen = words.parse_args()
    kinds = [kind for kind in databases.KINDS if kind == "sqlite" or not databases.missing()]
    tables = {kind: measure(kind, chosen.files, chosen.seconds) for kind in kinds}
    about = machine.describe()
    print(f"{about['cores']} cores, {about['processor']}, {chosen.files:,} files known\n")
    print(f"| | {' | '.join(kinds)} |\n|---|{'---|' * len(kinds)}")
    for rows in zip(*tables.values(), strict=True):
        print(f"| {rows[0][0]} | {' | '.join(told for _, told in rows)} |")
    if "postgresql" not in kinds:
        print(f"\n{databases.missing()}")


if __name__ == "__main__":
    main()
