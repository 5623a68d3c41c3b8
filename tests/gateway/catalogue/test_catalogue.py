from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from perisai.errors import UpstreamError
from perisai.gateway.catalogue.importing import Importer, Outcome
from perisai.gateway.catalogue.listing import listed_in
from perisai.gateway.items import Ask
from perisai.gateway.upstreams.catalogue import Catalogue
from perisai.settings.gateway import CatalogueUpstream
from perisai.storage.records import Approval
from perisai.terms import AgeBand
from tests.gateway.search.house import CHILD, TEEN, House, clean, marked, open_house

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ROWS = [
    {"file": "a.gif", "title": "Kucing lucu", "tags": ["kucing", "hewan"], "id": "a"},
    {"file": "b.gif", "title": "Café kucing", "tags": "kucing, café", "collection": "seen"},
    {"file": "c.gif", "title": "Menari", "tags": ["menari"], "id": "c"},
    {"file": "d.gif", "title": "Stiker", "tags": ["kucing"], "kind": "sticker", "id": "d"},
    {"file": "e.gif", "title": "Broken", "id": "e"},
]


def folder_of(place: Path) -> Path:
    folder = place / "media"
    folder.mkdir()
    for name, data in (("a", clean(1)), ("b", clean(2)), ("c", marked(3)), ("d", clean(4))):
        (folder / f"{name}.gif").write_bytes(data)
    (folder / "e.gif").write_bytes(b"GIF89a not a picture")
    (folder / "catalogue.json").write_text(json.dumps(ROWS))
    return folder


async def bring_in(house: House, place: Path) -> dict[str, Outcome]:
    importer = Importer(
        "catalogue", house.store, house.verdicts, house.intake, max_bytes=10**6, clock=lambda: NOW
    )
    return {each.listed.path.stem: each async for each in importer.run(listed_in(place))}


def catalogue_of(house: House) -> Catalogue:
    return Catalogue("catalogue", CatalogueUpstream(), house.store, house.objects)


def test_what_nobody_may_see_is_not_taken_in_and_a_second_import_finds_all_done(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        folder = folder_of(tmp_path)
        async with open_house(tmp_path) as house:
            found = await bring_in(house, folder)
            states = {name: each.state for name, each in found.items()}
            assert [states[name] for name in "abcde"] == [
                *("added", "added", "withheld", "added", "withheld")
            ]
            assert found["c"].reason
            kept = {entry.sha256 for entry in await house.store.entries()}
            assert kept < set(house.objects.shas())
            again = await bring_in(house, folder)
            assert {again[name].state for name in "abd"} == {"kept"}
            (folder / "a.gif").write_bytes(clean(9))
            assert (await bring_in(house, folder))["a"].state == "added"

    asyncio.run(run())


def test_searching_groups_suggestions_and_pages(tmp_path: Path) -> None:
    async def run() -> None:
        folder = folder_of(tmp_path)
        async with open_house(tmp_path) as house:
            await bring_in(house, folder)
            catalogue = catalogue_of(house)
            page = await catalogue.search(Ask(TEEN.band, text="kucing", limit=1))
            assert (len(page.items), page.next, page.total) == (1, "1", 2)
            more = await catalogue.search(Ask(TEEN.band, text="KUC", cursor=page.next))
            assert {page.items[0].title, more.items[0].title} == {"Kucing lucu", "Café kucing"}
            assert [i.title for i in (await catalogue.search(Ask(TEEN.band, text="cafe"))).items]
            strange = '" OR * NEAR( ) - title: kucing'
            assert (await catalogue.search(Ask(TEEN.band, text=strange))).total == 2
            stickers = await catalogue.search(Ask(TEEN.band, "sticker"))
            assert [each.id for each in stickers.items] == ["d"]
            assert await catalogue.suggest(Ask(TEEN.band, text="ca")) == ("café",)
            groups = await catalogue.categories(Ask(TEEN.band))
            assert groups[0].text == "kucing"
            await house.store.remove_entries(["a"], NOW)
            catalogue = catalogue_of(house)
            assert await catalogue.items(["a", "d"]) == stickers.items

    asyncio.run(run())


def test_a_child_gets_whole_pages_of_what_was_approved(tmp_path: Path) -> None:
    async def run() -> None:
        folder = folder_of(tmp_path)
        async with open_house(tmp_path) as house:
            await bring_in(house, folder)
            house.upstreams["catalogue"] = catalogue_of(house)  # type: ignore[assignment]
            bands = frozenset({CHILD.band})
            await house.store.approve(
                Approval("catalogue", "collection", "seen", bands, "", "siti", "", NOW)
            )
            page = await catalogue_of(house).search(Ask(CHILD.band, text="kucing", approved=True))
            assert [each.title for each in page.items] == ["Café kucing"]
            none = await catalogue_of(house).search(
                Ask(AgeBand.AGE_3_5, text="kucing", approved=True)
            )
            assert none.items == ()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("catalogue.csv", "title\nx\n", "catalogue.csv:1: 'file' is missing"),
        ("catalogue.csv", "file,tytle\na.gif,x\n", "'tytle' is not known"),
        ("catalogue.csv", "file,kind\na.gif,clip\n", "catalogue.csv:2: kind is 'clip'"),
        ("catalogue.json", "{", "is no JSON"),
        ("catalogue.json", '{"file": 1}', "must hold a list"),
        ("catalogue.json", '[{"file": "../../etc/passwd"}]', "must lie in the folder"),
        ("catalogue.json", '[{"file": "a.gif", "title": 4}]', "title must be text"),
        ("catalogue.csv", "file,id\na.gif,1\nb.gif,1\n", "catalogue.csv:3: '1' is there already"),
        ("catalogue.csv", "file,id\na.gif,\na.gif,\n", "'a.gif' is there already"),
    ],
)
def test_a_description_that_is_wrong_says_where(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UpstreamError) as told:
        listed_in(tmp_path)
    assert says in str(told.value)


def test_a_folder_without_a_description_is_named_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "happy_cat-dance.gif").write_bytes(b"x")
    (tmp_path / ".hidden").write_bytes(b"x")
    (found,) = listed_in(tmp_path, "mine")
    assert (found.title, found.tags) == ("happy cat dance", ("happy", "cat", "dance"))
    assert (found.name, found.collection) == ("in/happy_cat-dance.gif", "mine")
