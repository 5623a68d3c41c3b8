"""The Tenor shape, as its servers send it and as they should not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.gateway.items import Ask, Category, Rendition, Size
from perisai.gateway.upstreams.reading import WrongShape
from perisai.gateway.upstreams.tenor import TenorUpstream
from perisai.settings.gateway import TenorUpstream as Section
from perisai.terms import AgeBand
from tests.gateway.fetching.servers import answer
from tests.gateway.upstreams.common import KEY, adult, child, run, told, upstream

HOST = "https://static.klipy.com"


def media(name: str, width: int = 220, height: int = 110, size: int = 5000) -> dict[str, Any]:
    """As KLIPY's and Tenor's servers write it: a duration, an empty preview, dims as a list."""
    return {
        "url": f"{HOST}/ii/{name}",
        "dims": [width, height],
        "duration": 1.5,
        "size": size,
        "preview": "",
    }


def result(number: object = "1841", **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "title": "Kucing lompat",
        "content_description": "Seekor kucing",
        "created": 1700000000.25,
        "hasaudio": False,
        "itemurl": f"https://klipy.com/gifs/{number}",
        "url": "https://klipy.com/x",
        "tags": ["kucing", "lompat"],
        "flags": [],
        "media_formats": {
            "preview": media("p.png"),
            "gif": media("a.gif", 498, 249, 900_000),
            "mediumgif": media("m.gif", 400, 200),
            "tinygif": media("t.gif"),
            "tinygifpreview": media("tp.png"),
            "nanogif": media("n.gif", 90, 45),
            "mp4": media("a.mp4", 498, 249),
            "loopedmp4": media("l.mp4", 498, 249),
            "tinymp4": media("t.mp4"),
            "nanomp4": media("n.mp4", 90, 45),
            "webm": media("a.webm", 498, 249),
        },
    } | changes


def klipy() -> TenorUpstream:
    section = Section(type="tenor", base="https://api.klipy.com/v2/", approval="yes")
    return TenorUpstream("klipy", section, KEY)


def read(document: Any, ask: Ask | None = None) -> Any:
    return klipy()._page(ask or adult())(document)


def test_an_item_is_read_with_every_animated_rendition_and_no_still() -> None:
    (item,) = read({"results": [result()], "next": "CAgQ"}).items
    assert (item.upstream, item.id, item.kind, item.title) == (
        "klipy",
        "1841",
        "gif",
        "Kucing lompat",
    )
    assert item.tags == ("kucing", "lompat")
    assert item.created == datetime(2023, 11, 14, 22, 13, 20, 250_000, tzinfo=UTC)
    names = {each.name for each in item.renditions}
    assert names == {
        "gif-original",
        "gif-medium",
        "gif-tiny",
        "gif-nano",
        "mp4-original",
        "mp4-tiny",
        "mp4-nano",
        "webm-original",
    }
    assert item.renditions[0] == Rendition(
        "gif", Size.ORIGINAL, f"{HOST}/ii/a.gif", 498, 249, 900_000
    )
    assert not any("/p.png" in each.url or "/l.mp4" in each.url for each in item.renditions)


def test_a_sticker_is_told_by_its_flags_and_shown_with_its_transparency() -> None:
    formats = {"gif": media("white.gif"), "gif_transparent": media("clear.gif")}
    formats["tinywebp_transparent"] = media("clear.webp")
    for flags in ("sticker,static", ["sticker"]):
        (item,) = read({"results": [result(flags=flags, media_formats=formats)]}).items
        assert item.kind == "sticker"
        assert [each.url for each in item.renditions] == [
            f"{HOST}/ii/clear.gif",
            f"{HOST}/ii/clear.webp",
        ]
    (item,) = read({"results": [result(flags=None)]}, adult(kind="sticker")).items
    assert item.kind == "sticker"


def with_url(url: object) -> dict[str, Any]:
    formats = result()["media_formats"]
    return result(2, media_formats=formats | {"tinygif": media("x") | {"url": url}})


def with_dims(dims: object) -> dict[str, Any]:
    formats = result()["media_formats"]
    return result(2, media_formats=formats | {"tinygif": media("x") | {"dims": dims}})


BROKEN = [
    None,
    "advertisement",
    {"type": "ad", "content": "<script>"},
    {},
    result(2, id=None),
    result(2, id=True),
    result(2, id=""),
    result(2, id="../../posts"),
    result(2, id="a/b"),
    result(2, id="a,b"),
    result(2, id="x" * 129),
    result(2, media_formats=None),
    result(2, media_formats=[]),
    result(2, media_formats={}),
    result(2, media_formats={"preview": media("p.png")}),
    result(2, media_formats={"gif": "https://static.klipy.com/a.gif"}),
    with_url("https://evil.example/a.gif"),
    with_url("http://127.0.0.1/a.gif"),
    with_url("https://static.klipy.com@evil.example/a.gif"),
    with_url("https://static.klipy.com:8443/a.gif"),
    with_url("https://evilklipy.com/a.gif"),
    with_url("javascript:alert(1)"),
    with_url(["https://static.klipy.com/a.gif"]),
    with_dims(None),
    with_dims([1]),
    with_dims([0, 5]),
    with_dims([-1, 5]),
    with_dims([10**9, 5]),
    with_dims(["wide", 5]),
    with_dims([True, 5]),
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_item_is_dropped_whole_and_the_others_stay(broken: object) -> None:
    page = read({"results": [result(1), broken, result(3)], "next": "n"})
    assert [item.id for item in page.items] == ["1", "3"]
    assert page.next == "n"


def test_texts_are_one_line_and_of_bounded_length() -> None:
    nasty = result(title="a\x00b\nc\u2028d" + "x" * 9000, tags=["a", "a", "", 5, None, "b\tc"] * 99)
    (item,) = read({"results": [nasty]}).items
    assert item.title.startswith("a b c dx")
    assert len(item.title) == 300
    assert item.tags == ("a", "b c")
    (item,) = read({"results": [result(title=None)]}).items
    assert item.title == "Seekor kucing"


@pytest.mark.parametrize(
    ("given", "cursor"),
    [
        ("", ""),
        ("CAgQ", "CAgQ"),
        (20, "20"),
        (20.5, "20.5"),
        (None, ""),
        ([], ""),
        ({}, ""),
        ("x" * 513, ""),
        ("same", ""),
    ],
)
def test_the_cursor_is_text_that_leads_on_or_nothing(given: object, cursor: str) -> None:
    page = read({"results": [], "next": given}, adult(cursor="same"))
    assert page.next == cursor


def test_what_calls_itself_worse_than_was_asked_for_is_dropped() -> None:
    ratings = ["g", "PG", "pg-13", "r", "x", None, ""]
    results = [result(n, content_rating=rating) for n, rating in enumerate(ratings)]
    document = {"results": results}

    def kept(ask: Ask) -> str:
        return "".join(item.id for item in read(document, ask).items)

    assert kept(adult()) == "01256"
    assert kept(adult(strict=1)) == "0156"
    assert kept(child()) == "056"


@pytest.mark.parametrize(
    ("band", "strict", "word"),
    [
        (AgeBand.AGE_3_5, 0, "high"),
        (AgeBand.AGE_13_15, 0, "high"),
        (AgeBand.AGE_16_17, 0, "medium"),
        (AgeBand.AGE_16_17, 1, "high"),
        (AgeBand.ADULT, 0, "low"),
        (AgeBand.ADULT, 1, "medium"),
        (AgeBand.ADULT, 2, "high"),
        (AgeBand.ADULT, 9, "high"),
        (AgeBand.ADULT, -5, "low"),
        (AgeBand.AGE_3_5, -5, "high"),
    ],
)
def test_the_filter_is_that_of_the_band_and_can_only_be_tightened(
    band: AgeBand, strict: int, word: str
) -> None:
    async def body() -> None:
        async with upstream("tenor", {"*": told({"results": [], "tags": []})}) as (it, server):
            ask = Ask(band=band, strict=strict)
            await it.search(ask)
            await it.categories(ask)
            assert [each.query["contentfilter"] for each in server.requests] == [word] * 2

    run(body)


def test_a_search_asks_for_what_was_asked_and_says_nothing_else() -> None:
    async def body() -> None:
        async with upstream("tenor", {"*": told({"results": []})}) as (it, server):
            await it.search(child("kucing & anjing", limit=99, cursor="x/y", locale="id-ID"))
            await it.search(adult(kind="sticker", random=True))
            await it.search(adult("kucing", random=True, limit=0))
            first, second, third = server.requests
            assert first.path == "/v/search"
            assert first.query == {
                "key": KEY,
                "q": "kucing & anjing",
                "limit": "50",
                "pos": "x/y",
                "contentfilter": "high",
                "locale": "id_ID",
                "country": "ID",
            }
            assert second.path == "/v/featured"
            assert second.query == {
                "key": KEY,
                "limit": "20",
                "contentfilter": "low",
                "searchfilter": "sticker",
            }
            assert third.query["random"] == "true"
            assert third.query["limit"] == "1"

    run(body)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("en-gb", "en_GB"),
        ("en_GB", "en_GB"),
        ("ID", "id"),
        ("id", "id"),
        ("jv-id", "jv_ID"),
        ("zh-hant-tw", "zh"),
        ("", None),
        ("x", None),
        ("en&key=1", None),
        ("ｅｎ", None),  # noqa: RUF001
    ],
)
def test_no_locale_that_klipy_refuses_is_sent(given: str, sent: str | None) -> None:
    async def body() -> None:
        async with upstream("tenor", {"*": told({"results": []})}) as (it, server):
            await it.search(adult(locale=given))
            assert server.requests[0].query.get("locale") == sent

    run(body)


def test_items_come_in_the_order_asked_and_only_those() -> None:
    async def body() -> None:
        def posts(request: Any, _writer: Any) -> bytes:
            ids = request.query["ids"].split(",")
            assert len(ids) <= 50
            known = [result(each) for each in reversed(ids) if each != "n3"] + [result("other")]
            for each in known:
                for one in each["media_formats"].values():
                    one["url"] = one["url"].replace(HOST, f"http://{request.headers['host']}")
            return told({"results": known})

        async with upstream("tenor", {"/v/posts": posts}) as (it, server):
            ids = [f"n{number}" for number in range(60)]
            found = await it.items([*ids, "../x", "n1"])
            assert [item.id for item in found] == [each for each in ids if each != "n3"]
            assert len(server.requests) == 2
            assert await it.items(["a b", ""]) == ()
            assert len(server.requests) == 2

    run(body)


def test_categories_keep_their_words_and_nothing_that_holds_the_key() -> None:
    tags = [
        {
            "searchterm": "selamat pagi",
            "path": f"https://x/v2/search?key={KEY}",
            "image": "https://x/i",
            "name": "#selamat pagi",
        },
        {"searchterm": "", "name": "#x"},
        {"searchterm": "hore"},
        None,
    ]

    async def body() -> None:
        async with upstream("tenor", {"/v/categories": told({"tags": tags})}) as (it, _):
            assert await it.categories(child()) == (
                Category("selamat pagi", "selamat pagi"),
                Category("hore", "hore"),
            )

    run(body)


def test_suggestions_come_from_completion_then_relation_and_trends() -> None:
    async def body() -> None:
        handlers = {
            "/v/trending_terms": told({"results": ["hore", "hore", 5, "pagi"]}),
            "/v/autocomplete": told({"results": []}),
            "/v/search_suggestions": told({"results": ["kucing lucu", "kucing oren"]}),
        }
        async with upstream("tenor", handlers) as (it, server):
            assert await it.suggest(child()) == ("hore", "pagi")
            assert await it.suggest(child("kuc", limit=1)) == ("kucing lucu",)
            server.handlers["/v/autocomplete"] = told({"results": ["kucing"]})
            assert await it.suggest(child("kuc")) == ("kucing",)

    run(body)


def test_bytes_are_fetched_as_they_are() -> None:
    async def body() -> None:
        async with upstream("tenor", {"/a.gif": answer(b"GIF89a")}) as (it, server):
            rendition = Rendition("gif", Size.TINY, f"{server.base}/a.gif", 1, 1, 99)
            assert await it.fetch(rendition, 100) == b"GIF89a"

    run(body)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from([f"{HOST}/a.gif", "1841", "sticker"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*result(), *media("x"), "gif", "tinygif"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(JSON, JSON.map(lambda value: result(title=value)))), JSON)
def test_no_json_makes_reading_fail_in_another_way(results: list[Any], rest: Any) -> None:
    documents = [
        rest,
        {"results": results, "next": rest},
        {"results": [result() | each for each in results if isinstance(each, dict)]},
        {"results": [result(media_formats={"gif": each}) for each in results]},
        {"results": [result(tags=rest, flags=rest, created=rest, id=rest)]},
    ]
    for document in documents:
        try:
            page = READER._page(adult())(document)
        except WrongShape:
            continue
        assert all(item.renditions and item.id for item in page.items)


READER = klipy()
