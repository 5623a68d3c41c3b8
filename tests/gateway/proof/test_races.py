"""What was found by reading the code as somebody would who wants to get round it: mostly moments.

Each of these happened before it was mended.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from perisai.errors import PerisaiError, ServiceBusy, ServiceError
from perisai.gateway.items import Ask, Page
from perisai.gateway.search import cursors
from perisai.gateway.search.intake import FETCHES, MOST_WAITING
from perisai.gateway.upstreams.memory import Manners, MemoryUpstream
from perisai.matching.lists import Entry, Kind, ListStore
from perisai.screening.service.local import Local
from perisai.storage.records import Approval, CatalogueEntry, Opinion
from perisai.terms import Label
from tests.common import screening
from tests.gateway.search.house import (
    ADULT,
    CHILD,
    TEEN,
    House,
    clean,
    item,
    marked,
    open_house,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from perisai.screening.service.port import Looked

    Body = Callable[[House], Awaitable[None]]

NOW = datetime(2026, 11, 23, tzinfo=UTC)
FOR_CHILDREN = frozenset({CHILD.band})


class Houses:
    """Makes houses on one screening, in one event loop; both take long to make."""

    def __init__(self, folder: Path) -> None:
        self._runner = asyncio.Runner()
        self._folder = folder
        self._local = Local(screening.settings(folder))

    def run(self, body: Body, *upstreams: MemoryUpstream, **more: Any) -> None:
        async def within() -> None:
            async with open_house(self._folder, *upstreams, shared=self._local, **more) as house:
                await body(house)

        self._runner.run(asyncio.wait_for(within(), 60))

    def close(self) -> None:
        self._runner.run(self._local.close())
        self._runner.close()


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    made = Houses(tmp_path_factory.mktemp("races"))
    yield made
    made.close()


class Gate:
    """Holds a call back in the middle until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def wait(self) -> None:
        self.reached.set()
        await self.opened.wait()


def cats(*numbers: int, **more: Any) -> MemoryUpstream:
    """An upstream with these clean items."""
    files = {f"https://a.test/{n}.gif": clean(n) for n in numbers}
    return MemoryUpstream([item(n) for n in numbers], files, **more)


async def sha_of(house: House, number: int) -> str:
    links = await house.store.links("memory", [str(number)])
    return links[str(number)]["gif-tiny"].sha256


async def say(house: House, sha256: str, score: float) -> None:
    await house.store.add_opinion(Opinion(sha256, Label.EXPLICIT, score, "siti", "", NOW))


async def approve(house: House, key: str, sha256: str, *, kind: Any = "item") -> None:
    bands = FOR_CHILDREN if sha256 or kind == "collection" else frozenset()
    await house.store.approve(Approval("memory", kind, key, bands, sha256, "siti", "", NOW))


async def listed(house: House, name: str, sha256: str) -> None:
    """Put a file on a new hash list, and wait until that is heard of."""
    lists = ListStore(house.screening.settings.home)
    lists.create(name, source="test", label=Label.LISTED)
    lists.add(name, [Entry(Kind.SHA256, bytes.fromhex(sha256))])
    before = house.verdicts.basis
    while house.verdicts.basis == before:
        await asyncio.sleep(0.1)
        await house.verdicts.refresh()


# ---- decisions while something is under way


def test_an_approval_withdrawn_while_it_is_looked_up_is_not_remembered(houses: Houses) -> None:
    async def body(house: House) -> None:
        await house.cats()
        sha = await sha_of(house, 1)
        await approve(house, "1", sha)
        await house.verdicts.refresh()
        gate, approvals = Gate(), house.store.approvals

        async def slow(*asked: Any) -> Any:
            found = await approvals(*asked)
            await gate.wait()
            return found

        house.store.approvals = slow  # type: ignore[method-assign]
        asking = asyncio.create_task(house.searcher.allowed(sha, CHILD.band))
        await gate.reached.wait()
        await approve(house, "1", "")
        await house.verdicts.refresh()
        gate.opened.set()
        await asking
        assert not await house.searcher.allowed(sha, CHILD.band)

    houses.run(body, cats(1))


def test_a_decision_counts_for_the_page_that_is_being_made(houses: Houses) -> None:
    upstream = cats(1, 2, 3)

    async def body(house: House) -> None:
        assert await house.cats() == ["1", "2", "3"]
        sha = await sha_of(house, 1)
        upstream.add(item(4), {"https://a.test/4.gif": clean(4)})
        upstream.manners = Manners(fetch_seconds=1.0)
        page = asyncio.create_task(house.cats(limit=19))
        await asyncio.sleep(0.3)
        await say(house, sha, 1.0)
        await house.verdicts.refresh()
        assert await page == ["2", "3", "4"]

    houses.run(body, upstream)


