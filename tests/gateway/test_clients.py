from __future__ import annotations

import asyncio
import hashlib
import hmac
import re

import pytest

from perisai.errors import StorageError
from perisai.gateway.clients import LONGEST_SIGNED, Client, Refused, age_secret, sign_age
from perisai.limits import REMEMBERED, Limits
from perisai.terms import YOUNGEST, AgeBand
from tests.gateway.edge import (
    SECRET,
    Clock,
    KeyTable,
    api_key,
    clients_of,
    digest,
    links_at,
    request,
)


def ask(clients, key, dialect="tenor", **made) -> Client:
    return asyncio.run(clients.identify(request(**made), key, dialect))


def refused(clients, key, dialect="tenor", **made) -> Refused:
    with pytest.raises(Refused) as told:
        ask(clients, key, dialect, **made)
    assert told.value.message.endswith(".")
    return told.value


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def table() -> KeyTable:
    return KeyTable(api_key("child", "6-9"), api_key("teen", "13-15"), api_key("grown", "adult"))


class TestKeys:
    def test_a_key_names_its_client_and_band(self, table, clock):
        client = ask(clients_of(table, clock), "teen")
        assert (client.name, client.band, client.anonymous) == ("teen", "13-15", False)

    def test_the_key_may_stand_in_a_header(self, table, clock):
        assert ask(clients_of(table, clock), None, x_perisai_key="teen").name == "teen"

    def test_without_a_key_the_youngest_band_applies(self, table, clock):
        client = ask(clients_of(table, clock), None)
        assert (client.band, client.anonymous) == (YOUNGEST, True)
        assert ask(clients_of(table, clock), "").anonymous

    def test_anonymous_may_be_switched_off(self, table, clock):
        told = refused(clients_of(table, clock, anonymous=False), None)
        assert (told.status, told.code) == (401, "key_needed")

    @pytest.mark.parametrize(
        "key", ["nobody", "child ", digest("child"), "k" * 9999, "\ud800", "ключ"]
    )
    def test_an_unknown_key_is_refused(self, table, clock, key):
        told = refused(clients_of(table, clock), key)
        assert (told.status, told.code) == (401, "unknown_key")

    def test_a_key_is_good_for_its_dialects_only(self, table, clock):
        table.put(api_key("narrow", dialects=frozenset({"giphy"})))
        clients = clients_of(table, clock)
        assert ask(clients, "narrow", "giphy").name == "narrow"
        assert refused(clients, "narrow").status == 403

    def test_a_revoked_key_ends_with_the_next_refresh(self, table, clock):
        clients = clients_of(table, clock)
        assert ask(clients, "grown").name == "grown"
        table.revoke("grown")
        asyncio.run(clients.refresh())
        assert refused(clients, "grown").code == "unknown_key"

    def test_keys_are_read_once_for_each_change(self, table, clock):
        clients = clients_of(table, clock)
        for _ in range(5):
            ask(clients, "teen")
            asyncio.run(clients.refresh())
        assert table.read == 1

    def test_a_store_that_does_not_answer_lets_nobody_in(self, clock):
        class Gone(KeyTable):
            async def generation(self) -> int:
                raise StorageError("The database is gone.")

        told = refused(clients_of(Gone(), clock), None)
        assert (told.status, told.retry_after) == (503, 5)

    def test_follow_forgets_keys_that_cannot_be_asked_for(self, table, clock, monkeypatch):
        monkeypatch.setattr("perisai.gateway.clients.POLL_SECONDS", 0.001)
        clients = clients_of(table, clock)
        ask(clients, "grown")

        async def failing() -> int:
            raise StorageError("The database is gone.")

        async def run() -> None:
            table.generation = failing
            following = asyncio.create_task(clients.follow())
            await asyncio.sleep(0.05)
            with pytest.raises(Refused, match="try again"):
                await clients.identify(request(), "grown", "tenor")
            del table.generation  # it answers again
            assert (await clients.identify(request(), "grown", "tenor")).name == "grown"
            following.cancel()

        asyncio.run(run())


class TestAgeHeader:
    def signed(self, band: str, expires: float, key: str = "teen") -> dict[str, str]:
        secret = age_secret(SECRET, digest(key))
        return {"x_perisai_age": sign_age(secret, band, int(expires))}

    def test_a_signed_header_sets_the_band_for_one_request(self, table, clock):
        clients = clients_of(table, clock)
        for band in AgeBand:
            client = ask(clients, "teen", **self.signed(band, clock.now + 60))
            assert (client.band, client.signed) == (band, True)
        assert ask(clients, "teen").band == "13-15"
        assert clients.counted == []

    def test_what_the_documentation_shows_is_what_is_read(self, table, clock):
        clients = clients_of(table, clock)
        secret, said = age_secret(SECRET, digest("child")), f"16-17;{int(clock.now) + 300}"
        proof = hmac.new(secret.encode(), said.encode(), hashlib.sha256).hexdigest()
        assert ask(clients, "child", x_perisai_age=f"{said};{proof}").band == "16-17"

    @pytest.mark.parametrize(
        ("band", "ahead", "fault"),
        [("adult", 0, "expired"), ("adult", -1, "expired"),
         ("adult", LONGEST_SIGNED + 1, "too_long"), ("grown-up", 60, "unknown_band"),
         ("", 60, "unknown_band")],
    )  # fmt: skip
    def test_a_bad_header_means_the_youngest(self, table, clock, band, ahead, fault):
        clients = clients_of(table, clock)
        client = ask(clients, "grown", **self.signed(band, clock.now + ahead, "grown"))
        assert (client.band, clients.counted) == (YOUNGEST, [fault])

    def test_another_key_cannot_sign(self, table, clock):
        clients = clients_of(table, clock)
        client = ask(clients, "child", **self.signed("adult", clock.now + 60, "grown"))
        assert (client.band, clients.counted) == (YOUNGEST, ["forged"])

    def test_the_key_itself_cannot_sign(self, table, clock):
        """A picker's key is there for every child to read."""
        clients = clients_of(table, clock)
        header = sign_age("child", AgeBand.ADULT, int(clock.now) + 60)
        assert ask(clients, "child", x_perisai_age=header).band == YOUNGEST

    @pytest.mark.parametrize(
        "header", ["", "adult", ";;", "adult;9;", "adult;x;y;z", "adult;²;00", "é;1;é", "a" * 9000]
    )
    def test_nonsense_means_the_youngest(self, table, clock, header):
        assert ask(clients_of(table, clock), "grown", x_perisai_age=header).band == YOUNGEST

    def test_a_header_without_a_key_changes_nothing(self, table, clock):
        client = ask(clients_of(table, clock), None, **self.signed("adult", clock.now + 60))
        assert client.band == YOUNGEST


