"""The GIPHY shape, as its servers send it and as they should not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perisai.errors import UpstreamError
from perisai.gateway.items import Ask, Size
from perisai.gateway.upstreams.giphy import GiphyUpstream
from perisai.gateway.upstreams.reading import WrongShape
from perisai.settings.gateway import GiphyUpstream as Section
from perisai.terms import AgeBand
from tests.gateway.upstreams.common import KEY, adult, child, run, told, upstream
from tests.gateway.upstreams.test_tenor import JSON

HOST = "https://media2.giphy.com/media"
META = {"status": 200, "msg": "OK", "response_id": "abc"}


def image(name: str, width: int, height: int, **more: str) -> dict[str, str]:
    """As GIPHY writes it: every number is text."""
    sizes = {"width": str(width), "height": str(height), "size": "123456"}
    return sizes | {"url": f"{HOST}/x/{name}.gif?cid=abc"} | more


def moving(name: str, width: int, height: int) -> dict[str, str]:
    files = {"mp4": f"{HOST}/x/{name}.mp4", "webp": f"{HOST}/x/{name}.webp"}
    return image(name, width, height, **files, mp4_size="1000", webp_size="2000")


def gif(number: object = "l0Hlx", **changes: Any) -> dict[str, Any]:
    return {
        "type": "gif",
        "id": number,
        "url": f"https://giphy.com/gifs/{number}",
        "embed_url": f"https://giphy.com/embed/{number}",
        "username": "somebody",
        "title": "Kucing lompat GIF",
        "alt_text": "Seekor kucing",
        "rating": "g",
        "import_datetime": "2020-02-03 04:05:06",
        "user": {"avatar_url": "https://media2.giphy.com/avatars/x.gif"},
        "analytics_response_payload": "e=Z2lm",
        "images": {
            "original": moving("giphy", 480, 270) | {"frames": "30", "hash": "00"},
            "original_still": image("giphy_s", 480, 270),
            "downsized_medium": image("giphy-m", 480, 270),
            "fixed_width": moving("200w", 200, 113),
            "fixed_height": moving("200", 356, 200),
            "fixed_width_downsampled": moving("200w_d", 200, 113),
            "fixed_height_downsampled": moving("200_d", 356, 200),
            "fixed_width_small": moving("100w", 100, 57),
            "fixed_height_small": moving("100", 178, 100),
            "preview_gif": image("preview", 50, 28),
            "preview": {"mp4": f"{HOST}/x/preview.mp4", "width": "50", "height": "28"},
            "480w_still": image("480w_s", 480, 270),
        },
    } | changes


def answered(*items: Any, total: object = 1000, **meta: Any) -> dict[str, Any]:
    pagination = {"total_count": total, "count": len(items), "offset": 0}
    return {"data": list(items), "pagination": pagination, "meta": META | meta}


READER = GiphyUpstream("giphy", Section(type="giphy", approval="yes"), KEY)


def read(document: Any, ask: Ask | None = None, offset: int = 0) -> Any:
    return READER._page(ask or adult("x"), offset, 4999)(document)


def test_an_item_is_read_without_stills_and_without_six_frame_files() -> None:
    (item,) = read(answered(gif())).items
    assert (item.upstream, item.id, item.kind) == ("giphy", "l0Hlx", "gif")
    assert item.title == "Kucing lompat GIF"
    assert item.created == datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert item.attribution == "Powered by GIPHY"
    by_name = {each.name: each for each in item.renditions}
    assert set(by_name) == {
        *(f"{kind}-{size}" for kind in ("gif", "mp4", "webp") for size in ("original", "tiny")),
        *(f"{kind}-nano" for kind in ("gif", "mp4", "webp")),
        "gif-medium",
    }
    original, tiny = by_name["gif-original"], by_name["mp4-tiny"]
    assert (original.width, original.height, original.size) == (480, 270, 123456)
    assert (tiny.width, tiny.height, tiny.size) == (200, 113, 1000)
    assert not any(part in each.url for each in item.renditions for part in ("_d.", "_s.", "prev"))


def test_a_file_that_is_named_twice_is_fetched_once() -> None:
    images = {"original": image("giphy", 480, 270), "downsized_medium": image("giphy", 480, 270)}
    (item,) = read(answered(gif(images=images))).items
    assert [each.scale for each in item.renditions] == [Size.ORIGINAL]


def test_a_sticker_is_told_by_type_or_mark() -> None:
    stickers = [gif("a", type="sticker"), gif("b", is_sticker=1), gif("c", is_sticker=0)]
    assert [item.kind for item in read(answered(*stickers)).items] == ["sticker", "sticker", "gif"]


def with_original(**changes: Any) -> dict[str, Any]:
    images = gif()["images"]
    return gif("bad", images=images | {"original": images["original"] | changes})


BROKEN = [
    None,
    [],
    {},
    gif("bad", type="video"),
    gif("bad", type="text"),
    gif("bad", id=""),
    gif("bad", id="a?b"),
    gif("bad", images=None),
    gif("bad", images={}),
    gif("bad", images={"original_still": image("s", 1, 1)}),
    gif("bad", images={"original": "x"}),
    with_original(url="https://giphy.com.evil.example/a.gif"),
    with_original(url="https://evilgiphy.com/a.gif"),
    with_original(mp4="file:///etc/passwd"),
    with_original(webp="https://media.giphy.com:22/a.webp"),
    with_original(width="0"),
    with_original(width="many"),
    with_original(width="99999999999999999999"),
    with_original(height=None),
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_item_is_dropped_whole_and_paging_goes_on(broken: object) -> None:
    page = read(answered(gif("a"), broken, gif("c")), offset=50)
    assert [item.id for item in page.items] == ["a", "c"]
    assert page.next == "53"


def test_paging_ends_where_the_answers_end_and_not_before() -> None:
    assert read(answered(None, None, total=10)).next == "2"
    assert read(answered(gif(), total=1)).next == ""
    assert read(answered(total=1000)).next == ""
    assert read(answered(gif(), total=0)).next == "1"  # trending does not always count
    assert read(answered(gif(), total="x")).total is None
    assert read(answered(gif(), total=10**9), offset=4999).next == ""


@pytest.mark.parametrize(
    "document",
    [
        answered(gif(), status=429),
        answered(gif(), response_id=""),
        {"data": [], "pagination": {}},
        {"data": {}, "meta": META},
        {"meta": META},
        [],
        {"message": "Invalid authentication credentials"},
    ],
    ids=range(7),
)
def test_a_synthetic_answer_is_no_answer(document: Any) -> None:
    with pytest.raises(WrongShape):
        read(document)


def test_what_calls_itself_worse_than_was_asked_for_is_dropped() -> None:
    ratings = ["y", "g", "pg", "pg-13", "r", "nc-17", ""]
    document = answered(*(gif(str(number), rating=each) for number, each in enumerate(ratings)))

    def kept(ask: Ask) -> str:
        return "".join(item.id for item in read(document, ask).items)

    assert kept(adult("x")) == "01236"
    assert kept(child("x")) == "016"


@pytest.mark.parametrize(
    ("band", "strict", "rating"),
    [
        (AgeBand.AGE_6_9, 0, "g"),
        (AgeBand.AGE_13_15, 0, "g"),
        (AgeBand.AGE_16_17, 0, "pg"),
        (AgeBand.ADULT, 0, "pg-13"),
        (AgeBand.ADULT, 2, "g"),
    ],
)
def test_the_rating_is_that_of_the_band(band: AgeBand, strict: int, rating: str) -> None:
    async def body() -> None:
        async with upstream("giphy", {"*": told(answered())}) as (it, server):
            ask = Ask(band=band, strict=strict)
            await it.search(ask)
            await it.categories(ask)
            assert [each.query["rating"] for each in server.requests] == [rating] * 2

    run(body)


def test_a_search_asks_for_what_was_asked_and_says_nothing_else() -> None:
    async def body() -> None:
        async with upstream("giphy", {"*": told(answered())}) as (it, server):
            await it.search(child("k" * 60, limit=99, cursor="150", locale="id-ID"))
            await it.search(child(kind="sticker", locale="zh-tw"))
            assert (await it.search(child(cursor="500"))).items == ()  # beyond what is trending
            first, second = server.requests
            assert first.path == "/v/gifs/search"
            assert first.query == {
                "api_key": KEY,
                "q": "k" * 50,
                "limit": "50",
                "offset": "150",
                "rating": "g",
                "lang": "id",
            }
            assert second.path == "/v/stickers/trending"
            assert second.query["lang"] == "zh-TW"
            for cursor in ("x", "-1", "1" * 30, "²"):
                with pytest.raises(UpstreamError, match="does not know this page"):
                    await it.search(child(cursor=cursor))

    run(body)


def test_items_categories_and_words_come_in_their_shapes() -> None:
    async def body() -> None:
        async with upstream("giphy", {}) as (it, server):

            def handler(document: dict[str, Any]) -> Any:
                said = (
                    told(document)
                    .split(b"\r\n\r\n", 1)[1]
                    .replace(HOST.encode(), server.base.encode())
                )
                return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said

            groups = [
                {"name": "hewan", "name_encoded": "hewan", "gif": gif("g1")},
                {"name": "aksi", "gif": {"id": "broken"}},
                {"name": None},
                "x",
            ]
            server.handlers |= {
                "/v/gifs": handler(answered(gif("b"), gif("a"), gif("other"))),
                "/v/gifs/categories": handler(answered(*groups)),
                "/v/trending/searches": handler(answered("hore", "pagi")),
                "/v/gifs/search/tags": handler(answered({"name": "kucing"}, {"analytics": 1})),
                "/v/gifs/search": handler(answered(gif("a"), gif("b"), gif("c"))),
            }
            assert [item.id for item in await it.items(["a", "missing", "b"])] == ["a", "b"]
            assert server.requests[-1].query["ids"] == "a,missing,b"
            found = await it.categories(child())
            assert [(each.name, each.item and each.item.id) for each in found] == [
                ("hewan", "g1"),
                ("aksi", None),
            ]
            assert await it.suggest(child(limit=1)) == ("hore",)
            assert await it.suggest(child("kuc")) == ("kucing",)
            mixed = await it.search(adult("x", random=True))
            assert {item.id for item in mixed.items} == {"a", "b", "c"}

    run(body)


@settings(max_examples=100, deadline=None)
@given(st.lists(JSON), JSON)
def test_no_json_makes_reading_fail_in_another_way(values: list[Any], rest: Any) -> None:
    documents = [
        rest,
        answered(*values, total=rest),
        {"data": values, "meta": rest, "pagination": rest},
        answered(*(gif() | each for each in values if isinstance(each, dict))),
        answered(*(gif(images={"original": each}) for each in values)),
        answered(*({"name": "x", "gif": each} for each in values)),
    ]
    for document in documents:
        for reader in (read, lambda each: READER._categories(each, 0)):
            try:
                reader(document)
            except WrongShape:
                continue
