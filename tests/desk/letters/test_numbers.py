from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.desk.summons.letters.numbers import next_number
from perisai.errors import SettingsError
from perisai.settings import DeskSection

PATTERN = DeskSection().letter_number
DAY = date(2026, 11, 6)


def test_the_first_of_a_year():
    assert next_number(PATTERN, [], DAY) == "001/KPA/XI/2026"
    assert next_number(PATTERN, ["014/KPA/XII/2025"], date(2026, 1, 2)) == "001/KPA/I/2026"


def test_after_the_highest_of_the_year_whatever_the_month():
    taken = ["001/KPA/I/2026", "013/KPA/X/2026", "900/KPA/X/2025", "S-99/X/2026", "", "0xKPA"]
    assert next_number(PATTERN, taken, DAY) == "014/KPA/XI/2026"
    assert next_number(PATTERN, ["999/KPA/X/2026"], DAY) == "1000/KPA/XI/2026"


def test_other_patterns():
    assert next_number("{n}", ["7", "3"], DAY) == "8"
    assert next_number("B-{n:05}.{month:02}.{year}", [], DAY) == "B-00001.11.2026"
    assert next_number("{{{n}}}", ["{4}"], DAY) == "{5}"
    assert next_number("[{n}]/(a|b)*", ["[1]/(a|b)*", "[8]/a"], DAY) == "[2]/(a|b)*"


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("KPA/{year}", "must have"), ("", "must have"), ("{n}{n}", "must have"),
        ("{n", "braces"), ("{n}}", "braces"), ("{}", "fills in 'nothing'"),
        ("{n}{}", "fills in"), ("{n.real}", "fills in"), ("{n[0]}", "fills in"),
        ("{n!r}", "fills in"), ("{x}{n}", "fills in 'x'"), ("{n:x}", "only zeros"),
        ("{n:{year}}", "only zeros"), ("{n:099999999}", "only zeros"), ("{year:04}{n}", "zeros"),
        ("{n}\n", "one line"), ("{n}" + "x" * 100, "at most 100"),
    ],
)  # fmt: skip
def test_a_pattern_that_is_none(pattern, what):
    with pytest.raises(SettingsError, match=what) as caught:
        next_number(pattern, [], DAY)
    assert "desk.letter_number" in str(caught.value)


@given(st.lists(st.text(max_size=20)), st.dates(), st.integers(1, 12))
def test_a_number_is_never_given_twice(others, day, letters):
    taken = list(others)
    for _ in range(letters):
        number = next_number(PATTERN, taken, day)
        assert number not in taken
        taken.append(number)
