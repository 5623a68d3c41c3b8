"""Steps of a procedure, with the times that its file gives them."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import resources

import pytest

from perisai.desk import procedures
from perisai.desk.cases import domain as cases
from perisai.desk.clocks import steps
from perisai.desk.clocks.calendars import Calendar
from perisai.errors import NotAllowed, NotYet, SettingsError
from tests.desk.conftest import INTAKE, NOW, OFFICER

INDONESIA = procedures.load("id")
CALENDAR = Calendar("ID", "Asia/Jakarta", [date(2026, 11, 9)])


@pytest.fixture
def key(house):
    promised = NOW + timedelta(days=30)
    return house.open_case(INTAKE, title="t", platform="p", words=[], promised=promised).id


def begin(house, key, step, actor=OFFICER):
    return house.change_case(
        key,
        actor,
        lambda c: steps.begin(c, actor, house.clock(), INDONESIA.steps[step], CALENDAR),
    )


@pytest.mark.parametrize(
    ("step", "due"),
    [
        ("takedown-urgent", "2026-11-06T14:00:00+07:00"),
        ("st1", "2026-11-07T10:00:00+07:00"),
        ("ultimatum", "2026-11-08T10:00:00+07:00"),
        # three working days after a Friday, and the Monday is a day off of this house alone
        ("objection", "2026-11-12T23:59:59+07:00"),
    ],
)
def test_the_time_of_a_step(house, key, step, due):
    assert begin(house, key, step).clocks[f"step:{step}"].due.isoformat() == due
    source = house.log.stream(f"case:{key}")[-1].data["source"]
    assert source == INDONESIA.steps[step].source
    assert house.rebuild(write=False) == []


def test_a_step_that_is_over_may_begin_again(house, clock, key):
    begin(house, key, "st1")
    with pytest.raises(NotYet, match="runs already"):
        begin(house, key, "st1")
    with pytest.raises(NotYet, match="what has happened"):
        house.change_case(key, OFFICER, lambda c: steps.end(c, OFFICER, "step:st1", " "))
    house.change_case(key, OFFICER, lambda c: steps.end(c, OFFICER, "step:st1", "Removed."))
    with pytest.raises(NotYet, match="does not run"):
        house.change_case(key, OFFICER, lambda c: steps.end(c, OFFICER, "step:st1", "Again."))
    clock.on(hours=1)
    case = begin(house, key, "st1")
    assert case.clocks["step:st1"].standing(clock()) == "met"
    assert case.clocks["step:st1.2"].standing(clock()) == "running"
    assert steps.key_of("step:st1.2") == "st1"


def test_who_may_and_what_ends_by_itself(house, key):
    with pytest.raises(NotAllowed):
        begin(house, key, "st1", INTAKE)
    with pytest.raises(NotYet, match="ends by itself"):
        house.change_case(key, OFFICER, lambda c: steps.end(c, OFFICER, "result", "x"))
    house.change_case(key, OFFICER, lambda c: cases.name_conflict(c, OFFICER, OFFICER.name))
    with pytest.raises(NotAllowed):
        begin(house, key, "st2")


def test_another_country_is_another_file(tmp_path):
    text = (resources.files(procedures) / "id.toml").read_text(encoding="utf-8")
    first, last = text.index("[[steps]]"), text.index("# ---- the letter")
    own = """[[steps]]
key = "notice"
id = "Pemberitahuan"
en = "Notice"
span = "10 wd"
warn = 0.5
source = "DSA, article 16"

"""
    file = tmp_path / "nl.toml"
    file.write_text(
        text[:first].replace('country = "ID"', 'country = "NL"') + own + text[last:],
        encoding="utf-8",
    )
    known = procedures.load(str(file))
    assert list(known.steps) == ["notice"]
    due = known.steps["notice"].span.after(NOW, Calendar(known.country, "Europe/Amsterdam"))
    assert due.isoformat() == "2026-11-20T23:59:59+01:00"
    for old, new, what in (
        ('span = "10 wd"', 'span = "soon"', r"steps\[1\].span: .*no length of time"),
        ('key = "notice"', 'key = "No tice"', r"steps\[1\].key"),
        ("warn = 0.5", "warn = 2", r"steps\[1\].warn"),
    ):
        wrong = tmp_path / f"{len(what)}.toml"
        wrong.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        with pytest.raises(SettingsError, match=what):
            procedures.load(str(wrong))
