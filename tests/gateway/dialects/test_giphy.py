"""GIPHY's first interface, asked over HTTP messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from perisai.errors import StorageError
from perisai.gateway.dialects.giphy_wire import FULL, PLAIN, VIDEOS
from perisai.terms import AgeBand
from tests.common.gateway import BLOCKED, HELP, Drawer, Gateway, Keys, MemorySearcher

if TYPE_CHECKING:
    from perisai.gateway.clients import Client
    from perisai.gateway.items import Ask, ServedItem, ServedPage


def get(client: TestClient, path: str, **query: object) -> dict:
    answer = client.get(f"/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["meta"]["status"] == 200
    assert body["meta"]["response_id"]
    return body


def only(drawer: Drawer, item: ServedItem) -> TestClient:
    return TestClient(Gateway(MemorySearcher([item]), drawer), base_url="http://gif.test")


def walk(client: TestClient, path: str, limit: int) -> tuple[list[str], list[dict]]:
    """Page as GIPHY's own paginator does: on from ``offset + count``, until that is the total."""
    seen: list[str] = []
    places: list[dict] = []
    offset = 0
    for _ in range(20):
        body = get(client, path, q="cats", limit=limit, offset=offset)
        seen += [gif["id"] for gif in body["data"]]
        places.append(body["pagination"])
        offset = body["pagination"]["offset"] + body["pagination"]["count"]
        if offset == body["pagination"]["total_count"]:
            break
    else:
        pytest.fail("Paging does not end.")
    return seen, places


def test_item_has_every_rendition_from_the_one_screened_file_in_strings(
    client: TestClient,
) -> None:
    gif = get(client, "gifs/search", q="cats", limit=1)["data"][0]
    assert (FULL | PLAIN).keys() | {"downsized_small"} == gif["images"].keys()
    for rendition in gif["images"].values():
        assert (rendition["width"], rendition["height"]) == ("120", "90")
        assert int(rendition["size"]) > 100
        assert rendition["url"].startswith("http://gif.test/media/")
    answer = client.get(gif["images"]["fixed_width"]["url"])
    assert answer.headers["content-type"] == "image/gif"
    assert gif["url"] == gif["bitly_url"] == f"http://gif.test/report/{gif['id']}"
    assert (gif["title"], gif["alt_text"]) == ("ball 0 moving", "ball 0 moving")
    assert gif["import_datetime"] == "2024-05-06 07:08:09"


def test_nothing_that_tracks_or_leads_elsewhere_is_sent(client: TestClient) -> None:
    text = json.dumps(get(client, "gifs/trending", api_key="adult-key"))
    for word in ("analytics", "avatar", "user_", '"user"', "bottle", "embed", "giphy.com"):
        assert word not in text
    assert "adult-key" not in text


@pytest.mark.parametrize(
    "types", [("gif",), ("gif", "mp4"), ("gif", "webp", "mp4"), ("gif", "webm")]
)
def test_no_name_of_a_video_points_at_a_picture(drawer: Drawer, types: tuple[str, ...]) -> None:
    client = only(drawer, drawer.item("kinds", types=types, cold=False))
    images = get(client, "gifs/search", q="cats")["data"][0]["images"]
    assert (VIDEOS.keys() <= images.keys()) is ("mp4" in types)
    for name, rendition in images.items():
        promised = {"url": "webp" if name == "preview_webp" else "gif", "webp": "webp"}
        for key, kind in (promised | {"mp4": "mp4"}).items():
            if key in rendition:
                assert rendition[key].partition("?")[0].endswith(f".{kind}"), name


def test_item_without_a_picture_is_left_out(drawer: Drawer) -> None:
    client = only(drawer, item := drawer.item("clip", types=("mp4",)))
    body = get(client, "gifs/search", q="cats")
    assert (body["data"], body["pagination"]["count"]) == ([], 1)
    assert client.get(f"/v1/gifs/{item.number}").status_code == 404
    assert get(client, "gifs/random")["data"] == {}


@pytest.mark.parametrize("limit", [1, 5, 12, 50])
@pytest.mark.parametrize("total", [True, False])
def test_paging_by_offset_reaches_all_and_ends(
    client: TestClient, searcher: MemorySearcher, limit: int, total: bool
) -> None:
    searcher.total = total
    seen, _ = walk(client, "gifs/search", limit)
    assert len(seen) == len(set(seen)) == 12


def test_withheld_items_count_and_keep_paging_alive(
    client: TestClient, searcher: MemorySearcher
) -> None:
    searcher.withheld = {item.number for item in searcher.items_[:7]}
    seen, places = walk(client, "gifs/search", 5)
    assert len(seen) == 5
    assert places[0] == {"total_count": 12, "count": 5, "offset": 0, "hasMoreGifs": True}
    assert "hasMoreGifs" not in places[-1]


