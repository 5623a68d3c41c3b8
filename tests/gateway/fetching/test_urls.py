"""Addresses that strangers write: what is read, what is refused, and that the refusal is silent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.errors import FetchRefused
from perisai.gateway.fetching import Places, read_url

REFUSED = [
    "",
    "media.example.org/a.gif",
    "//media.example.org/a.gif",
    "ftp://media.example.org/a.gif",
    "file:///etc/passwd",
    "gopher://media.example.org/",
    "https:media.example.org/a.gif",
    "https:///a.gif",
    "https://user@media.example.org/a.gif",
    "https://user:word@media.example.org/a.gif",
    "https://media.example.org@evil.example/a.gif",
    "https://media.example.org:443@evil.example/",
    "https://evil.example\\@media.example.org/a.gif",
    "https:\\\\evil.example/a.gif",
    "https://media.example.org\\.evil.example/",
    "https://media.example.org:8443/a.gif",
    "https://media.example.org:80/a.gif",
    "http://media.example.org:443/a.gif",
    "http://media.example.org:22/",
    "https://media.example.org:/a.gif",
    "https://media.example.org:99999/a.gif",
    "https://media.example.org:0x1bb/a.gif",
    "https://media.example.org./a.gif",
    "https://.media.example.org/a.gif",
    "https://media..example.org/a.gif",
    "https://-media.example.org/a.gif",
    "https://media_.example.org/a.gif",
    "https://media%2eexample.org/a.gif",
    "https://media.example.org%00.evil.example/",
    "https://media.example.org%2f@evil.example/",
    "https://medi\u0430.example.org/a.gif",  # a Cyrillic letter
    "https://\uff4dedia.example.org/a.gif",  # a wide one
    "https://media。example。org/a.gif",  # ideographic full stops
    "https://①②⑦.⓪.⓪.①/a.gif",
    "https://127.0.0.1/a.gif",
    "https://8.8.8.8/a.gif",
    "https://2130706433/a.gif",
    "https://0x7f000001/a.gif",
    "https://0x7f.0.0.1/a.gif",
    "https://0177.0.0.1/a.gif",
    "https://127.1/a.gif",
    "https://media.example.0x1/a.gif",
    "https://media.example.1/a.gif",
    "https://[::1]/a.gif",
    "https://[::ffff:127.0.0.1]/a.gif",
    "https://[fe80::1%25eth0]/a.gif",
    "https://[2606:4700::1111]/a.gif",
    "https://localhost/a.gif",
    "https://intranet/a.gif",
    "https://media.example.org/a b.gif",
    "https://media.example.org/a\r\nHost: evil.example",
    "https://media.example.org/\x00",
    " https://media.example.org/a.gif",
    "https://media.example.org/a.gif\n",
    "https://media.example.org\t/a.gif",
    "https://media.example.org/\ud800",
    "https://" + "a." * 140 + "org/",
    "https://" + "a" * 64 + ".org/",
    "https://media.example.org/" + "a" * 9000,
]


@pytest.mark.parametrize("url", REFUSED, ids=range(len(REFUSED)))
def test_an_address_that_could_mislead_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused):
        read_url(url)


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://media.example.org/a.gif", "media.example.org", "/a.gif"),
        ("HTTPS://Media.EXAMPLE.org/A.gif?x=1#y", "media.example.org", "/A.gif?x=1"),
        ("https://media.example.org", "media.example.org", "/"),
        ("https://media.example.org?x=@b", "media.example.org", "/?x=@b"),
        ("https://media.example.org:443/a", "media.example.org", "/a"),
        ("https://xn--mnchen-3ya.example/%C3%BC", "xn--mnchen-3ya.example", "/%C3%BC"),
        ("https://media.example.org/kücing.gif", "media.example.org", "/k%C3%BCcing.gif"),
    ],
)
def test_a_plain_address_is_read_in_its_one_true_form(url: str, host: str, target: str) -> None:
    place = read_url(url)
    assert (place.scheme, place.host, place.port, place.target) == ("https", host, 443, target)


def test_a_private_fetcher_reads_numbers_and_ports_but_only_in_their_plain_form() -> None:
    assert read_url("http://127.0.0.1:8000/v2/", private=True).authority == "127.0.0.1:8000"
    assert read_url("http://[::1]:8000/", private=True).authority == "[::1]:8000"
    assert read_url("http://perisai/", private=True).host == "perisai"
    for url in ("http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/"):
        with pytest.raises(FetchRefused):
            read_url(url, private=True)


@given(st.text(max_size=60), st.booleans())
def test_no_text_makes_reading_fail_in_another_way(text: str, private: bool) -> None:
    for url in (text, f"https://{text}", f"https://a.example/{text}", f"http://{text}:1/{text}"):
        try:
            place = read_url(url, private=private)
        except FetchRefused as error:
            shown = str(error)
            assert len(text) < 12 or text not in shown
        else:
            assert place.target.isascii()
            assert place.host == place.host.lower()


def test_a_place_shows_neither_path_nor_query() -> None:
    assert "secret" not in repr(read_url("https://a.example/secret?key=secret"))


def test_only_named_hosts_are_places() -> None:
    places = Places.of(("media.example.org", "*.klipy.test", "127.0.0.1:8000"))
    for url in (
        "https://media.example.org/a",
        "http://media.example.org/a",
        "https://static.klipy.test/a",
        "https://a.b.klipy.test/a",
        "http://127.0.0.1:8000/a",
    ):
        assert read_url(url, private=True) in places
    for url in (
        "https://klipy.test/a",
        "https://evilklipy.test/a",
        "https://klipy.test.evil.example/a",
        "https://static.klipy.test.evil.example/a",
        "https://xmedia.example.org/a",
        "https://media.example.org.evil.example/a",
        "https://media.example.org:8443/a",
        "http://127.0.0.1/a",
        "http://127.0.0.1:8001/a",
    ):
        assert read_url(url, private=True) not in places


@pytest.mark.parametrize("name", ["*", "*.org", "*.1.2.3.4", "a b", "https://a.example", "a/b@c"])
def test_a_name_of_too_many_hosts_or_of_none_is_refused(name: str) -> None:
    with pytest.raises(FetchRefused):
        Places.of((name,))
