"""What makes a complaint urgent, and which links are the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from perisai.desk.triage.links import exact, place
from perisai.desk.triage.urgency import (
    FROM,
    LEVELS,
    WEIGHTS,
    band_of,
    reasons_in,
    tells_of_danger,
    urgency,
)


@pytest.mark.parametrize(
    ("told", "number", "level", "reasons"),
    [
        ({}, 1, "low", ("age-unknown",)),
        ({"age": "adult"}, 1, "low", ()),
        ({"age": "6-9", "kind": "naked"}, 1, "high", ("age-small", "kind-naked")),
        ({"age": "13-15", "kind": "drawn"}, 1, "usual", ("age-teen", "kind-drawn")),
        ({"age": "10-12", "kind": "sexual"}, 1, "high", ("age-child", "kind-sexual")),
        ({"kind": "naked"}, 50, "high", ("kind-naked", "age-unknown", "number-50")),
        ({"kind": "naked"}, 10, "high", ("kind-naked", "age-unknown", "number-10")),
        ({"kind": "naked"}, 3, "usual", ("kind-naked", "age-unknown", "number-3")),
        ({"what": "Anak saya diancam fotonya disebar", "age": "adult"}, 1, "urgent", ("danger",)),
        ({"age": "3-5", "kind": "sexual"}, 50, "high", ("age-small", "kind-sexual", "number-50")),
    ],
)  # fmt: skip
def test_urgency(told, number, level, reasons):
    found = urgency(reasons_in(told), number)
    assert (LEVELS[found.level], found.reasons) == (level, reasons)
    assert found.weight == sum(WEIGHTS[each] for each in reasons)


def test_only_danger_alone_is_urgent_and_nothing_outweighs_it():
    others = ("age-small", "kind-sexual")
    assert urgency(("danger",), 1).level > urgency(others, 10_000).level
    assert list(FROM) == sorted(FROM)


def test_the_page_says_what_each_reason_adds():
    page = (Path(__file__).parents[3] / "docs" / "triage.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    told = {}
    for names, adds in rows:
        found = re.findall(r"`([a-z0-9-]+)`", names)
        told |= dict(zip(found, map(int, adds.split(",")), strict=True))
    assert told == WEIGHTS


@pytest.mark.parametrize(
    "text",
    ["dia MENGANCAM saya", "diajak   ketemu orang asing", "aku mau bunuh diri", "he sent nudes",
     "kirim foto telanjang atau kusebarkan", "I want to kill myself"],
)  # fmt: skip
def test_danger(text):
    assert tells_of_danger(text)


@pytest.mark.parametrize(
    "text", ["", "GIF kucing yang tidak pantas", "stiker ini disebar di grup kelas", "pancaman\0x"]
)
def test_no_danger(text):
    assert not tells_of_danger(text)


@pytest.mark.parametrize(
    ("age", "band"),
    [("", "unknown"), ("6-9", "6-9"), ("8", "6-9"), ("anak 4 tahun", "3-5"), ("17 th", "16-17"),
     ("dewasa", "unknown"), ("45", "adult"), ("adult", "adult"), ("2015", "unknown")],
)  # fmt: skip
def test_bands(age, band):
    assert band_of(age) == band


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.gif.example/view/1", "http://gif.example/view/1/"),
        ("gif.example/view/1#top", "https://GIF.example/view/1"),
        ("https://gif.example/v?a=1&utm_source=x&b=2", "https://gif.example/v?b=2&a=1&fbclid=9"),
    ],
)
def test_the_same_link(one, other):
    assert exact(one) == exact(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://gif.example/AbC", "https://gif.example/abc"),
        ("https://gif.example/v?id=1", "https://gif.example/v?id=2"),
        ("https://gif.example:8443/v", "https://gif.example/v"),
    ],
)
def test_not_the_same_link(one, other):
    assert exact(one) != exact(other)


def test_the_same_place():
    assert place("https://gif.example/v?id=1") == place("http://www.gif.example/v/?id=2") != ""
    assert place("https://gif.example/") == "", "a whole site is no place"


@pytest.mark.parametrize(
    "text", ["", "kucing", "http://[", "http://x:99999999/", "a b.example", "\ud800.example/x",
             "http://.", "javascript:alert(1)", "//", "x" * 3000],
)  # fmt: skip
def test_hostile_links_are_none_or_one_but_never_raise(text):
    assert len(exact(text)) in (0, 64)
    assert len(place(text)) in (0, 64)
