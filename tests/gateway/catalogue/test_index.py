"""What is found in the catalogue, in which order, and what is trending."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from perisai.gateway.catalogue.index import Index
from perisai.gateway.catalogue.shares import HALF_SECONDS, SETTLES_SECONDS, Shares
from perisai.gateway.catalogue.wordforms import forms
from perisai.gateway.items import Ask
from perisai.gateway.upstreams.catalogue import Catalogue
from perisai.settings.gateway import CatalogueUpstream
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.memory import MemoryStore
from perisai.storage.objects.memory import MemoryObjects
from perisai.storage.records import Approval, CatalogueEntry
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CHILD = AgeBand.AGE_6_9


def entry(key: str, title: str, *tags: str, **more: object) -> CatalogueEntry:
    made = CatalogueEntry(
        *(key, "gif", title, tags, "", "", "", "", "a" * 64, "gif", 64, 48, 999, NOW)
    )
    return replace(made, **more)  # type: ignore[arg-type]


def index(*entries: CatalogueEntry) -> Index:
    made = Index()
    made.take(entries)
    return made


def test_the_very_word_comes_first_and_a_title_before_a_tag():
    found = index(
        entry("other", "burung", "langit"),
        entry("longer", "catalogue of things"),
        entry("tag", "hewan lucu", "cat"),
        entry("title", "cat"),
        entry("plural", "hewan", "cats"),
    )
    assert found.find("Cat", "gif")[:2] == ["title", "tag"]
    assert set(found.find("cat", "gif")) == {"title", "tag", "longer", "plural"}
    assert found.find("cats", "gif")[0] == "plural"
    assert set(found.find("cats", "gif")) == {"plural", "title", "tag"}


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        *(("kucingnya", "kucing"), ("kucing-kucing", "kucing"), ("menari", "tari")),
        *(("tari", "menari"), ("tarian", "menari"), ("berlari", "lari"), ("lari", "berlari")),
        *(("memukul", "pukul"), ("menyapu", "sapu"), ("mengirim", "kirim"), ("makanan", "makan")),
        *(("parties", "party"), ("dog", "dogs"), ("boxes", "box"), ("café", "cafe")),
    ],
)
def test_plurals_and_affixes_make_no_difference(asked, tag):
    found = index(entry("it", "xyz", tag), entry("not", "gunung", "sunyi"))
    assert found.find(asked, "gif") == ["it"]


def test_forms_leave_short_and_other_words_alone():
    assert forms("kaku") == frozenset()
    assert forms("class") == frozenset()
    assert "tari" in forms("menari")
    assert "di" not in forms("dia")


def test_every_word_counts_and_some_do_where_none_has_all():
    found = index(entry("1", "kucing hitam"), entry("2", "kucing putih"), entry("3", "anjing"))
    assert found.find("hitam kucing", "gif") == ["1"]
    assert set(found.find("kucing hijau", "gif")) == {"1", "2"}
    assert found.find("kuda", "gif") == []
    assert found.find("kucing", "sticker") == []
    assert found.find('"* NEAR(', "gif") == []


def test_order_and_pages_are_always_the_same():
    many = [entry(f"{n:03}", "kucing") for n in range(300)]
    one, two = index(*many), index(*reversed(many))
    assert one.find("kucing", "gif") == two.find("kucing", "gif") == [f"{n:03}" for n in range(300)]
    assert one.newest("gif") == two.newest("gif")


# ---- the upstream over it


def catalogue(entries: Iterable[CatalogueEntry], approved: Iterable[str] = ()) -> Catalogue:
    store = MemoryStore()
    store.add_entries(list(entries))
    for key in approved:
        bands = frozenset({CHILD})
        store.approve(Approval("catalogue", "item", key, bands, "a" * 64, "siti", "", NOW))
    return Catalogue("catalogue", CatalogueUpstream(), AsyncStore(store), MemoryObjects())


async def ids(it: Catalogue, **more) -> list[str]:
    return [each.id for each in (await it.search(Ask(CHILD, **more))).items]


def test_what_was_approved_is_found_behind_thousands_that_were_not():
    async def run() -> None:
        newer = [entry(f"n{n}", "cat", "new") for n in range(6000)]
        old = entry("old", "cat", "old", at=NOW - timedelta(days=9))
        it = catalogue([*newer, old], ["old"])
        assert await ids(it, approved=True) == ["old"]
        assert await ids(it, approved=True, text="cat") == ["old"]
        assert [each.text for each in await it.categories(Ask(CHILD, approved=True))] == ["old"]
        assert await it.suggest(Ask(CHILD, text="n", approved=True)) == ()
        assert await it.suggest(Ask(CHILD, text="n")) == ("new",)
        assert len(await ids(it)) == 20

    asyncio.run(run())


def test_what_is_sent_much_is_trending_for_those_who_may_see_it():
    async def run() -> None:
        some = [entry(f"{n}", "cat", at=NOW + timedelta(days=n)) for n in range(5)]
        it = catalogue(some, ["0", "3"])
        assert await ids(it) == ["4", "3", "2", "1", "0"]
        for key in ("1", "1", "1", "0", "0", "0", "0", "2", "nonsense"):
            it.shared(key)
        it._shares._until = -1.0
        assert await ids(it) == ["0", "1", "4", "3", "2"]
        assert await ids(it, approved=True) == ["0", "3"]
        assert await ids(it, text="cat") == ["0", "1", "2", "3", "4"]

    asyncio.run(run())


def test_shares_fade_and_keep_their_order_for_a_while():
    at = [0.0]
    shares = Shares(lambda: at[0])
    for key in "aaaabbb":
        shares.note(key)
    shares.note("c")
    assert shares.most() == ["a", "b"]
    for _ in range(9):
        shares.note("b")
    assert shares.most() == ["a", "b"]
    at[0] += SETTLES_SECONDS
    assert shares.most() == ["b", "a"]
    at[0] += HALF_SECONDS
    assert shares.most() == ["b"]
    at[0] += 9 * HALF_SECONDS
    assert shares.most() == []
