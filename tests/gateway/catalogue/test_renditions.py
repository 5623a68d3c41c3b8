"""What pickers need and items lack is made from screened bytes, and lives and dies with them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from starlette.testclient import TestClient

from perisai.gateway import create_app
from perisai.gateway.catalogue.importing import Importer
from perisai.gateway.catalogue.listing import listed_in
from perisai.gateway.items import Ask, Rendition, ServedItem, Size
from perisai.gateway.upstreams.catalogue import Catalogue
from perisai.gateway.upstreams.memory import MemoryUpstream
from perisai.gateway.workbench import open_workbench
from perisai.media import open_media
from perisai.screening.service.local import Local
from perisai.settings.gateway import CatalogueUpstream
from perisai.storage.records import ApiKey, Approval, Opinion
from perisai.terms import AgeBand, Label
from tests.common import drawn, mediawriter, screening, writers
from tests.gateway.search.house import CHILD, TEEN, House, clean, item, open_house

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from perisai.settings import Settings

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def scene(number: int, size: tuple[int, int] = (160, 120), count: int = 4) -> list[Image.Image]:
    return [drawn.drawing(number, step / count, *size) for step in range(count)]


def large_gif(number: int) -> bytes:
    return writers.gif(scene(number, (640, 480), 6), dither=True)


def film(number: int, size: tuple[int, int] = (160, 120)) -> bytes:
    frames = [pixels_of(each) for each in scene(number, size)]
    return mediawriter.clip("mp4", "libx264", size=size, picture=frames.__getitem__)


def pixels_of(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGBA"))


FILES = {
    "film.mp4": lambda: film(1),
    "film.webm": lambda: mediawriter.clip("webm", "libvpx-vp9", size=(64, 48)),
    "moving.webp": lambda: writers.webp(scene(3)),
    "moving.png": lambda: mediawriter.saved("PNG", scene(4)),
    "still.png": lambda: mediawriter.saved("PNG", scene(5)[:1]),
    "still.jpg": lambda: mediawriter.saved("JPEG", scene(6)[:1]),
    "still.avif": lambda: mediawriter.saved("AVIF", scene(7)[:1]),
    "large.gif": lambda: large_gif(8),
    "small.gif": lambda: clean(9),
}


def folder_of(place: Path, *names: str) -> Path:
    folder = place / "in"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(FILES[name]())
    rows = [{"file": name, "title": f"cat {name}", "tags": ["cat"], "id": name} for name in names]
    (folder / "catalogue.json").write_text(json.dumps(rows))
    return folder


async def bring_in(house: House, folder: Path) -> dict[str, str]:
    importer = Importer(
        "catalogue", house.store, house.verdicts, house.intake, max_bytes=10**7, clock=lambda: NOW
    )
    house.upstreams["catalogue"] = Catalogue(  # type: ignore[assignment]
        "catalogue", CatalogueUpstream(), house.store, house.objects
    )
    house.searcher._curation._bands["catalogue"] = tuple(AgeBand)  # type: ignore[index]
    return {each.id: each.state async for each in importer.run(listed_in(folder))}


async def only(house: House, client=TEEN) -> ServedItem | None:
    await house.verdicts.refresh()
    house.searcher._pages._pages.clear()
    if "catalogue" in house.upstreams:
        house.upstreams["catalogue"]._next = 0.0  # type: ignore[attr-defined]
    page = await house.searcher.page(Ask(client.band, text="cat"), client)
    return page.items[0] if page.items else None


# ---- everything is there, in both shapes


async def _fill(settings: Settings, folder: Path) -> None:
    async with Local(settings) as local, open_workbench(settings, local) as bench:
        importer = Importer(
            *("catalogue", bench.store, bench.verdicts, bench.intake),
            max_bytes=10**7,
            clock=lambda: NOW,
        )
        states = [each.state async for each in importer.run(listed_in(folder))]
        assert states == ["added"] * len(FILES)
        again = [each.state async for each in importer.run(listed_in(folder))]
        assert again == ["kept"] * len(FILES)
        digest = hashlib.sha256(b"teen").hexdigest()
        both = frozenset({"tenor", "giphy"})
        await bench.store.add_key(
            ApiKey("t", digest, TEEN.band, both, 10_000, shadow=False, webhook="", created=NOW)
        )


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    place = tmp_path_factory.mktemp("formats")
    chosen = screening.settings(place, GATEWAY__DEADLINE_MS=5000, GATEWAY__WARM_MINUTES=0)
    asyncio.run(_fill(chosen, folder_of(place, *FILES)))
    with TestClient(create_app(chosen)) as client:
        yield client


def test_tenor_pickers_are_shown_every_item_with_a_gif_and_a_small_one(client):
    found = client.get("/v2/search", params={"key": "teen", "q": "cat"}).json()["results"]
    assert {each["title"] for each in found} == {f"cat {name}" for name in FILES}
    for each in found:
        formats = each["media_formats"]
        for name in ("gif", "tinygif", "mediumgif", "nanogif"):
            data = client.get(formats[name]["url"], headers={"X-Perisai-Key": "teen"})
            assert data.headers["content-type"] == "image/gif", (each["title"], name)
            shown = open_media(data.content)
            assert [shown.info.width, shown.info.height] == formats[name]["dims"]
        assert formats["tinygif"]["dims"][0] <= 320
        assert formats["tinygif"]["size"] <= 400_000
        assert ("mp4" in formats) == (each["title"] == "cat film.mp4")
        assert ("webm" in formats) == (each["title"] == "cat film.webm")
        large = each["title"] == "cat large.gif"
        assert (formats["gif"]["dims"][0] == 640) == large


def test_giphy_pickers_are_shown_every_item(client):
    found = client.get("/v1/gifs/search", params={"api_key": "teen", "q": "cat"}).json()["data"]
    assert {each["title"] for each in found} == {f"cat {name}" for name in FILES}
    for each in found:
        images = each["images"]
        assert int(images["fixed_width"]["width"]) <= 320
        assert images["original"]["url"].partition("?")[0].endswith(".gif")
        assert ("mp4" in images["original"]) == (each["title"] == "cat film.mp4")
    items = client.get("/v1/gifs", params={"api_key": "teen", "ids": found[0]["id"]}).json()
    assert len(items["data"]) == 1


# ---- who may see them


def files_of(found: ServedItem | None) -> dict[str, str]:
    assert found is not None
    return {f"{kind}-{size}": file.sha256 for (kind, size), file in found.files.items()}


def test_an_approval_covers_what_was_made_of_the_bytes_and_nothing_else(tmp_path):
    async def run() -> None:
        async with open_house(tmp_path) as house:
            folder = folder_of(tmp_path, "large.gif")
            await bring_in(house, folder)
            shown = files_of(await only(house))
            assert set(shown) == {"gif-original", "gif-tiny"}
            assert await only(house, CHILD) is None
            assert not await house.searcher.allowed(shown["gif-tiny"], CHILD.band)
            bands = frozenset({CHILD.band})
            await house.store.approve(
                Approval(
                    *("catalogue", "item", "large.gif", bands, shown["gif-original"]),
                    *("siti", "", NOW),
                )
            )
            assert files_of(await only(house, CHILD)) == shown
            for sha in shown.values():
                assert await house.searcher.allowed(sha, CHILD.band)
                assert not await house.searcher.allowed(sha, AgeBand.AGE_3_5)
            # Other bytes under the same id: neither they nor what was made of them is approved.
            (folder / "large.gif").write_bytes(large_gif(18))
            assert await bring_in(house, folder) == {"large.gif": "added"}
            other = files_of(await only(house))
            assert not set(other.values()) & set(shown.values())
            assert await only(house, CHILD) is None
            for sha in other.values():
                assert not await house.searcher.allowed(sha, CHILD.band)

    asyncio.run(run())


@pytest.mark.parametrize("judged", ["gif-original", "gif-tiny"])
def test_a_persons_word_on_either_ends_the_links_to_both(tmp_path, judged):
    async def run() -> None:
        async with open_house(tmp_path) as house:
            await bring_in(house, folder_of(tmp_path, "large.gif"))
            shown = files_of(await only(house))
            assert all([await house.searcher.allowed(sha, TEEN.band) for sha in shown.values()])
            bad = Opinion(shown[judged], Label.EXPLICIT, 1.0, "siti", "", NOW)
            await house.store.add_opinion(bad)
            await house.verdicts.refresh()
            assert not any([await house.searcher.allowed(sha, TEEN.band) for sha in shown.values()])
            assert await only(house) is None
            # Cleared on the original it is there again; on a copy, which may lack frames, it is
            # cleared only if nobody but the copy was judged.
            later = replace(bad, score=0.0, at=NOW + timedelta(days=1))
            await house.store.add_opinion(replace(later, sha256=shown["gif-tiny"]))
            assert await only(house) is None
            await house.store.add_opinion(replace(later, sha256=shown["gif-original"]))
            assert files_of(await only(house)) == shown

    asyncio.run(run())


def test_one_bad_sibling_ends_the_links_to_all(tmp_path):
    async def run() -> None:
        large = Rendition("gif", Size.ORIGINAL, "https://a.test/1-large.gif", 64, 48)
        one = item(1)
        both = replace(one, renditions=(*one.renditions, large))
        files = {"https://a.test/1.gif": clean(1), large.url: clean(2)}
        async with open_house(tmp_path, MemoryUpstream([both], files)) as house:
            await only(house)
            while house.intake.waiting:
                await asyncio.sleep(0.01)
            shown = files_of(await only(house))
            assert set(shown) == {"gif-tiny", "gif-original"}
            tiny = shown["gif-tiny"]
            assert await house.searcher.allowed(tiny, TEEN.band)
            await house.store.add_opinion(
                Opinion(shown["gif-original"], Label.EXPLICIT, 1.0, "siti", "", NOW)
            )
            await house.verdicts.refresh()
            assert not await house.searcher.allowed(tiny, TEEN.band)

    asyncio.run(run())


def test_what_an_upstream_lacks_is_made_behind_the_scenes(tmp_path):
    async def run() -> None:
        picture = Rendition("webp", Size.ORIGINAL, "https://a.test/1.webp", 640, 480)
        one = replace(item(1), renditions=(picture,))
        files = {picture.url: writers.webp(scene(3, (640, 480)))}
        async with open_house(tmp_path, MemoryUpstream([one], files)) as house:
            assert set(files_of(await only(house))) == {"webp-original"}
            while house.intake.waiting:
                await asyncio.sleep(0.01)
            shown = files_of(await only(house))
            assert set(shown) == {"webp-original", "gif-medium", "gif-tiny"}
            source = shown["webp-original"]
            known = await house.verdicts.known(shown.values())
            assert known[shown["gif-tiny"]].sources == {source}
            assert known[source].sources == frozenset()
            fetched = len(house.upstreams["memory"].fetched)
            await only(house)
            assert not house.intake.waiting
            assert len(house.upstreams["memory"].fetched) == fetched == 1

    asyncio.run(run())
