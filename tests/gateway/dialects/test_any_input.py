"""Whatever is put into a request: an answer in the dialect's shape, and never an accident."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tests.common.gateway import Drawer, Gateway, MemorySearcher

if TYPE_CHECKING:
    from collections.abc import Iterator

TENOR = [
    "search",
    "featured",
    "categories",
    "autocomplete",
    "search_suggestions",
    "trending_terms",
    "registershare",
    "posts",
]
GIPHY = [
    f"{half}{rest}"
    for half in ("gifs", "stickers")
    for rest in ("", "/search", "/trending", "/translate", "/random", "/related", "/categories")
] + ["gifs/search/tags", "trending/searches", "randomid", "channels/search"]
GIPHY_WITH_WORDS = ["gifs/{}", "gifs/categories/{}", "gifs/categories/{}/{}", "tags/related/{}"]
NAMES = [
    "q",
    "s",
    "tag",
    "ids",
    "id",
    "gif_id",
    "limit",
    "offset",
    "pos",
    "media_filter",
    "contentfilter",
    "searchfilter",
    "ar_range",
    "random",
    "locale",
    "country",
    "lang",
    "country_code",
    "rating",
    "weirdness",
    "fields",
    "bundle",
    "key",
    "api_key",
    "client_key",
    "type",
    "callback",
    "random_id",
    "pingback_id",
]
ODD = [
    "",
    "cats",
    "-1",
    "0",
    "1e999",
    "nan",
    "٣",
    "1_0",
    "9" * 5000,
    "undefined",
    "null",
    "o:-1",
    "o:٣",
    "o:99999999999999999999",
    "page.²",
    "../../etc/passwd",
    "a,b,,c",
    ".",
    "images..url",
    "\x00",
    "\ufffe\u202e\U000e0041",
    "'; --",
    "%",
    "{}",
    "sticker,static",
]
VALUES = st.one_of(st.sampled_from(ODD), st.text(max_size=60), st.integers().map(str))
PARAMETERS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6)
MANY = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def asking(drawer: Drawer, pictures: list) -> Iterator[TestClient]:
    with TestClient(
        Gateway(MemorySearcher(list(pictures)), drawer), base_url="http://gif.test"
    ) as client:
        yield client


def tenor_shaped(status: int, body: dict) -> None:
    if status != 200:
        assert body["error"].keys() == {"code", "message", "status", "details"}
        assert body["error"]["code"] == status
        return
    for item in body.get("results", []):
        if isinstance(item, dict):
            assert item["id"]
            for media in item["media_formats"].values():
                assert media["url"].startswith("http://gif.test/media/")


def giphy_shaped(status: int, body: dict) -> None:
    meta = body["meta"]
    assert meta["status"] == status
    assert bool(meta["response_id"]) is (status == 200)
    assert isinstance(meta["msg"], str)
    assert isinstance(body["data"], list | dict)
    if "pagination" in body:
        place = body["pagination"]
        assert 0 <= place["offset"] + place["count"] <= place["total_count"] or not body["data"]


@given(st.sampled_from(TENOR), PARAMETERS)
@example("search", [("q", "cats"), ("q", "\x00"), ("limit", "")])
@MANY
def test_tenor_answers_in_its_shape(
    asking: TestClient, path: str, query: list[tuple[str, str]]
) -> None:
    answer = asking.get(f"/v2/{path}?{urlencode(query, errors='surrogatepass')}")
    assert answer.status_code < 500
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    tenor_shaped(answer.status_code, answer.json())


@given(st.sampled_from(GIPHY) | st.sampled_from(GIPHY_WITH_WORDS), VALUES.filter(bool), PARAMETERS)
@example("gifs/{}", "..", [])
@example("gifs/categories/{}/{}", "a/b", [("fields", "..,.")])
@MANY
def test_giphy_answers_in_its_shape(
    asking: TestClient, path: str, words: str, query: list[tuple[str, str]]
) -> None:
    place = path.replace("{}", quote(words, safe="", errors="surrogatepass").replace(".", "%2E"))
    answer = asking.get(f"/v1/{place}?{urlencode(query, errors='surrogatepass')}")
    if path.startswith("tags") and answer.headers["content-type"].startswith("text/plain"):
        assert answer.status_code == 404  # more than one word: none of the dialect's paths
        return
    assert answer.status_code < 500
    assert answer.headers["content-type"] == "application/json"
    giphy_shaped(answer.status_code, answer.json())


@given(st.binary(max_size=80))
@settings(max_examples=150, deadline=None)
def test_query_that_is_no_text_breaks_nothing(asking: TestClient, raw: bytes) -> None:
    query = quote(raw)
    for path, shaped in (("/v2/search", tenor_shaped), ("/v1/gifs/search", giphy_shaped)):
        answer = asking.get(f"{path}?q={query}&{query}")
        assert answer.status_code < 500
        shaped(answer.status_code, answer.json())
