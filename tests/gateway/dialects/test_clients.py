"""GIF clients of others, unmodified, against a real server; and what they asked, replayed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from starlette.testclient import TestClient

from perisai.gateway.dialects.giphy_wire import FULL, PLAIN
from perisai.terms import AgeBand
from tests.common.gateway import Gateway, MemorySearcher, served
from tests.gateway.dialects import driving

if TYPE_CHECKING:
    from collections.abc import Iterator

    Asked = set[tuple[str, str, tuple[tuple[str, str], ...]]]


@pytest.fixture
def stock() -> tuple[Gateway, MemorySearcher]:
    return driving.stocked()


@pytest.fixture
def base(stock: tuple[Gateway, MemorySearcher]) -> Iterator[str]:
    with served(stock[0]) as base:
        yield base


def as_asked(requests: list[tuple[str, str, str]]) -> Asked:
    """Requests as a set, without what a client draws by lot."""
    return {
        (method, path, tuple(pair for pair in parse_qsl(query) if pair[0] != "pingback_id"))
        for method, path, query in requests
        if not path.startswith("/media/")
    }


def as_recorded(searcher: MemorySearcher, *clients: str) -> Asked:
    lines = [line for line in driving.recorded(searcher) if line["client"].startswith(clients)]
    return as_asked([(line["method"], line["path"], line["query"]) for line in lines])


def test_recorded_requests_get_what_their_clients_read(
    stock: tuple[Gateway, MemorySearcher],
) -> None:
    gateway, searcher = stock
    lines = driving.recorded(searcher)
    assert len(lines) > 45
    client = TestClient(gateway, base_url="http://gif.test")
    for line in lines:
        answer = client.request(line["method"], f"{line['path']}?{line['query']}")
        assert answer.status_code == line["status"], line
        body = answer.json()
        assert ("meta" in body) is (line["path"].startswith("/v1") or "emoji" in line["path"])
        gifs = body.get("data", [])
        for gif in gifs if isinstance(gifs, list) else [gifs]:
            if isinstance(gif, dict) and "images" in gif:
                assert gif["images"].keys() >= FULL.keys() | PLAIN.keys()
        for result in body.get("results", []):
            assert result["media_formats"].keys() == {"gif", "tinygif"}
        blocked = "terlarang" in line["query"]
        assert not blocked or not (body.get("data") or body.get("results"))


def test_clients_in_node(stock: tuple[Gateway, MemorySearcher], base: str) -> None:
    told = driving.in_node(base)
    gateway, searcher = stock
    numbers = [item.number for item in searcher.items_]
    failed = {name: each["error"] for name, each in told.items() if "error" in each}
    assert failed.keys() == {"gone", "stranger"}
    assert failed["gone"].endswith("Not Found")
    assert "not known" in failed["stranger"]
    got = {name: each["value"] for name, each in told.items() if "value" in each}
    assert got["search"] == numbers[:5]
    assert got["trending"] == numbers[:3]
    assert got["stickers"] == numbers[12:]
    assert got["several"] == numbers[:2]
    assert (got["one"]["id"], got["one"]["width"], got["one"]["sticker"]) == (
        numbers[1],
        120,
        False,
    )
    assert got["one"]["url"].startswith(f"{base}/media/")
    assert got["random"].startswith(f"{base}/media/")
    assert got["related"] == numbers[1:2]
    assert got["unset"] == numbers[2:12]
    assert got["paged"] == [4, 8, *[12] * 8]
    for name in ("channels", "emoji", "variations", "text", "animate", "blocked"):
        assert got[name] == []
    for provider in ("tenor", "giphy"):
        assert [gif["id"] for gif in got[f"{provider} search"]] == numbers[:12]
        assert len(got[f"{provider} trending"]) == 12
        assert got[f"{provider} blocked"] == []
        first = got[f"{provider} search"][0]
        assert (first["width"], first["preview"]["height"]) == (120, 90)
        assert first["description"] == "ball 0 moving"
    assert len(got["tenor categories"]) == 3
    assert [group["name"] for group in got["giphy categories"]] == ["Cats", "Dogs"]
    assert searcher.shares == [got["tenor click"]] == numbers[:1]
    assert {ask.band for ask in searcher.told} == {AgeBand.ADULT}
    asked = as_asked([(method, path, query) for method, path, query, _ in gateway.requests])
    assert asked == as_recorded(searcher, "@giphy/js-fetch-api")


def test_paging_in_node_goes_on_when_whole_pages_are_withheld(
    stock: tuple[Gateway, MemorySearcher], base: str
) -> None:
    stock[1].withheld = {item.number for item in stock[1].items_[:7]}
    assert driving.in_node(base)["paged"]["value"] == [0, 1, *[5] * 8]


def test_client_in_python(stock: tuple[Gateway, MemorySearcher], base: str) -> None:
    told = driving.in_python(base)
    gateway, searcher = stock
    numbers = [item.number for item in searcher.items_]
    assert told["search"] == numbers[1:3]
    assert told["pagination"] == {"offset": 1, "count": 2, "total_count": 12}
    assert (told["width"], told["trending"], told["stickers"]) == ("120", 3, [3, 3])
    assert (told["translate"], told["one"]) == (numbers[0], numbers[1])
    assert told["several"] == [numbers[1]]
    assert told["random"].startswith(f"{base}/media/")
    assert told["categories"] == ["Cats", "Good night", "Dogs"]
    assert (told["subcategories"], told["category"]) == (1, 12)
    assert told["blocked"] == [[], None, None]
    assert told["stranger"] == [401, ""]
    asked = as_asked([(method, path, query) for method, path, query, _ in gateway.requests])
    assert asked == as_recorded(searcher, "giphy_client")


@pytest.mark.parametrize("provider", ["tenor", "giphy"])
def test_picker_in_chromium(
    stock: tuple[Gateway, MemorySearcher], base: str, provider: str
) -> None:
    gateway, searcher = stock
    with driving.picker(base, provider) as (tab, wrong):
        seen = driving.use_picker(tab)
    assert wrong == []
    assert seen["groups"][0] == "Trending GIFs"
    assert "Cats" in seen["groups"]
    assert seen["found"] == 12
    number = searcher.items_[0].number
    assert (seen["chosen"]["id"], seen["chosen"]["description"]) == (number, "ball 0 moving")
    assert re.fullmatch(rf"{base}/media/[^?]+\.gif", seen["chosen"]["imageUrl"])
    assert searcher.shares == ([number] if provider == "tenor" else [])
    asked = as_asked([(method, path, query) for method, path, query, _ in gateway.requests])
    prefix = "/v2" if provider == "tenor" else "/v1"
    noted = as_recorded(searcher, "gif-picker-react 2.0.0-rc.2 in Chromium")
    assert asked == {each for each in noted if each[1].startswith(prefix)}