def test_offset_behind_what_giphy_gives_ends_paging(
    client: TestClient, searcher: MemorySearcher
) -> None:
    for path, offset in (("gifs/search", 5000), ("gifs/trending", 500), ("gifs/search", 10**30)):
        asked = len(searcher.told)
        place = get(client, path, q="cats", offset=offset)["pagination"]
        assert place["count"] == 0
        assert place["total_count"] == place["offset"]
        assert len(searcher.told) == asked


def test_blocked_and_blank_words_give_an_empty_page_that_is_no_error(client: TestClient) -> None:
    for words in (BLOCKED, "", "   "):
        body = get(client, "gifs/search", q=words)
        assert body["data"] == []
        assert body["pagination"] == {"total_count": 0, "count": 0, "offset": 0}
        assert get(client, "gifs/translate", s=words)["data"] == {}
    assert get(client, "gifs/random", tag=BLOCKED)["data"] == {}


def test_help_card_is_what_single_answers_give(
    client: TestClient, searcher: MemorySearcher, drawer: Drawer
) -> None:
    searcher.card = drawer.item("help card")
    words = f"cats {HELP}"
    assert get(client, "gifs/search", q=words)["data"][0]["id"] == searcher.card.number
    assert get(client, "gifs/translate", s=words, weirdness=9)["data"]["id"] == searcher.card.number
    for _ in range(5):
        assert get(client, "gifs/random", tag=words)["data"]["id"] == searcher.card.number


def test_stickers_are_the_other_half(client: TestClient, searcher: MemorySearcher) -> None:
    for path in ("stickers/search", "stickers/trending"):
        body = get(client, path, q="cats")
        assert [gif["type"] for gif in body["data"]] == ["sticker"] * 3
        assert body["data"][0]["is_sticker"] == 1
    assert get(client, "stickers/random")["data"]["type"] == "sticker"
    assert get(client, "stickers/translate", s="cats")["data"]["type"] == "sticker"
    assert get(client, "stickers/related", gif_id=searcher.items_[-1].number)["data"]
    assert get(client, "stickers/categories")["data"]
    assert get(client, "stickers/search/tags", q="ca")["data"]
    assert searcher.told[-1].kind == "sticker"


def test_translate_goes_further_down_the_weirder(
    client: TestClient, searcher: MemorySearcher
) -> None:
    ids = [item.number for item in searcher.items_]
    assert get(client, "gifs/translate", s="cats")["data"]["id"] == ids[0]
    assert get(client, "gifs/translate", s="cats", weirdness=10)["data"]["id"] == ids[10]
    assert get(client, "gifs/translate", s="cats", weirdness="1e999")["data"]["id"] == ids[10]
    assert get(client, "gifs/translate", s="cats", weirdness="nan")["data"]["id"] == ids[0]


def test_random_differs_and_has_what_older_clients_read(
    client: TestClient, searcher: MemorySearcher
) -> None:
    found = [get(client, "gifs/random", tag="cats")["data"] for _ in range(40)]
    assert len({gif["id"] for gif in found}) > 1
    assert searcher.told[-1].random
    assert found[0]["image_original_url"] == found[0]["images"]["original"]["url"]
    assert (found[0]["image_width"], found[0]["image_mp4_url"]) == ("120", "")


def test_items_by_number(client: TestClient, searcher: MemorySearcher) -> None:
    a, b, c = (item.number for item in searcher.items_[:3])
    assert get(client, f"gifs/{a}")["data"]["id"] == a
    searcher.withheld = {b}
    assert [gif["id"] for gif in get(client, "gifs", ids=f"{c},{b},{a}")["data"]] == [c, a]
    for gone in (b, "none", "%2e%2e%2f", "none/more/and/more"):
        answer = client.get(f"/v1/gifs/{gone}")
        assert (answer.status_code, answer.json()["meta"]["msg"]) == (404, "Not Found")


def test_related_leaves_out_the_item_itself(client: TestClient, searcher: MemorySearcher) -> None:
    number = searcher.items_[0].number
    body = get(client, "gifs/related", gif_id=number, limit=4)
    assert number not in [gif["id"] for gif in body["data"]]
    assert (len(body["data"]), body["pagination"]["count"]) == (3, 4)


def test_categories_and_what_is_in_them(client: TestClient, searcher: MemorySearcher) -> None:
    body = get(client, "gifs/categories", fields="id")
    assert [group["name_encoded"] for group in body["data"]] == ["cats", "good-night", "dogs"]
    assert "images" in body["data"][0]["gif"]
    assert "gif" not in body["data"][1]
    part = get(client, "gifs/categories", limit=1, offset=1)
    assert part["pagination"] == {"total_count": 3, "count": 1, "offset": 1}
    inner = get(client, "gifs/categories/good-night")["data"]
    assert [group["name"] for group in inner] == ["Good night"]
    assert len(get(client, "gifs/categories/cats/cats", limit=3)["data"]) == 3
    get(client, "gifs/categories/good-night/good-night")
    assert searcher.told[-1].text == "good night"


