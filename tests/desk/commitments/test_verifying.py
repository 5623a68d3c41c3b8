"""A promise is verified by a search that is measured again, by a check, or by a document."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.desk.cases import domain as cases
from perisai.desk.cases.state import after
from perisai.desk.commitments import domain as commitments
from perisai.errors import NotYet
from perisai.storage.facts.records import Fact
from tests.desk.conftest import INTAKE, NOW, OFFICER

SEARCH = {"kind": "search", "words": "kucing", "band": "10-12"}


@pytest.fixture
def key(house) -> str:
    return house.open_case(
        INTAKE, title="t", platform="Contoh Pesan", words=[], promised=NOW + timedelta(days=40)
    ).id


def measure(house, key, shown, withheld, **changed):
    told = {"words": "kucing", "band": "10-12", "rules": {}, "shown": shown, "withheld": withheld}
    house.change_case(key, OFFICER, lambda c: cases.measured(c, OFFICER, told | changed))


def make(house, key, clock, verify=SEARCH, days=5):
    told = {"who": "Contoh", "what": "saring", "due": clock() + timedelta(days=days)}
    return house.change_case(
        key, OFFICER, lambda c: commitments.make(c, OFFICER, clock(), verify=verify, **told)
    )


def judge(house, key, before, after, outcome="kept"):
    said = {"outcome": outcome, "before": before, "after": after}
    return house.change_case(key, OFFICER, lambda c: commitments.judge(c, OFFICER, "c-1", **said))


def test_a_search_that_nobody_has_measured_verifies_nothing(house, clock, key):
    measure(house, key, 17, 3)
    for changed in ({"words": "anjing"}, {"band": "adult"}, {"words": ""}):
        with pytest.raises(NotYet, match="Measure the search first"):
            make(house, key, clock, SEARCH | changed)
    for kind in ("", "promise"):
        with pytest.raises(NotYet, match="a search, a check, or a document"):
            make(house, key, clock, {"kind": kind, "text": "x"})


def test_a_search_is_judged_by_what_was_measured(house, clock, key):
    measure(house, key, 17, 3)
    clock.on(hours=1)
    measure(house, key, 16, 4)
    make(house, key, clock)
    with pytest.raises(NotYet, match="measure this search again first"):
        judge(house, key, "0", "1")
    clock.on(days=2)
    measure(house, key, 1, 1, words="anjing")
    with pytest.raises(NotYet, match="measure this search again first"):
        judge(house, key, "0", "2")
    measure(house, key, 20, 0)
    for before, now in (
        ("0", "2"),
        ("0", "9"),
        ("-1", "3"),
        ("x", "3"),
        ("0", ""),
        ("9" * 5000, "3"),
    ):
        with pytest.raises(NotYet, match="this very search"):
            judge(house, key, before, now)
    with pytest.raises(NotYet, match="after it was promised"):
        judge(house, key, "0", "1")
    with pytest.raises(NotYet, match="before how it is now"):
        judge(house, key, "3", "3")
    for outcome in ("late", "broken"):
        with pytest.raises(NotYet, match="after it was due"):
            judge(house, key, "0", "3", outcome)
    known = judge(house, key, "0", "3").commitments["c-1"]
    found = known.before.measure, known.after.measure
    assert [(each.shown, each.withheld) for each in found] == [(17, 3), (20, 0)]
    assert found[0].at == NOW
    assert house.rebuild(write=False) == []


def test_broken_is_seen_after_it_was_due(house, clock, key):
    measure(house, key, 17, 3)
    make(house, key, clock)
    clock.on(days=6)
    measure(house, key, 17, 3)
    assert judge(house, key, "0", "1", "broken").commitments["c-1"].outcome == "broken"


def test_a_text_is_evidence_of_a_check(house, clock, key):
    make(house, key, clock, {"kind": "check", "text": " berita acara ", "words": "x", "band": "y"})
    known = judge(house, key, "tiga", "nol").commitments["c-1"]
    assert (known.verify.kind, known.verify.text, known.verify.words) == (
        "check",
        "berita acara",
        "",
    )
    assert (known.before.text, known.after.text, known.after.measure) == ("tiga", "nol", None)


def test_what_was_written_before_there_were_kinds_still_counts(house, key):
    case = house.case(key)
    made = {"commitment": "c-1", "who": "x", "what": "y", "verify": "z", "due": NOW.isoformat()}
    told = {"commitment": "c-1", "outcome": "kept", "before": "3", "after": "0"}
    for position, (kind, data) in enumerate(
        (("commitment.made", made), ("commitment.judged", told)), case.position + 1
    ):
        case = after(case, Fact(position, f"case:{key}", position, kind, NOW, OFFICER.by, data))
    known = case.commitments["c-1"]
    assert (known.verify.kind, known.verify.text) == ("", "z")
    assert (known.before.text, known.after.text) == ("3", "0")