def test_what_was_looked_at_under_the_lists_of_before_is_not_shown(
    houses: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(house: House) -> None:
        gate, screen = Gate(), house.screening.screen

        async def slow(*asked: Any, **more: Any) -> Looked:
            looked = await screen(*asked, **more)
            await gate.wait()
            return looked

        sha = (await screen(clean(20))).sha256
        monkeypatch.setattr(house.screening, "screen", slow)
        begun = house.intake.start(item(20), item(20).renditions[0], urgent=False)
        await gate.reached.wait()
        await listed(house, "known", sha)
        page = asyncio.create_task(house.cats())  # it joins what was begun
        await asyncio.sleep(0.2)
        gate.opened.set()
        await begun
        assert await page == []
        assert await house.cats(limit=19) == []

    houses.run(body, cats(20))


# ---- nobody can say what counts


def test_a_follower_that_stumbles_goes_on(houses: Houses) -> None:
    async def body(house: House) -> None:
        assert await house.cats() == ["1"]
        sha = await sha_of(house, 1)
        generation, stumbles = house.store.generation, [OSError("no"), ValueError("reason")]

        async def stumbling() -> int:
            if stumbles:
                raise stumbles.pop()
            return await generation()

        house.store.generation = stumbling  # type: ignore[method-assign]
        following = asyncio.create_task(house.verdicts.follow())
        await say(house, sha, 1.0)
        await asyncio.sleep(2.5)
        assert not following.done()
        following.cancel()
        assert not await house.searcher.allowed(sha, TEEN.band)

    houses.run(body, cats(1))


@pytest.mark.parametrize("part", ["store", "screening"])
def test_what_nobody_can_say_still_holds_is_not_served(
    houses: Houses, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    async def body(house: House) -> None:
        assert await house.cats() == ["1"]
        sha = await sha_of(house, 1)
        assert await house.searcher.allowed(sha, TEEN.band)

        async def dead() -> Any:
            raise ServiceError("nobody answers")

        if part == "store":
            house.store.generation = dead  # type: ignore[method-assign]
        else:
            monkeypatch.setattr(house.screening, "basis", dead)
        following = asyncio.create_task(house.verdicts.follow())
        await asyncio.sleep(3.5)
        following.cancel()
        assert not await house.searcher.allowed(sha, TEEN.band)
        with suppress(PerisaiError):
            assert await house.cats(limit=19) == []

    houses.run(body, cats(1))


# ---- bytes that come and go


def test_a_file_that_cannot_be_looked_at_just_now_keeps_its_bytes(
    houses: Houses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list changes, all is looked at again, a worker dies: the catalogue had lost its file."""

    async def body(house: House) -> None:
        await house.cats()
        sha = await sha_of(house, 1)
        await listed(house, "other", "0" * 64)
        screen = house.screening.screen

        async def died(*asked: Any, **more: Any) -> Looked:
            return replace(await screen(*asked, **more), error=("worker_died", "it died"))

        with monkeypatch.context() as patched:
            patched.setattr(house.screening, "screen", died)
            with pytest.raises(ServiceError):
                await house.intake.take(item(1), "gif-tiny", clean(1), urgent=True)
        assert sha in set(house.objects.shas())
        assert await house.cats() == ["1"]

    houses.run(body, cats(1))


@pytest.mark.parametrize("error", [ServiceBusy("later"), ServiceError("gone")])
def test_what_was_not_looked_at_leaves_no_bytes(
    houses: Houses, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def refuse(*_: Any, **__: Any) -> Looked:
        raise error

    async def body(house: House) -> None:
        before = set(house.objects.shas())
        monkeypatch.setattr(house.screening, "screen", refuse)
        with pytest.raises(type(error)):
            await house.intake.take(item(1), "gif-tiny", clean(1), urgent=True)
        assert set(house.objects.shas()) == before

    houses.run(body, cats(1))


def test_a_picture_that_a_person_cleared_has_its_bytes_again(houses: Houses) -> None:
    """They were deleted when it was withheld: pages showed an item whose file was gone."""

    async def body(house: House) -> None:
        assert await house.cats() == []
        sha = await sha_of(house, 2)
        assert sha not in set(house.objects.shas())
        await say(house, sha, 0.0)
        await house.verdicts.refresh()
        assert await house.cats() == ["2"]
        assert sha in set(house.objects.shas())

    houses.run(body, MemoryUpstream([item(2)], {"https://a.test/2.gif": marked(2)}))


def test_the_same_bytes_taken_many_times_at_once(houses: Houses) -> None:
    async def body(house: House) -> None:
        for data, kept in ((clean(5), True), (marked(5), False)):
            taking = (
                house.intake.take(item(n), "gif-tiny", data, urgent=True) for n in range(10, 22)
            )
            (sha,) = {known.screened.sha256 for known in await asyncio.gather(*taking)}
            assert (sha in set(house.objects.shas())) is kept
            assert await house.searcher.allowed(sha, ADULT.band) is kept

    houses.run(body, cats(1))


# ---- upstreams that take more than their share


class Generous(MemoryUpstream):
    """Gives all it has, whatever is asked for."""

    async def search(self, ask: Ask) -> Page:
        return await super().search(replace(ask, limit=200))


def test_an_upstream_that_gives_too_much_makes_no_longer_page(houses: Houses) -> None:
    files = {f"https://a.test/{n}.gif": clean(n % 7) for n in range(60)}

    async def body(house: House) -> None:
        assert len(await house.cats(limit=5)) == 5
        assert house.intake.waiting <= 20

    houses.run(body, Generous([item(n) for n in range(60)], files))


def test_a_second_round_asks_only_for_what_is_missing(houses: Houses) -> None:
    """Else what it gave beyond that had had its turn, and was on no page."""
    files = {f"https://a.test/{n}.gif": marked(n) if n == 2 else clean(n) for n in range(1, 13)}

    async def body(house: House) -> None:
        page = await house.searcher.page(Ask(TEEN.band, text="cat", limit=4), TEEN)
        assert [each.item.id for each in page.items] == ["1", "3", "4", "5"]
        following = Ask(TEEN.band, text="cat", limit=4, cursor=page.next)
        rest = await house.searcher.page(following, TEEN)
        assert [each.item.id for each in rest.items] == ["6", "7", "8", "9"]

    houses.run(body, MemoryUpstream([item(n) for n in range(1, 13)], files))


def test_a_slow_upstream_does_not_hold_up_the_files_of_others(houses: Houses) -> None:
    many = [item(n) for n in range(100, 100 + 2 * FETCHES)]
    slow = MemoryUpstream(many, name="slow", manners=Manners(fetch_seconds=30))
    quick = MemoryUpstream([item(1)], {"https://a.test/1.gif": clean(1)}, name="quick")

    async def body(house: House) -> None:
        for each in many:
            house.intake.start(replace(each, upstream="slow"), each.renditions[0], urgent=False)
        await asyncio.sleep(0.1)
        found = replace(item(1), upstream="quick")
        begun = house.intake.start(found, found.renditions[0], urgent=True)
        assert await asyncio.wait_for(begun, 5) is not None

    houses.run(body, slow, quick)


def test_who_searches_faster_than_can_be_screened_fills_no_memory(houses: Houses) -> None:
    flood = [item(n) for n in range(1000, 1000 + MOST_WAITING + 200)]
    slow = MemoryUpstream(flood, manners=Manners(fetch_seconds=30))

    async def body(house: House) -> None:
        cursor = ""
        for _ in range(len(flood) // 50):
            ask = Ask(TEEN.band, text="cat", limit=50, cursor=cursor)
            page = await house.searcher.page(ask, TEEN)
            assert page.withheld.keys() == {"pending"}
            cursor = page.next
        assert house.intake.waiting <= MOST_WAITING + 50

    houses.run(body, slow, deadline_ms=50)


def test_a_cursor_made_up_by_one_leads_no_other_astray(houses: Houses) -> None:
    async def body(house: House) -> None:
        assert await house.cats(limit=3) == ["1", "2", "3"]
        forged = cursors.pack("memory", 0, "5")  # as if those from 6 on were the first ones
        assert await house.cats(limit=3, cursor=forged) == ["6", "7", "8"]
        assert await house.cats(limit=3, cursor="o:3") == ["4", "5", "6"]

    houses.run(body, cats(*range(1, 10)))


# ---- what people took back


def test_what_left_the_catalogue_has_left_its_collection(houses: Houses) -> None:
    """Removed from a collection that is approved, its link went on working for children."""

    async def body(house: House) -> None:
        await house.cats()
        sha = await sha_of(house, 1)
        entry = CatalogueEntry(
            "1", "gif", "cat", ("cat",), "zoo", "", "", "", sha, "gif", 64, 48, 1, NOW
        )
        await house.store.add_entries([entry])
        await approve(house, "zoo", "", kind="collection")
        await house.verdicts.refresh()
        assert await house.searcher.allowed(sha, CHILD.band)
        await house.store.remove_entries(["1"], NOW)
        await house.verdicts.refresh()
        assert not await house.searcher.allowed(sha, CHILD.band)

    houses.run(body, cats(1))
