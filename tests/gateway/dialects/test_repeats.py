"""Answers that are given again: only as long as a new one would be the same."""

from __future__ import annotations

import hashlib
import hmac
import pickle
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from perisai.gateway.clients import age_secret, sign_age
from perisai.gateway.dialects import Giphy, Tenor
from perisai.gateway.dialects.repeats import Repeats
from perisai.terms import AgeBand
from tests.common.gateway import Drawer, MemorySearcher
from tests.gateway.edge import SECRET, Clock, KeyTable, api_key, clients_of, digest, links_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.gateway.clients import Client, Clients
    from perisai.gateway.items import Ask, ServedPage
    from perisai.gateway.links import Links

SECONDS = 20.0
TENOR = "/v2/search?q=cats&key=adult-key"
GIPHY = "/v1/gifs/search?q=cats&api_key=adult-key"


@dataclass
class Repeating(MemorySearcher):
    """Says of its pages how long they are good, as the real one does."""

    stamp: int = 1
    pages: list[ServedPage] = field(default_factory=list)
    repeated: list[ServedPage] = field(default_factory=list)

    async def page(self, ask: Ask, client: Client) -> ServedPage:
        found = await super().page(ask, client)
        until = 0.0 if ask.random or ask.text == "pending" else time.monotonic() + SECONDS
        self.pages.append(replace(found, until=until, stamp=self.stamp))
        return self.pages[-1]

    def again(self, page: ServedPage) -> None:
        self.repeated.append(page)


@dataclass
class House:
    """Both dialects over one searcher, and the clocks that they go by."""

    searcher: Repeating
    table: KeyTable
    clock: Clock
    links: Links
    clients: Clients
    http: TestClient

    def bodies(self, *targets: str, **headers: str) -> list[bytes]:
        answers = [self.http.get(target, headers=headers) for target in targets]
        assert [answer.status_code for answer in answers] == [200] * len(targets)
        return [answer.content for answer in answers]

    @property
    def made(self) -> int:
        return len(self.searcher.pages)


@pytest.fixture
def house(drawer: Drawer) -> Iterator[House]:
    clock = Clock()
    links = links_at(clock)
    table = KeyTable(api_key("adult-key"), api_key("other-key"), api_key("slow-key", per_minute=3))
    clients = clients_of(table, clock, links)
    searcher = Repeating([drawer.item(f"cat {number}") for number in range(3)])
    dialects = (Tenor(searcher, links, clients), Giphy(searcher, links, clients))
    app = Starlette(routes=[route for each in dialects for route in each.routes()])
    with TestClient(app, base_url="http://gif.test") as http:
        yield House(searcher, table, clock, links, clients, http)


@pytest.mark.parametrize("target", [TENOR, GIPHY, "/v2/featured?key=adult-key"])
def test_the_same_question_gets_the_same_answer_made_once(house: House, target: str) -> None:
    first, *later = house.bodies(*[target] * 4)
    assert set(later) == {first}
    assert house.made == 1
    assert house.searcher.repeated == house.searcher.pages * 3, "each is counted"


def test_headers_are_those_of_a_first_answer(house: House) -> None:
    first, second = (house.http.get(TENOR) for _ in range(2))
    assert first.headers == second.headers
    assert house.http.head(TENOR).headers == first.headers
    assert house.http.options(TENOR).status_code == 204
    assert house.made == 1


@pytest.mark.parametrize(
    "other",
    [
        "/v2/search?q=waves&key=adult-key",
        "/v2/search?q=cats&key=adult-key&limit=2",
        "/v2/search?q=cats&key=adult-key&media_filter=tinygif",
        "/v2/search?q=cats&key=other-key",
        "/v2/featured?q=cats&key=adult-key",
    ],
)
def test_another_question_gets_its_own_answer(house: House, other: str) -> None:
    first, _, third = house.bodies(TENOR, other, TENOR)
    assert first == third
    assert house.made == 2


