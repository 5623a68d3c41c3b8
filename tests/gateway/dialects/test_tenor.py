"""Tenor's second interface, asked over HTTP messages."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from starlette.testclient import TestClient

from perisai.errors import StorageError
from perisai.terms import AgeBand
from tests.common.gateway import BLOCKED, HELP, KEYS, Drawer, Gateway, Keys, MemorySearcher

if TYPE_CHECKING:
    from perisai.gateway.clients import Client
    from perisai.gateway.items import Ask, ServedItem, ServedPage


def results(client: TestClient, query: str, path: str = "search") -> list[dict]:
    answer = client.get(f"/v2/{path}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def only(drawer: Drawer, item: ServedItem) -> TestClient:
    return TestClient(Gateway(MemorySearcher([item]), drawer), base_url="http://gif.test")


def test_item_of_a_cold_page_has_every_picture_from_the_one_screened_file(
    client: TestClient,
) -> None:
    item = results(client, "q=cats&limit=1")[0]
    media = item["media_formats"]
    assert {"gif", "mediumgif", "tinygif", "nanogif"} <= media.keys()
    assert len({urlsplit(each["url"]).path for each in media.values()}) == 1
    assert all(each["preview"] == "" and each["dims"] == [120, 90] for each in media.values())
    assert client.get(media["tinygif"]["url"]).headers["content-type"] == "image/gif"
    assert item["itemurl"] == item["url"] == f"http://gif.test/report/{item['id']}"
    assert (item["title"], item["content_description"]) == ("ball 0 moving", "ball 0 moving")
    assert item["tags"] == ["cats", "waves"]
    assert isinstance(item["created"], float)


def test_no_name_of_a_video_points_at_a_picture(drawer: Drawer) -> None:
    for types in (("gif",), ("gif", "webp"), ("gif", "mp4"), ("gif", "webp", "mp4", "webm")):
        item = drawer.item("kinds", types=types, cold=False)
        for name, media in results(only(drawer, item), "q=cats")[0]["media_formats"].items():
            ends = media["url"].partition("?")[0].rpartition(".")[2]
            kind = next((each for each in ("mp4", "webm", "webp") if each in name), "gif")
            assert ends == kind, name
    names = results(only(drawer, drawer.item("k", types=("gif", "mp4"))), "q=cats")[0]
    assert {"mp4", "tinymp4", "nanomp4", "loopedmp4"} <= names["media_formats"].keys()
    assert "webm" not in names["media_formats"]


def test_sizes_go_to_their_names_once_they_are_screened(drawer: Drawer) -> None:
    item = drawer.item("warm", cold=False)
    media = results(only(drawer, item), "q=cats")[0]["media_formats"]
    assert media["gif"]["dims"] == [240, 180]
    assert media["tinygif"]["dims"] == [120, 90]


def test_item_without_a_picture_is_left_out_unless_only_its_video_is_asked_for(
    drawer: Drawer,
) -> None:
    clip = only(drawer, drawer.item("clip", types=("mp4",)))
    assert results(clip, "q=cats") == []
    assert results(clip, "q=cats&media_filter=gif,mp4") == []
    assert results(clip, "q=cats&media_filter=mp4")[0]["media_formats"].keys() == {"mp4"}
    webp = results(only(drawer, drawer.item("other", types=("webp",))), "q=cats")[0]
    assert ".webp" in webp["media_formats"]["gif"]["url"]  # an <img> shows it as well
    gif = only(drawer, drawer.item("gif", types=("gif",)))
    assert results(gif, "q=cats&media_filter=mp4") == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("gif,tinygif", {"gif", "tinygif"}),
        (" tinygif , gif , nonsense", {"gif", "tinygif"}),
        ("tinygifpreview", {"tinygifpreview"}),
    ],
)
def test_media_filter_names_the_formats(client: TestClient, text: str, names: set[str]) -> None:
    found = results(client, f"q=cats&media_filter={text}")
    assert all(item["media_formats"].keys() == names for item in found)


def test_media_filter_of_the_first_interface_gives_the_usual_formats(client: TestClient) -> None:
    assert {"gif", "tinygif"} <= results(client, "q=cats&media_filter=minimal")[0][
        "media_formats"
    ].keys()


def test_next_leads_through_all_items_and_is_empty_at_the_end(client: TestClient) -> None:
    seen: list[str] = []
    pos = ""
    for _ in range(10):
        page = client.get("/v2/search", params={"q": "cats", "limit": 5, "pos": pos}).json()
        seen += [item["id"] for item in page["results"]]
        pos = page["next"]
        if not pos:
            break
    assert len(seen) == len(set(seen)) == 12


def test_page_whose_items_were_all_withheld_goes_on(
    client: TestClient, searcher: MemorySearcher
) -> None:
    searcher.withheld = {item.number for item in searcher.items_[:5]}
    first = client.get("/v2/featured?limit=5").json()
    assert first["results"] == []
    assert first["next"]
    second = client.get("/v2/featured", params={"limit": 5, "pos": first["next"]}).json()
    assert len(second["results"]) == 5


@pytest.mark.parametrize(
    ("pos", "cursor"), [("20", "o:20"), ("20.0", "o:20"), ("0", ""), ("page.5", "page.5")]
)
def test_position_may_be_a_number(
    client: TestClient, searcher: MemorySearcher, pos: str, cursor: str
) -> None:
    results(client, f"q=cats&pos={pos}")
    assert searcher.told[-1].cursor == cursor


def test_blocked_and_blank_words_give_an_empty_page(client: TestClient) -> None:
    for words in (BLOCKED, "", "%20%20"):
        answer = client.get(f"/v2/search?q={words}")
        assert (answer.status_code, answer.json()) == (200, {"results": [], "next": ""})


def test_help_card_comes_first(
    client: TestClient, searcher: MemorySearcher, drawer: Drawer
) -> None:
    searcher.card = drawer.item("help card")
    assert results(client, f"q=cats {HELP}&limit=2")[0]["id"] == searcher.card.number


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("", 20),
        ("limit=7", 7),
        ("limit=0", 1),
        ("limit=-3", 1),
        ("limit=500", 50),
        ("limit=undefined", 20),
        ("limit=" + "9" * 5000, 50),
    ],
)
def test_limit_is_drawn_into_its_range(
    client: TestClient, searcher: MemorySearcher, query: str, limit: int
) -> None:
    results(client, query, "featured")
    assert searcher.told[-1].limit == limit


@pytest.mark.parametrize(
    ("key", "filter_", "strict"),
    [
        ("adult-key", "", 0),
        ("adult-key", "off", 0),
        ("adult-key", "low", 1),
        ("adult-key", "medium", 2),
        ("adult-key", "high", 2),
        ("child-key", "off", 0),
        ("child-key", "high", 0),
        ("adult-key", "nonsense", 0),
    ],
)
def test_content_filter_only_tightens(
    client: TestClient, searcher: MemorySearcher, key: str, filter_: str, strict: int
) -> None:
    results(client, f"q=cats&key={key}&contentfilter={filter_}")
    assert searcher.told[-1].strict == strict
    assert searcher.told[-1].band is KEYS[key]


def test_words_language_and_kind_are_passed_on(
    client: TestClient, searcher: MemorySearcher
) -> None:
    results(client, "q=%00Selamat%09pagi%20&locale=ID&country=id&searchfilter=sticker,-static")
    ask = searcher.told[-1]
    assert (ask.text, ask.locale, ask.kind) == ("Selamat pagi", "id_ID", "sticker")
    assert results(client, "q=cats&searchfilter=sticker")[0]["flags"] == ["sticker"]
    results(client, "q=cats&locale=en-gb&random=true")
    assert (searcher.told[-1].locale, searcher.told[-1].random) == ("en_GB", True)
    results(client, "q=cats&locale=../../x")
    assert searcher.told[-1].locale == ""


def test_shape_that_was_not_asked_for_is_left_out(drawer: Drawer) -> None:
    items = [drawer.item("wide", shape=(200, 50)), drawer.item("even", shape=(100, 80))]
    client = TestClient(Gateway(MemorySearcher(items), drawer))
    assert [item["title"] for item in results(client, "q=cats&ar_range=standard")] == [
        "even moving"
    ]
    assert len(results(client, "q=cats&ar_range=all")) == 2
    assert len(results(client, "q=cats&ar_range=nonsense")) == 2


def test_posts_come_in_order_without_what_may_not_be_shown(
    client: TestClient, searcher: MemorySearcher
) -> None:
    a, b, c = (item.number for item in searcher.items_[:3])
    searcher.withheld = {b}
    assert [item["id"] for item in results(client, f"ids={c},{b},none,{a}", "posts")] == [c, a]
    many = client.get("/v2/posts?ids=" + ",".join(["x"] * 51))
    assert (many.status_code, many.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_categories_lead_to_searches_here_without_the_key(client: TestClient) -> None:
    tags = client.get("/v2/categories?type=featured&key=adult-key&locale=id&limit=2").json()["tags"]
    assert [tag["name"] for tag in tags] == ["Cats", "Good night", "Dogs"]
    for tag in tags:
        place = urlsplit(tag["path"])
        assert (place.netloc, place.path) == ("gif.test", "/v2/search")
        assert parse_qs(place.query) == {"q": [tag["searchterm"]], "locale": ["id"]}
        assert client.get(tag["path"]).status_code == 200
    picture = base64.b64decode(tags[1]["image"].partition(",")[2])
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (1, 1)
    assert client.get(tags[0]["image"]).headers["content-type"] == "image/gif"


def test_suggestions_and_trending_words(client: TestClient) -> None:
    for path in ("autocomplete", "search_suggestions"):
        assert results(client, "q=ca&limit=1", path) == ["cats"]
        assert results(client, "q=", path) == []
        assert client.get(f"/v2/{path}").status_code == 400
    assert len(results(client, "limit=3", "trending_terms")) == 3


def test_sharing_is_counted_by_either_method(client: TestClient, searcher: MemorySearcher) -> None:
    assert client.get("/v2/registershare?id=abc&q=cats").json() == {}
    assert client.post("/v2/registershare?id=def").json() == {}
    assert searcher.shares == ["abc", "def"]
    assert client.get("/v2/registershare").status_code == 400


def test_only_previews_carry_a_ticket_of_who_asked(client: TestClient) -> None:
    media = results(client, "q=cats&key=adult-key")[0]["media_formats"]
    assert {name for name, each in media.items() if "?" in each["url"]} == {
        "tinygif",
        "nanogif",
        "preview",
    }


def test_attribution_is_kept(drawer: Drawer) -> None:
    from dataclasses import replace

    item = drawer.item("open")
    about = replace(item.item, attribution="Ball, by Someone", licence="CC BY 4.0", source="x")
    found = results(only(drawer, replace(item, item=about)), "q=cats")[0]
    assert (found["attribution"], found["licence"]) == ("Ball, by Someone", "CC BY 4.0")
    assert "source" not in found


@pytest.mark.parametrize(
    "query",
    [
        "search",
        "search?q=" + "x" * 501,
        "search?q=a&limit=many",
        "search?q=a&limit=1.5",
        "search?q=a&searchfilter=all",
        "search?q=a&pos=" + "x" * 2001,
        "posts",
        "posts?ids=,,",
    ],
)
def test_bad_parameter_is_an_error_in_googles_envelope(client: TestClient, query: str) -> None:
    answer = client.get(f"/v2/{query}")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["status"], error["details"]) == (400, "INVALID_ARGUMENT", [])
    assert error["message"].startswith("'")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_unknown_key_foreign_key_and_haste_are_refused_in_the_same_envelope(
    searcher: MemorySearcher, drawer: Drawer
) -> None:
    keys = Keys({"k": AgeBand.ADULT}, frozenset({"giphy"}))
    client = TestClient(Gateway(searcher, drawer, keys=keys, anonymous_per_minute=2))
    answer = client.get("/v2/search?q=a&key=k")
    assert (answer.status_code, answer.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    answer = client.get("/v2/search?q=a&key=none")
    assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    answers = [client.get("/v2/search?q=a") for _ in range(4)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].headers["access-control-allow-origin"] == "*"


def test_what_fails_inside_says_nothing_of_the_inside(drawer: Drawer) -> None:
    class Broken(MemorySearcher):
        async def page(self, ask: Ask, client: Client) -> ServedPage:
            raise StorageError("password is hunter2")

    answer = TestClient(Gateway(Broken([]), drawer)).get("/v2/featured")
    assert (answer.status_code, answer.json()["error"]["status"]) == (503, "UNAVAILABLE")
    assert "hunter2" not in answer.text
    assert answer.headers["retry-after"]


def test_half_a_character_in_an_upstreams_words_breaks_nothing(drawer: Drawer) -> None:
    found = results(only(drawer, drawer.item("odd", title="ball \ud83d ball")), "q=cats")
    assert found[0]["title"] == "ball ? ball"


def test_pages_of_any_origin_may_ask(client: TestClient) -> None:
    answer = client.get("/v2/search?q=cats&callback=steal", headers={"Origin": "https://chat.test"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["cache-control"] == "private, max-age=0"
    assert answer.headers["content-type"] == "application/json"
    assert answer.text.startswith("{")
    before = client.options(
        "/v2/search?key=none", headers={"Origin": "x", "Access-Control-Request-Method": "GET"}
    )
    assert before.status_code == 204
    assert "GET" in before.headers["access-control-allow-methods"]
