"""The Openverse shape: nothing without its licence and attribution, nothing marked as mature."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.errors import SettingsError, UpstreamError
from perisai.gateway.items import Rendition, Size
from perisai.gateway.upstreams.build import build_upstreams
from perisai.gateway.upstreams.openverse import OpenverseUpstream
from perisai.gateway.upstreams.reading import WrongShape
from perisai.settings.gateway import OpenverseUpstream as Section
from tests.gateway.fetching.servers import answer
from tests.gateway.upstreams.common import KEY, adult, child, chosen, run, told, upstream
from tests.gateway.upstreams.test_tenor import JSON

ID = "4bc43a04-ef46-4544-a0c1-63c63f56e276"
OTHER = "5bc43a04-ef46-4544-a0c1-63c63f56e277"
URL = "https://upload.wikimedia.org/wikipedia/commons/2/2c/Rotating_earth_%28large%29.gif"


def image(number: str = ID, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": "Rotating earth (large)",
        "indexed_on": "2020-04-11T16:22:16.011012Z",
        "foreign_landing_url": "https://commons.wikimedia.org/w/index.php?curid=50",
        "url": URL,
        "creator": "Marvel",
        "license": "by-sa",
        "license_version": "3.0",
        "license_url": "https://creativecommons.org/licenses/by-sa/3.0/",
        "provider": "wikimedia",
        "source": "wikimedia",
        "filesize": 1001718,
        "filetype": "gif",
        "tags": [{"name": "earth", "accuracy": None}, {"name": "globe"}],
        "attribution": '"Rotating earth (large)" by Marvel is licensed under CC BY-SA 3.0.',
        "mature": False,
        "height": 400,
        "width": 400,
        "thumbnail": f"https://api.openverse.org/v1/images/{number}/thumb/",
        "unstable__sensitivity": [],
    } | changes


READER = OpenverseUpstream("openverse", Section(type="openverse"), "")


def read(*results: Any, page: int = 1, size: int = 20, pages: object = 12) -> Any:
    document = {"result_count": 240, "page_count": pages, "page": page, "results": list(results)}
    return READER._page(page, size)(document)


def test_an_item_keeps_attribution_licence_and_source() -> None:
    (item,) = read(image()).items
    assert item.attribution.startswith('"Rotating earth (large)" by Marvel')
    assert item.licence == "CC BY-SA 3.0"
    assert item.source == "https://commons.wikimedia.org/w/index.php?curid=50"
    assert item.tags == ("earth", "globe")
    assert item.renditions == (Rendition("gif", Size.ORIGINAL, URL, 400, 400, 1001718),)
    assert READER.open


@pytest.mark.parametrize(
    ("short", "version", "licence"),
    [("cc0", "1.0", "CC0 1.0"), ("pdm", "1.0", "Public Domain Mark 1.0"), ("by", None, "CC BY")],
)
def test_licences_are_written_as_people_write_them(
    short: str, version: str | None, licence: str
) -> None:
    (item,) = read(image(license=short, license_version=version)).items
    assert item.licence == licence


@pytest.mark.parametrize(
    "broken",
    [
        None,
        image(attribution=None),
        image(attribution=""),
        image(license=None),
        image(mature=True),
        image(unstable__sensitivity=["user_reported_sensitivity"]),
        image(url=None),
        image(url="https://evil.example/a.gif"),
        image(url="http://10.0.0.1/a.gif"),
        image(filetype="jpg"),
        image(filetype="svg"),
        image(filetype=None, url="https://upload.wikimedia.org/a.png"),
        image(width=10**8),
        image("not-a-uuid"),
        image(None),
    ],
    ids=range(15),
)
def test_what_is_broken_marked_or_without_attribution_is_dropped(broken: Any) -> None:
    assert [item.id for item in read(broken, image(OTHER)).items] == [OTHER]


def test_what_is_not_known_of_a_file_is_not_made_up() -> None:
    (item,) = read(image(width=None, height=None, filesize=None, filetype=None)).items
    assert item.renditions == (Rendition("gif", Size.ORIGINAL, URL, 0, 0, 0),)
    (item,) = read(image(foreign_landing_url="javascript:alert(1)")).items
    assert item.source == ""


def test_pages_line_up_and_end_where_openverse_ends_them() -> None:
    assert read(image(), size=7).next == "2x7"
    assert read(image(), page=11).next == "12x20"
    assert read(image(), page=12, pages=99).next == ""
    assert read(image(), page=2, pages=2).next == ""
    assert read().next == ""
    assert read(image(), pages=None).next == ""


def test_a_search_excludes_mature_files_and_sends_no_second_word_on_it() -> None:
    async def body() -> None:
        said = told({"result_count": 0, "page_count": 0, "results": []})
        async with upstream("openverse", {"*": said}) as (it, server):
            await it.search(adult("bumi berputar", limit=50))
            await it.search(adult(cursor="3x7", limit=50))
            assert (await it.search(adult(kind="sticker"))).items == ()
            assert await it.categories(child()) == ()
            assert await it.suggest(child("x")) == ()
            first, second = server.requests
            assert first.path == "/v/images/"
            assert first.query == {
                "q": "bumi berputar",
                "extension": "gif,webp",
                "mature": "false",
                "page": "1",
                "page_size": "20",
            }
            assert first.headers["authorization"] == f"Bearer {KEY}"
            assert KEY not in first.target
            assert (second.query["page"], second.query["page_size"]) == ("3", "7")
            assert second.query["q"]
            for cursor in ("3", "0x5", "x", "1x200", "\u0663x7"):
                with pytest.raises(UpstreamError, match="does not know this page"):
                    await it.search(adult(cursor=cursor))

    run(body)


def test_items_are_asked_for_one_by_one_and_unknown_ones_left_out() -> None:
    async def body() -> None:
        async with upstream("openverse", {}, media_hosts=["upload.wikimedia.org"]) as (it, server):
            server.handlers |= {f"/v/images/{ID}/": told(image())}
            found = await it.items([OTHER, ID, "x"])
            assert [item.id for item in found] == [ID]
            assert len(server.requests) == 2
            server.handlers[f"/v/images/{ID}/"] = answer(b"", status=500)
            with pytest.raises(UpstreamError):
                await it.items([ID])

    run(body)


EMPTY = told({"result_count": 0, "page_count": 0, "results": []})
TOKEN = "/v/auth_tokens/token/"


def test_a_token_is_got_once_and_again_when_it_is_refused() -> None:
    async def body() -> None:
        given = iter(range(10))

        def grant(*_: Any) -> bytes:
            return told({"access_token": f"t{next(given)}", "expires_in": 36000})

        handlers = {TOKEN: grant, "/v/images/": EMPTY}
        async with upstream("openverse", handlers, client_id="app") as (it, server):
            await asyncio.gather(*(it.search(adult(f"{n}")) for n in range(4)))
            paths = [request.path for request in server.requests]
            assert paths.count(TOKEN) == 1
            sent = {r.headers.get("authorization") for r in server.requests if r.path != TOKEN}
            assert sent == {"Bearer t0"}
            assert all(KEY not in request.target for request in server.requests)
            server.handlers["/v/images/"] = answer(b"", status=401)
            with pytest.raises(UpstreamError) as refused:
                await it.search(adult("old"))
            assert KEY not in str(refused.value)
            server.handlers["/v/images/"] = EMPTY
            await it.search(adult("new"))
            assert server.requests[-1].headers["authorization"] == "Bearer t1"

    run(body)


@pytest.mark.parametrize(
    "said",
    [
        answer(b"", status=401),
        answer(b"", status=500),
        answer(b"<html>"),
        told({}),
        told({"access_token": 1, "expires_in": 1}),
        told({"access_token": "a\r\nX: y", "expires_in": 3600}),
        told({"access_token": "t", "expires_in": "soon"}),
    ],
    ids=range(7),
)
def test_without_a_token_nothing_is_asked(said: bytes) -> None:
    async def body() -> None:
        async with upstream("openverse", {TOKEN: said, "*": EMPTY}, client_id="app") as (
            it,
            server,
        ):
            with pytest.raises(UpstreamError) as told_:
                await it.search(adult("x"))
            assert KEY not in str(told_.value)
            assert {request.path for request in server.requests} == {TOKEN}

    run(body)


def test_an_id_without_its_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"client_id.*secret"):
        build_upstreams(chosen(it={"type": "openverse", "client_id": "app"}), None, None, env={})


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON), JSON)
def test_no_json_makes_reading_fail_in_another_way(values: list[Any], rest: Any) -> None:
    documents = [rest, {"results": values, "page_count": rest, "result_count": rest}]
    documents += [{"results": [image(**{key: rest}) for key in image()]}]
    for document in documents:
        try:
            page = READER._page(1, 20)(document)
        except WrongShape:
            continue
        assert all(item.attribution and item.licence for item in page.items)