def test_links_lead_to_the_address_that_each_client_uses(house: House) -> None:
    plain = house.bodies(TENOR)[0]
    other = house.bodies(TENOR, host="gif.other.test:8443")[0]
    secure = house.http.get(TENOR.replace("/v2", "https://gif.test/v2")).content
    assert b"http://gif.test/media" in plain
    assert b"http://gif.other.test:8443/media" in other
    assert b"https://gif.test/media" in secure
    assert house.made == 3


def test_answer_ends_with_the_stamp_of_verdicts(house: House) -> None:
    assert b"cat 0" in house.bodies(TENOR)[0]
    house.searcher.withheld.add(house.searcher.items_[0].number)
    house.searcher.stamp += 1
    assert b"cat 0" not in house.bodies(TENOR)[0]


def test_answer_ends_when_its_page_does(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    house.bodies(TENOR)
    monkeypatch.setattr("tests.gateway.dialects.test_repeats.SECONDS", 0.05)
    house.searcher.stamp += 1
    house.bodies(TENOR, TENOR)
    assert house.made == 2
    while time.monotonic() < now + 0.2:
        time.sleep(0.01)
    house.bodies(TENOR)
    assert house.made == 3


def test_page_good_for_once_is_never_repeated(house: House) -> None:
    house.bodies(*["/v2/search?q=pending&key=adult-key"] * 2)
    house.bodies(*["/v2/search?q=cats&random=true&key=adult-key"] * 2)
    house.bodies(*["/v1/gifs/random?tag=cats&api_key=adult-key"] * 2)
    assert house.made == 6
    assert not house.searcher.repeated


@pytest.mark.parametrize("seconds", [300, 3600])
def test_links_and_tickets_last_as_long_as_those_of_a_new_answer(
    house: House, seconds: int
) -> None:
    """The windows of tickets are of 300 seconds, those of links of 3600."""
    house.clock.now = (house.clock.now // 3600 + 1) * 3600 - 1
    first = house.bodies(TENOR)[0]
    for _ in range(seconds // 300):
        house.clock.now += 300
        found = house.http.get(TENOR).json()["results"][0]["media_formats"]["tinygif"]["url"]
        _, _, expires, signature, name = urlsplit(found).path.split("/")
        assert int(expires, 16) - house.clock.now >= 3600
        sha256, _, kind = name.partition(".")
        assert house.links.check(expires, signature, sha256, kind).value == "good"
        house.clock.now += 299
        assert house.links.ticket(parse_qs(urlsplit(found).query)["v"][0], sha256)
        house.clock.now -= 299
    assert house.bodies(TENOR)[0] != first


def test_revoked_key_gets_no_answer_of_before(house: House) -> None:
    house.bodies(TENOR)
    house.table.revoke("adult-key")
    house.http.portal.call(house.clients.refresh)
    assert house.http.get(TENOR).status_code == 401


def test_key_that_was_moved_to_another_band_gets_that_bands_page(house: House) -> None:
    house.bodies(TENOR)
    house.table.put(api_key("adult-key", "6-9"))
    house.http.portal.call(house.clients.refresh)
    house.bodies(TENOR)
    assert [ask.band for ask in house.searcher.told] == [AgeBand.ADULT, AgeBand.AGE_6_9]


def test_keys_that_cannot_be_read_end_it(house: House) -> None:
    house.bodies(TENOR)
    house.clients._generation = None
    house.table.changes += 1
    house.bodies(TENOR)
    assert house.made == 2


def test_repeated_answers_count_against_the_limit(house: House) -> None:
    target = "/v2/search?q=cats&key=slow-key"
    answers = [house.http.get(target) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[4].json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert house.made == 1


def test_strangers_count_by_address_and_so_are_always_asked_anew(house: House) -> None:
    house.bodies("/v2/search?q=cats", "/v2/search?q=cats")
    assert house.made == 2


def signed(house: House, band: str, key: str = "adult-key", seconds: int = 600) -> str:
    secret = age_secret(SECRET, digest(key))
    return sign_age(secret, AgeBand(band), int(house.clock.now) + seconds)


def test_signed_ages_share_answers_by_band_only(house: House) -> None:
    own = house.bodies(TENOR)[0]
    teen = [house.bodies(TENOR, **{"x-perisai-age": signed(house, "13-15", seconds=s)})[0]
            for s in (60, 600, 900)]  # fmt: skip
    child = house.bodies(TENOR, **{"x-perisai-age": signed(house, "6-9")})[0]
    assert len(set(teen)) == 1
    assert len({own, teen[0], child}) == 3, "each band has tickets of its own"
    assert [ask.band.value for ask in house.searcher.told] == ["adult", "13-15", "6-9"]


def test_bad_signature_gets_the_youngest_band_not_the_answer_of_before(house: House) -> None:
    good = signed(house, "adult")
    house.bodies(TENOR, TENOR)
    house.bodies(TENOR, **{"x-perisai-age": good})
    forged = good.rpartition(";")[0] + ";" + hmac.new(b"x", b"y", hashlib.sha256).hexdigest()
    house.bodies(TENOR, **{"x-perisai-age": forged})
    house.clock.now += 601
    house.bodies(TENOR, **{"x-perisai-age": good})
    assert [ask.band.value for ask in house.searcher.told] == ["adult", "adult", "3-5", "3-5"]
    assert house.clients.counted == ["forged", "expired"]


def test_signed_age_counts_against_the_limit_once(house: House) -> None:
    header = {"x-perisai-age": signed(house, "13-15", "slow-key")}
    codes = [
        house.http.get("/v2/search?q=cats&key=slow-key", headers=header).status_code
        for _ in range(4)
    ]
    assert codes == [200, 200, 200, 429]


def test_no_path_passes_for_another_with_its_query_and_headers(house: House) -> None:
    house.bodies(TENOR)
    repeats = Repeats(house.links)
    child = house.clients._by_name["adult-key"]
    scope = {
        "scheme": "http", "server": ("127.0.0.1", 80), "path": "/v2/search",
        "query_string": b"q=cats", "headers": [(b"x-perisai-age", b"adult;1;2")],
    }  # fmt: skip
    path = "/v2/search\0q=cats\0x-perisai-age"
    forged = scope | {"path": path, "query_string": b"adult", "headers": []}
    assert repeats.name(scope) is None
    assert repeats.name(scope, child) != repeats.name(forged)


def test_neither_words_nor_keys_are_held(house: House) -> None:
    dialect = house.http.app.routes[0].endpoint._dialect
    house.bodies("/v2/search?q=kancil&key=adult-key", TENOR)
    repeats: Repeats = dialect._repeats
    assert len(repeats) == 2
    held = pickle.dumps([(name, each.body, each.headers) for name, each in repeats._kept.items()])
    assert b"kancil" not in held
    assert b"adult-key" not in held


def test_oldest_answers_make_room(house: House) -> None:
    dialect = house.http.app.routes[0].endpoint._dialect
    size = len(house.bodies(TENOR)[0])
    dialect._repeats = Repeats(house.links, most_bytes=2 * (size + 1000))
    house.bodies(*[f"{TENOR}&n={number}" for number in range(5)])
    assert len(dialect._repeats) == 2
    made = house.made
    house.bodies(f"{TENOR}&n=4", f"{TENOR}&n=3")
    assert house.made == made
    house.bodies(f"{TENOR}&n=0")
    assert house.made == made + 1


def test_answer_larger_than_all_room_is_not_held(house: House) -> None:
    dialect = house.http.app.routes[0].endpoint._dialect
    dialect._repeats = Repeats(house.links, most_bytes=100)
    house.bodies(TENOR, TENOR)
    assert len(dialect._repeats) == 0
    assert house.made == 2
