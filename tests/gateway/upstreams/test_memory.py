"""The upstream in memory keeps the promises of the port, and breaks them only on demand."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.items import Item, Rendition, Size
from perisai.gateway.upstreams.memory import Manners, MemoryUpstream
from tests.gateway.upstreams.common import adult, run


def item(number: str, *tags: str, title: str = "x", kind: str = "gif") -> Item:
    rendition = Rendition("gif", Size.ORIGINAL, f"mem:{number}", 30, 20, 6)
    return Item("?", number, kind, title, tags, (rendition,))


ITEMS = [
    item("a", "kucing", "lucu"),
    item("b", "anjing", "lucu"),
    item("c", "kucing", title="Kucing Oren"),
    item("d", "kucing", kind="sticker"),
]


def memory(**options: object) -> MemoryUpstream:
    files = {"mem:a": [b"one", b"two"], "mem:b": b"GIF89a"}
    return MemoryUpstream(ITEMS, files, **options)


def test_it_searches_pages_and_suggests() -> None:
    async def body() -> None:
        it = memory(name="twin")
        page = await it.search(adult("lucu"))
        assert [each.id for each in page.items] == ["a", "b"]
        assert {each.upstream for each in page.items} == {"twin"}
        page = await it.search(adult(limit=2))
        assert (page.total, page.next) == (3, "2")
        page = await it.search(adult(limit=2, cursor=page.next))
        assert ([each.id for each in page.items], page.next) == (["c"], "")
        assert [each.id for each in (await it.search(adult("oren kucing"))).items] == ["c"]
        assert [each.id for each in (await it.search(adult(kind="sticker"))).items] == ["d"]
        assert [each.id for each in await it.items(["c", "?", "a"])] == ["c", "a"]
        assert [each.name for each in await it.categories(adult())] == ["kucing", "anjing"]
        assert await it.suggest(adult("l")) == ("lucu",)
        assert len(await it.suggest(adult())) == 3
        with pytest.raises(UpstreamError, match="does not know this page"):
            await it.search(adult(cursor="x"))
        assert len(it.asked) == 9

    run(body)


def test_bytes_change_between_fetches_when_told_to() -> None:
    async def body() -> None:
        it = memory()
        a, b, c, _ = (each.renditions[0] for each in ITEMS)
        assert [await it.fetch(a, 9) for _ in range(3)] == [b"one", b"two", b"two"]
        assert await it.fetch(b, 6) == b"GIF89a"
        with pytest.raises(FetchRefused, match="larger"):
            await it.fetch(b, 5)
        with pytest.raises(FetchRefused, match="404"):
            await it.fetch(c, 9)
        it.add(item("b", "baru"), {"mem:b": b"other"})
        assert await it.fetch(b, 6) == b"other"
        assert it.fetched == ["mem:a"] * 3 + ["mem:b"] * 2 + ["mem:c", "mem:b"]

    run(body)


def test_it_is_slow_dead_or_lying_on_demand() -> None:
    async def body() -> None:
        it = memory(manners=Manners(answer_seconds=0.05, fetch_seconds=0.05))
        begun = time.monotonic()
        await it.search(adult())
        await it.fetch(ITEMS[0].renditions[0], 9)
        assert time.monotonic() - begun >= 0.1
        for manners, lists, files in (
            (Manners(dead=True), True, True),
            (Manners(lists_dead=True), True, False),
            (Manners(files_dead=True), False, True),
        ):
            it.manners = manners
            for dead, asked in (
                (lists, it.search(adult())),
                (lists, it.items(["a"])),
                (files, it.fetch(ITEMS[1].renditions[0], 9)),
            ):
                if dead:
                    with pytest.raises(UpstreamError, match="does not answer"):
                        await asked
                else:
                    assert await asked
        it.manners = Manners(lying=True)
        (lie,) = (await it.items(["a"]))[0].renditions
        assert lie == replace(ITEMS[0].renditions[0], width=1, height=1, size=1)
        await it.close()
        assert it.closed

    run(body)
