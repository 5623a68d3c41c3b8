from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.gateway.clients import Client
from perisai.gateway.items import Served
from perisai.gateway.links import Links, Standing
from perisai.gateway.sealed import LONGEST, Seal
from perisai.terms import AgeBand
from tests.gateway.edge import SECRET, Clock, links_at, request

SHA = "0123456789abcdef" * 4
FILE = Served(SHA, "gif", 10, 10, 100)
ADULT = Client("grown", AgeBand.ADULT, frozenset({"tenor"}))


def parts(url: str) -> tuple[str, str, str, str]:
    found = re.fullmatch(r"https://gif\.example/media/(\w+)/([\w-]+)/(\w+)\.(\w+)", url)
    assert found, url
    return found.groups()


class TestMedia:
    def test_a_link_names_content_and_nothing_else(self):
        _, signature, sha256, kind = parts(links_at(Clock()).media(FILE, request()))
        assert (sha256, kind) == (SHA, "gif")
        assert len(signature) == 22  # 132 bits

    def test_the_same_for_every_client_and_within_a_window(self):
        clock = Clock(3600 * 1000)
        links = links_at(clock)
        first = links.media(FILE, request())
        clock.now += 3599
        assert links.media(FILE, request()) == first
        clock.now += 1
        assert links.media(FILE, request()) != first

    @given(now=st.integers(0, 10**10), after=st.integers(0, 10_000), seconds=st.integers(300, 9999))
    def test_works_at_least_as_long_as_said_and_at_most_twice(self, now, after, seconds):
        clock = Clock(now)
        links = links_at(clock, seconds=seconds)
        link = parts(links.media(FILE, request()))
        clock.now += after
        standing = links.check(*link)
        if after < seconds:
            assert standing is Standing.GOOD
        if after >= 2 * seconds:
            assert standing is Standing.EXPIRED

    def test_a_link_outlives_a_change_of_the_setting(self):
        clock = Clock()
        link = parts(links_at(clock, seconds=3600).media(FILE, request()))
        assert links_at(clock, seconds=7200).check(*link) is Standing.GOOD

    @pytest.mark.parametrize("part", range(4))
    def test_every_part_is_signed(self, part):
        links = links_at(Clock())
        link = list(parts(links.media(FILE, request())))
        link[part] = link[part][:-1] + ("0" if link[part][-1] != "0" else "1")
        assert links.check(*link) is Standing.FORGED

    @pytest.mark.parametrize("expires", ["", "-1", "1_0", "0x1", "f" * 13, "٣", "g"])
    def test_nonsense_is_forged(self, expires):
        assert links_at(Clock()).check(expires, "é" * 22, SHA, "gif") is Standing.FORGED

    def test_another_secret_does_not_fit(self):
        clock = Clock()
        link = parts(links_at(clock).media(FILE, request()))
        assert Links(b"another" + SECRET, seconds=3600, clock=clock).check(*link) is Standing.FORGED


class TestTickets:
    def test_the_rest_of_the_link_is_the_same(self):
        links = links_at(Clock())
        bare, with_ticket = links.media(FILE, request()), links.media(FILE, request(), ADULT)
        assert re.fullmatch(re.escape(bare) + r"\?v=[\w-]+", with_ticket)
        assert links.media(FILE, request(), ADULT) == with_ticket, "caches stay warm"

    def test_it_shows_neither_client_nor_band(self):
        links = links_at(Clock())
        assert not re.search("grown|adult", links.media(FILE, request(), ADULT))

    def test_nobody_gets_no_ticket(self):
        links = links_at(Clock())
        nobody = Client("", AgeBand.AGE_3_5, frozenset())
        assert links.media(FILE, request(), nobody) == links.media(FILE, request())


class TestBase:
    def test_the_public_address_goes_first(self):
        links = links_at(Clock(), public_url="https://gif.example.id/base/")
        assert links.media(FILE, request()).startswith("https://gif.example.id/base/media/")

    @pytest.mark.parametrize(
        ("host", "base"),
        [("localhost:8000", "https://localhost:8000"), ("[::1]:8000", "https://[::1]:8000"),
         ('x"><script>', "https://127.0.0.1:8000"), ("user@evil.example", "https://127.0.0.1:8000"),
         ("", "https://127.0.0.1:8000"), ("a/b", "https://127.0.0.1:8000")],
    )  # fmt: skip
    def test_else_the_one_that_was_used(self, host, base):
        assert links_at(Clock()).base(request(host=host)) == base

    def test_a_report_has_an_address(self):
        assert links_at(Clock()).report("abc", request()) == "https://gif.example/report/abc"


class TestNumbers:
    @given(
        upstream=st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True), item=st.text(max_size=80)
    )
    def test_a_number_comes_back(self, upstream, item):
        links = links_at(Clock())
        item = item.encode(errors="replace").decode()
        number = links.number(upstream, item)
        assert re.fullmatch(r"[A-Za-z0-9_-]+", number)
        assert links.parse(number) == (upstream, item)
        assert links.number(upstream, item) == number

    def test_numbers_are_short(self):
        assert len(links_at(Clock()).number("catalogue", "kucing-01")) <= 44

    def test_a_number_tells_nothing(self):
        import base64

        number = links_at(Clock()).number("catalogue", "kucing-kucing-kucing")
        assert b"kucing" not in base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))

    @given(data=st.data())
    def test_a_changed_number_is_none(self, data):
        links = links_at(Clock())
        number = links.number("catalogue", "kucing-01")
        at = data.draw(st.integers(0, len(number) - 1))
        letter = data.draw(st.sampled_from("ABCxyz019-_=+/ é"))
        changed = number[:at] + letter + number[at + 1 :]
        assert changed == number or links.parse(changed) is None

    @given(st.text(max_size=60))
    def test_a_made_up_number_is_none(self, text):
        assert links_at(Clock()).parse(text) is None

    def test_spellings_that_decode_alike_are_not_all_ours(self):
        links = links_at(Clock())
        number = next(n for i in range(9) if len(n := links.number("u", "x" * i)) % 4)
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        good = [c for c in letters if links.parse(number[:-1] + c)]
        assert good == [number[-1]]

    def test_nothing_long_is_looked_at(self):
        seal = Seal(SECRET, "x")
        assert seal.unseal(seal.seal("y" * LONGEST)) is None

    def test_purposes_do_not_mix(self):
        assert Seal(SECRET, "a").unseal(Seal(SECRET, "b").seal("text")) is None
        assert Seal(SECRET, "a").unseal(Seal(SECRET, "a").seal("text", "one"), "two") is None
