"""The sample incident is laid by the house itself, and only in an empty one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from perisai.desk import sample
from perisai.errors import NotYet
from tests.desk.conftest import NOW

FOUND = {
    "sha256": "cd" * 32, "seen": "", "decisions": {"3-5": "block"}, "rules": {},
    "rule": "on-a-list", "findings": [], "media": "gif", "error": "",
}  # fmt: skip


def test_one_case_is_over_one_runs_and_complaints_wait(house):
    from perisai.desk.cases.models import CaseRow
    from perisai.desk.complaints.models import ComplaintRow

    over, running = sample.lay(house, FOUND)
    assert house.case(over).status == "published"
    assert house.case(over).commitments["c-1"].outcome == "kept"
    assert house.case(over).improvements["i-1"].standing == "asked"
    case = house.case(running)
    assert (case.status, case.claim, len(case.complaints)) == ("confirmed", "confirmed", 3)
    assert case.samples[0].rule == "on-a-list"
    assert case.summons["s-1"].standing == "draft"
    assert CaseRow.objects.using(house.alias).count() == 2
    rows = ComplaintRow.objects.using(house.alias)
    assert (rows.filter(waiting=True).count(), rows.filter(sealed=True).count()) == (3, 1)
    assert house.log.verify() is None
    assert house.rebuild(write=False) == []
    assert all(fact.at <= NOW for fact in house.log.all())
    assert all(clock.due > NOW for clock in case.clocks.values())


def test_samples_and_real_complaints_do_not_mix(house):
    house.receive({"what": "x"})
    with pytest.raises(NotYet, match="empty house"):
        sample.lay(house, FOUND)


def test_make_run_says_who_can_sign_in_without_a_database():
    examples = Path(__file__).parents[2] / "examples"
    code = "import run_house; print(run_house.greeting('a', 'b', 'c'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=examples, capture_output=True, text=True, check=True
    )
    assert "komisioner" in done.stdout