class TestLimits:
    def test_a_key_has_as_many_as_it_says(self, clock):
        clients = clients_of(KeyTable(api_key("slow", per_minute=3)), clock)
        for _ in range(3):
            ask(clients, "slow")
        told = refused(clients, "slow")
        assert (told.status, told.code, told.retry_after) == (429, "too_many_requests", 20)
        assert told.headers == {"Retry-After": "20"}
        clock.now += 20
        ask(clients, "slow")
        refused(clients, "slow")

    def test_addresses_without_a_key_are_counted_apart(self, table, clock):
        clients = clients_of(table, clock, anonymous_per_minute=2)
        for _ in range(2):
            ask(clients, None)
        assert refused(clients, None).status == 429
        assert ask(clients, None, address="192.0.2.2").anonymous
        assert ask(clients, "teen").name == "teen"

    def test_guessing_keys_is_slow(self, table, clock):
        clients = clients_of(table, clock, anonymous_per_minute=2)
        for guess in "ab":
            assert refused(clients, guess).status == 401
        assert refused(clients, "c").status == 429

    def test_one_house_of_ipv6_is_one_address(self, clock):
        limits = Limits(clock)
        names = {limits.address(f"2001:db8::{n}", "x") for n in range(1, 9)}
        assert len(names) == 1
        other = limits.address("2001:db8:0:1::1", "x")
        assert other not in names
        mapped = limits.address("::ffff:192.0.2.1", "x")
        assert mapped == limits.address("192.0.2.1", "x")

    def test_the_table_stays_small_and_holds_no_address(self, clock):
        limits = Limits(clock)
        for number in range(REMEMBERED + 10):
            limits.spend(limits.address(f"10.0.{number}", "x"), 5)
        assert len(limits._buckets) == REMEMBERED
        assert not any(b"10.0" in key for key in limits._buckets)

    def test_no_tokens_at_all(self, clock):
        assert Limits(clock).spend("x", 0) == 60


class TestBand:
    SHA = "ab" * 32

    def band(self, clients, **made) -> AgeBand:
        return asyncio.run(clients.band(request(**made), self.SHA))

    def test_nobody_is_the_youngest(self, table, clock):
        assert self.band(clients_of(table, clock)) == YOUNGEST
        assert self.band(clients_of(table, clock), query="key=nobody") == YOUNGEST

    @pytest.mark.parametrize(
        "made", [{"query": "key=teen"}, {"query": "api_key=teen"}, {"x_perisai_key": "teen"}]
    )
    def test_a_key_says_who_looks(self, table, clock, made):
        assert self.band(clients_of(table, clock), **made) == "13-15"

    def test_a_ticket_shows_what_its_client_may_see(self, table, clock):
        links = links_at(clock)
        clients = clients_of(table, clock, links)
        query = f"v={self.ticket(links, ask(clients, 'grown'))}"
        assert self.band(clients, query=query) == "adult"
        assert self.band(clients, query=f"{query}&key=child") == "6-9", "the own key comes first"
        table.put(api_key("grown", "10-12"))
        asyncio.run(clients.refresh())
        assert self.band(clients, query=query) == "10-12", "a ticket names no band"
        table.revoke("grown")
        asyncio.run(clients.refresh())
        assert self.band(clients, query=query) == YOUNGEST

    def test_a_ticket_knows_the_band_of_a_signed_header(self, table, clock):
        links = links_at(clock)
        clients = clients_of(table, clock, links)
        header = sign_age(
            age_secret(SECRET, digest("child")), AgeBand.AGE_16_17, int(clock.now) + 9
        )
        client = ask(clients, "child", x_perisai_age=header)
        assert self.band(clients, query=f"v={self.ticket(links, client)}") == "16-17"

    def test_a_ticket_is_over_after_ten_minutes_at_most(self, table, clock):
        links = links_at(clock)
        clients = clients_of(table, clock, links)
        query = f"v={self.ticket(links, ask(clients, 'grown'))}"
        clock.now += 299
        assert self.band(clients, query=query) == "adult"
        clock.now += 301
        assert self.band(clients, query=query) == YOUNGEST

    def test_a_ticket_is_for_one_file(self, table, clock):
        links = links_at(clock)
        clients = clients_of(table, clock, links)
        ticket = self.ticket(links, ask(clients, "grown"))
        band = clients.band(request(query=f"v={ticket}"), "cd" * 32)
        assert asyncio.run(band) == YOUNGEST

    def ticket(self, links, client) -> str:
        from perisai.gateway.items import Served

        url = links.media(Served(self.SHA, "gif", 1, 1, 1), request(), client)
        return re.fullmatch(r".*\?v=([A-Za-z0-9_-]+)", url)[1]
