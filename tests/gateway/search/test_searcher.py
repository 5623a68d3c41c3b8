from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from perisai.gateway.items import Ask, Item, Rendition, Size
from perisai.gateway.search.background import warm
from perisai.gateway.search.cursors import Offsets
from perisai.gateway.search.locating import STEPS
from perisai.gateway.search.pages import SECONDS
from perisai.gateway.upstreams.memory import Manners, MemoryUpstream
from perisai.storage.records import Approval, Opinion
from perisai.terms import AgeBand, Label
from tests.gateway.search.house import (
    ADULT,
    CHILD,
    TEEN,
    clean,
    item,
    marked,
    open_house,
)

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def four() -> MemoryUpstream:
    """Two clean items, a marked one between them, and one whose file is gone."""
    files = {f"https://a.test/{n}.gif": clean(n) for n in (1, 3)} | {
        "https://a.test/2.gif": marked(2)
    }
    return MemoryUpstream([item(n) for n in (1, 2, 3, 4)], files)


def test_only_what_was_screened_and_allowed_is_shown(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_house(tmp_path, four()) as house:
            page = await house.searcher.page(Ask(TEEN.band, text="cat"), TEEN)
            assert [each.item.id for each in page.items] == ["1", "3"]
            assert page.taken == 4
            assert page.withheld == {"looks-explicit": 1, "failed": 1}
            kept = set(house.objects.shas())
            for shown in page.items:
                assert {f.sha256 for f in shown.files.values()} <= kept
            # The bytes of what nobody but adults may see stay; the policy lets no child near them.
            served = [f.sha256 for each in page.items for f in each.files.values()]
            assert all([await house.searcher.allowed(sha, TEEN.band) for sha in served])
            assert house.tally.pages == [("allow", {"looks-explicit": 1, "failed": 1})]

    asyncio.run(run())


def test_the_second_time_nothing_is_fetched(tmp_path: Path) -> None:
    async def run() -> None:
        upstream = four()
        async with open_house(tmp_path, upstream) as house:
            await house.cats()
            upstream.fetched.clear()
            assert await house.cats(limit=19) == ["1", "3"]
            assert upstream.fetched == ["https://a.test/4.gif"]

    asyncio.run(run())


def test_under_13_only_what_a_person_approved(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_house(tmp_path, four()) as house:
            assert await house.cats(CHILD) == []
            await house.cats(TEEN)
            sha = (await house.store.links("memory", ["1"]))["1"]["gif-tiny"].sha256
            assert not await house.searcher.allowed(sha, CHILD.band)
            for key, bytes_ in (("1", sha), ("3", "0" * 64)):
                bands = frozenset({CHILD.band})
                await house.store.approve(
                    Approval("memory", "item", key, bands, bytes_, "siti", "seen", NOW)
                )
            await house.verdicts.refresh()
            # 3 was approved with other bytes than it has now.
            assert await house.cats(CHILD) == ["1"]
            assert await house.searcher.allowed(sha, CHILD.band)
            assert not await house.searcher.allowed(sha, AgeBand.AGE_3_5)
            await house.store.approve(
                Approval("memory", "item", "1", frozenset(), "", "siti", "withdrawn", NOW)
            )
            await house.verdicts.refresh()
            assert await house.cats(CHILD) == []

    asyncio.run(run())


def test_a_persons_word_counts_and_ends_a_page(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_house(tmp_path, four()) as house:
            following = asyncio.create_task(house.verdicts.follow())
            assert await house.cats() == ["1", "3"]
            sha = (await house.store.links("memory", ["1"]))["1"]["gif-tiny"].sha256
            await house.store.add_opinion(Opinion(sha, Label.EXPLICIT, 1.0, "siti", "", NOW))
            for _ in range(50):
                await asyncio.sleep(0.1)
                if await house.cats() == ["3"]:
                    break
            assert await house.cats() == ["3"]
            assert not await house.searcher.allowed(sha, TEEN.band)
            following.cancel()

    asyncio.run(run())


def test_explicit_queries_give_an_empty_page_and_are_not_sent_on(tmp_path: Path) -> None:
    async def run() -> None:
        upstream = four()
        async with open_house(tmp_path, upstream) as house:
            page = await house.searcher.page(Ask(TEEN.band, text="bokep"), TEEN)
            assert (page.items, page.decision, page.next) == ((), "block", "")
            assert upstream.asked == []
            assert await house.searcher.suggest(Ask(TEEN.band, text="bokep"), TEEN) == ()

    asyncio.run(run())


def test_a_cry_for_help_gets_a_card_and_results(tmp_path: Path) -> None:
    async def run() -> None:
        upstream = four()
        upstream.add(item(5, "pendidikan seks", tags=()), {"https://a.test/5.gif": clean(5)})
        async with open_house(tmp_path, upstream) as house:
            ask = Ask(TEEN.band, text="pendidikan seks", locale="id_ID")
            page = await house.searcher.page(ask, TEEN)
            assert page.decision == "help"
            assert [each.item.id for each in page.items] == ["body-id", "5"]
            again = await house.searcher.items([page.items[0].number], CHILD)
            assert [each.item.id for each in again] == ["body-id"]
            sha = next(iter(page.items[0].files.values())).sha256
            assert await house.searcher.allowed(sha, CHILD.band)

    asyncio.run(run())


def test_explicit_words_beside_a_harmless_picture_drop_it(tmp_path: Path) -> None:
    async def run() -> None:
        upstream = MemoryUpstream(
            [
                item(1, "cat bokep"),
                item(2, tags=("cat", "hentai")),
                item(3, attribution='"Cat" by Bokep is licensed under CC BY 4.0.'),
                item(4, attribution='"Cat" by Siti is licensed under CC BY 4.0.'),
            ],
            {f"https://a.test/{n}.gif": clean(n) for n in (1, 2, 3, 4)},
        )
        async with open_house(tmp_path, upstream) as house:
            assert await house.cats() == ["4"]
            assert house.tally.pages[-1][1] == {"words": 3}

    asyncio.run(run())


def test_one_bad_rendition_drops_the_whole_item(tmp_path: Path) -> None:
    async def run() -> None:
        large = Rendition("gif", Size.ORIGINAL, "https://a.test/1-large.gif", 64, 48)
        first = item(1)
        both = item(1).__class__(
            **{n: getattr(first, n) for n in first.__slots__}
            | {"renditions": (*first.renditions, large)}
        )
        upstream = MemoryUpstream(
            [both], {"https://a.test/1.gif": clean(1), "https://a.test/1-large.gif": marked(9)}
        )
        async with open_house(tmp_path, upstream) as house:
            page = await house.searcher.page(Ask(TEEN.band, text="cat"), TEEN)
            # Only the rendition that was screened is served, whatever is asked for.
            assert (
                page.items[0].best(Size.ORIGINAL, "gif").sha256
                == page.items[0].best(Size.TINY, "gif").sha256
            )
            while house.intake.waiting:
                await asyncio.sleep(0.01)
            assert await house.cats(limit=19) == []
            assert not await house.searcher.allowed(
                page.items[0].best(Size.TINY, "gif").sha256, AgeBand.AGE_3_5
            )

    asyncio.run(run())


def test_a_slow_upstream_costs_its_own_results(tmp_path: Path) -> None:
    async def run() -> None:
        slow = MemoryUpstream([item(8)], name="slow", manners=Manners(answer_seconds=30))
        quick = MemoryUpstream([item(1)], {"https://a.test/1.gif": clean(1)}, name="quick")
        async with open_house(tmp_path, quick, slow, deadline_ms=700) as house:
            assert await house.cats() == ["1"]
            assert house.tally.pages[-1][1] == {"upstream": 1}

    asyncio.run(run())


def test_what_is_not_decided_in_time_appears_next_time(tmp_path: Path) -> None:
    async def run() -> None:
        upstream = four()
        upstream.manners = Manners(fetch_seconds=0.5)
        async with open_house(tmp_path, upstream, deadline_ms=100) as house:
            assert await house.cats() == []
            assert house.tally.pages[-1][1] == {"pending": 4}
            while house.intake.waiting:
                await asyncio.sleep(0.01)
            assert await house.cats() == ["1", "3"]

    asyncio.run(run())


def test_pages_say_how_long_they_may_be_repeated(tmp_path: Path) -> None:
    async def run() -> None:
        upstream = four()
        upstream.manners = Manners(fetch_seconds=0.5)
        async with open_house(tmp_path, upstream, deadline_ms=200) as house:
            ask = Ask(TEEN.band, text="cat")
            assert (await house.searcher.page(ask, TEEN)).until == 0, "more is to come"
            while house.intake.waiting:
                await asyncio.sleep(0.01)
            upstream.manners = Manners()
            now = time.monotonic()
            page = await house.searcher.page(ask, TEEN)
            assert now < page.until <= time.monotonic() + SECONDS
            assert page.stamp == house.searcher.stamp
            assert await house.searcher.page(ask, TEEN) is page
            house.tally.pages.clear()
            house.searcher.again(page)
            assert house.tally.pages == [(page.decision, page.withheld)]
            random = await house.searcher.page(replace(ask, random=True), TEEN)
            assert random.until == 0
            filtered = await house.searcher.page(replace(ask, text="ass"), TEEN)
            assert (filtered.decision, filtered.stamp) == ("filter", page.stamp)

    asyncio.run(run())


def test_pages_go_on_though_all_of_one_was_withheld(tmp_path: Path) -> None:
    async def run() -> None:
        items = [item(n) for n in range(1, 31)]
        files = {
            f"https://a.test/{n}.gif": marked(n) if n <= 20 else clean(n) for n in range(1, 31)
        }
        async with open_house(tmp_path, MemoryUpstream(items, files)) as house:
            seen: list[str] = []
            offset, cursor = 0, ""
            for _ in range(20):
                ask = Ask(TEEN.band, text="cat", limit=5, cursor=cursor)
                page = await house.searcher.page(ask, TEEN)
                seen += [each.item.id for each in page.items]
                offset += page.taken
                by_number = await house.searcher.page(
                    Ask(TEEN.band, text="cat", limit=5, cursor=f"o:{offset}"), TEEN
                )
                if not page.next:
                    assert by_number.items == ()
                    break
                by_cursor = await house.searcher.page(
                    Ask(TEEN.band, text="cat", limit=5, cursor=page.next), TEEN
                )
                assert by_number.items == by_cursor.items
                cursor = page.next
            assert seen == [str(n) for n in range(21, 31)]

    asyncio.run(run())


def test_bytes_that_nobody_may_see_are_deleted(tmp_path: Path) -> None:
    async def run() -> None:
        data = marked(2)
        upstream = MemoryUpstream([item(2)], {"https://a.test/2.gif": data})
        async with open_house(tmp_path, upstream) as house:
            assert await house.cats(ADULT) == []
            sha = (await house.store.links("memory", ["2"]))["2"]["gif-tiny"].sha256
            known = (await house.verdicts.known([sha]))[sha]
            assert not known.wanted
            assert sha not in set(house.objects.shas())
            assert hashlib.sha256(data).hexdigest() not in set(house.objects.shas())

    asyncio.run(run())


def test_strange_cursors_and_numbers_give_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_house(tmp_path, four()) as house:
            for cursor in ("5", "x", "1.2.3", "o:77", "o:x", "0.memory.!!", "0.other.", "🙂" * 9):
                found = await house.cats(cursor=cursor)
                assert found in ([], ["1", "3"]), cursor
            assert await house.searcher.items(["", "x", "🙂", "a" * 9000], TEEN) == ()
            house.searcher.shared("x")
            assert house.tally.sent == []

    asyncio.run(run())


def counted(name: str, first: int, last: int, *, counts: bool) -> MemoryUpstream:
    """Items that were numbered, all of them clean."""
    numbers = range(first, last + 1)
    files = {f"https://a.test/{n}.gif": clean(n) for n in numbers}
    return MemoryUpstream([item(n) for n in numbers], files, name=name, counts=counts)


def test_no_page_is_longer_than_was_asked_for_and_none_is_passed_over(tmp_path: Path) -> None:
    async def run() -> None:
        items = [item(n) for n in range(1, 13)]
        files = {
            f"https://a.test/{n}.gif": marked(n) if n % 3 == 1 else clean(n) for n in range(13)
        }
        async with open_house(tmp_path, MemoryUpstream(items, files)) as house:
            for _ in range(2):  # cold, and warm
                seen, cursor = [], ""
                while True:
                    ask = Ask(TEEN.band, text="cat", limit=4, cursor=cursor)
                    page = await house.searcher.page(ask, TEEN)
                    assert len(page.items) <= 4
                    seen += [each.item.id for each in page.items]
                    cursor = page.next
                    if not cursor:
                        break
                assert seen == [str(n) for n in range(1, 13) if n % 3 != 1]
                house.searcher._pages._pages.clear()

    asyncio.run(run())


@pytest.mark.parametrize("counts", [True, False])
def test_counting_goes_on_where_another_process_left_off(tmp_path: Path, counts: bool) -> None:
    async def run() -> None:
        both = counted("a", 1, 7, counts=counts), counted("b", 8, 13, counts=counts)
        async with open_house(tmp_path, *both) as house:

            async def at(offset: int, limit: int = 4) -> list[str]:
                return await house.cats(limit=limit, cursor=f"o:{offset}")

            def restart() -> None:
                house.searcher._offsets = Offsets()
                house.searcher._pages._pages.clear()

            for offset in (4, 6, 7, 9, 11):
                restart()
                there = [str(n) for n in range(offset + 1, min(14, offset + 5))]
                assert await at(offset) == there, offset
            for offset in (13, 14, 500):
                restart()
                assert await at(offset) == []
            # From there it goes on as if it had begun here.
            restart()
            page = await house.searcher.page(
                Ask(TEEN.band, text="cat", limit=4, cursor="o:4"), TEEN
            )
            asked = sum(len(each.asked) for each in both)
            assert page.taken == 4
            assert await at(4 + page.taken) == ["9", "10", "11", "12"]
            assert sum(len(each.asked) for each in both) == asked + 1

    asyncio.run(run())


def test_a_place_far_away_costs_a_bounded_number_of_questions(tmp_path: Path) -> None:
    async def run() -> None:
        endless = counted("a", 1, 1, counts=False)
        for n in range(2, 2000):
            endless.add(item(n), {})
        async with open_house(tmp_path, endless) as house:
            assert await house.cats(limit=4, cursor="o:1500") == []
            assert len(endless.asked) <= STEPS
            dead = Manners(lists_dead=True)
            endless.manners, before = dead, len(endless.asked)
            assert await house.cats(limit=4, cursor="o:1600") == []
            assert len(endless.asked) == before + 1

    asyncio.run(run())


def test_frequent_searches_are_warmed_and_nobodys_secret_is_among_them(tmp_path: Path) -> None:
    async def run() -> None:
        upstream = four()
        async with open_house(tmp_path, upstream) as house:
            searcher = house.searcher
            for _ in range(5):
                for text in ("Cat ", "bokep", "pendidikan seks", "sexy", "", "x" * 61):
                    await searcher.page(Ask(TEEN.band, text=text), TEEN)
                await searcher.page(Ask(TEEN.band, text="cat", cursor="o:2"), TEEN)
            await searcher.page(Ask(TEEN.band, text="  cAt"), TEEN)
            await searcher.page(Ask(TEEN.band, text="seldom"), TEEN)
            assert searcher.frequent.most() == ["cat", "sexy"]
            # What is warmed was asked by nobody: it is counted nowhere.
            pages, counts = len(house.tally.pages), dict(searcher.frequent._counts)
            upstream.asked.clear()
            searcher._pages._pages.clear()
            await warm(searcher)
            assert {each.text for each in upstream.asked} == {"", "cat", "sexy"}
            assert (len(house.tally.pages), searcher.frequent._counts) == (pages, counts)

    asyncio.run(run())


def test_small_files_are_fetched_first_and_the_order_of_the_page_stays(tmp_path: Path) -> None:
    sizes = {1: 0, 2: 900, 3: 100, 4: 500}

    def sized(number: int) -> Item:
        plain = item(number)
        tiny = replace(plain.renditions[0], size=sizes[number])
        return replace(plain, renditions=(tiny,))

    async def run() -> None:
        files = {f"https://a.test/{n}.gif": clean(n) for n in sizes}
        upstream = MemoryUpstream([sized(n) for n in sizes], files)
        async with open_house(tmp_path, upstream) as house:
            assert await house.cats() == ["1", "2", "3", "4"]
            assert upstream.fetched == [f"https://a.test/{n}.gif" for n in (3, 4, 2, 1)]

    asyncio.run(run())