def test_words(client: TestClient) -> None:
    names = [word["name"] for word in get(client, "gifs/search/tags", q="ca")["data"]]
    assert names == ["cats", "cats and dogs"]
    more = get(client, "gifs/search/tags", q="ca", limit=1, offset=1)
    assert [word["name"] for word in more["data"]] == ["cats and dogs"]
    assert get(client, "tags/related/cats")["data"][0] == {"name": "cats"}
    assert "rain" in get(client, "trending/searches")["data"]
    first, second = (get(client, "randomid")["data"]["random_id"] for _ in range(2))
    assert first != second


def test_what_only_giphy_has_is_an_empty_page(client: TestClient) -> None:
    for path in ("/v1/channels/search?q=a", "/v2/emoji", "/v2/emoji/1/variations", "/v1/emoji"):
        body = client.get(path).json()
        assert body["data"] == []
        assert body["pagination"] == {"total_count": 0, "count": 0, "offset": 0}
        assert body["meta"]["response_id"]


@pytest.mark.parametrize(
    ("rating", "strict", "said"),
    [
        ("", 0, "r"),
        ("r", 0, "r"),
        ("pg-13", 1, "pg-13"),
        ("pg", 2, "pg"),
        ("G", 2, "g"),
        ("y", 2, "g"),
        ("xxx", 0, "r"),
    ],
)
def test_rating_only_tightens(
    client: TestClient, searcher: MemorySearcher, rating: str, strict: int, said: str
) -> None:
    body = get(client, "gifs/search", q="cats", rating=rating, api_key="adult-key")
    assert searcher.told[-1].strict == strict
    assert {gif["rating"] for gif in body["data"]} == {said}
    body = get(client, "gifs/search", q="cats", rating=rating, api_key="child-key")
    assert (searcher.told[-1].strict, searcher.told[-1].band) == (0, AgeBand.AGE_6_9)
    assert {gif["rating"] for gif in body["data"]} == {"g"}


def test_fields_are_dotted_paths(client: TestClient) -> None:
    gif = get(client, "gifs/search", q="cats", fields="id, images.original.url,none,title.x")
    assert gif["data"][0].keys() == {"id", "images", "title"}
    assert gif["data"][0]["images"].keys() == {"original"}
    assert gif["data"][0]["images"]["original"].keys() == {"url"}


def test_only_previews_carry_a_ticket_of_who_asked(client: TestClient) -> None:
    images = get(client, "gifs/search", q="cats", api_key="adult-key")["data"][0]["images"]
    without = {name for name, each in images.items() if "?" not in each["url"]}
    assert without == {
        "original",
        "original_still",
        "downsized",
        "downsized_still",
        "downsized_large",
        "downsized_medium",
        "downsized_small",
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("gifs/search", 400),
        ("gifs/search?q=a&limit=many", 400),
        ("gifs/search?q=a&offset=1e3", 400),
        ("gifs/search?q=" + "x" * 51, 414),
        ("gifs/translate", 400),
        ("gifs/translate?s=a&weirdness=very", 400),
        ("gifs/related", 400),
        ("gifs", 400),
        ("gifs?ids=" + ",".join(["x"] * 51), 400),
        ("stickers/random?tag=" + "x" * 51, 414),
        ("gifs/none", 404),
    ],
)
def test_bad_parameter_is_an_error_with_an_empty_response_id(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(f"/v1/{path}")
    assert answer.status_code == status
    meta = answer.json()["meta"]
    assert (meta["status"], meta["response_id"], answer.json()["data"]) == (status, "", [])
    assert meta["msg"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_unknown_key_foreign_key_and_haste_are_refused_in_the_same_shape(
    searcher: MemorySearcher, drawer: Drawer
) -> None:
    keys = Keys({"k": AgeBand.ADULT}, frozenset({"tenor"}))
    client = TestClient(Gateway(searcher, drawer, keys=keys, anonymous_per_minute=2))
    for key, status in (("k", 403), ("none", 401)):
        answer = client.get(f"/v1/gifs/trending?api_key={key}")
        assert (answer.status_code, answer.json()["meta"]["status"]) == (status, status)
    answers = [client.get("/v1/gifs/trending") for _ in range(4)]
    assert answers[-1].status_code == answers[-1].json()["meta"]["status"] == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_what_fails_inside_says_nothing_of_the_inside(drawer: Drawer) -> None:
    class Broken(MemorySearcher):
        async def page(self, ask: Ask, client: Client) -> ServedPage:
            raise StorageError("password is hunter2")

    answer = TestClient(Gateway(Broken([]), drawer)).get("/v1/gifs/trending")
    assert (answer.status_code, answer.json()["meta"]["response_id"]) == (503, "")
    assert "hunter2" not in answer.text
