"""What differs from country to country is a file, and a file that is wrong is refused."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

import perisai.desk.summons.letters as letters_package
from perisai.desk import procedures
from perisai.desk.clocks.calendars import Calendar
from perisai.errors import SettingsError
from perisai.settings import DeskSection

INDONESIA = (resources.files(procedures) / "id.toml").read_text(encoding="utf-8")


def test_the_shipped_ones_can_be_read():
    assert "id" in procedures.shipped()
    for name in procedures.shipped():
        known = procedures.load(name)
        Calendar(known.country, "UTC")
        for language in procedures.LANGUAGES:
            assert known.basis(language, 2026)
            assert set(known.words[language]) == {*procedures.FILLED, *procedures.PLAIN}


def test_every_word_is_used():
    folder = Path(letters_package.__file__).parent
    source = "".join(each.read_text(encoding="utf-8") for each in folder.glob("*.py"))
    for name in (*procedures.FILLED, *procedures.PLAIN):
        looked_up = "opening_{many}" if name.startswith("opening_") else name
        assert re.search(rf"""\[f?["']{re.escape(looked_up)}["']\]""", source), name


def test_a_file_of_one_s_own(tmp_path):
    file = tmp_path / "xx.toml"
    file.write_text(INDONESIA.replace('country = "ID"', 'country = "NL"'), encoding="utf-8")
    assert procedures.load(str(file)).country == "NL"
    with pytest.raises(SettingsError, match="cannot be read"):
        procedures.load(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('country = "ID"', "", r"calendar.country: is missing"),
        ('"Januari", ', "", r"months.id: must be 12 names"),
        ('"Senin", ', "", r"weekdays.id: must be 7 names"),
        ("very-urgent = {", "extra = {", r"urgency: must have the keys"),
        ('to = "Yth."', 'two = "Yth."', r"letter.id: lacks the key 'to'"),
        ('to = "Yth."', 'to = "Yth."\nextra = "x"', r"letter.id.extra: is not a known key"),
        ('to = "Yth."', 'to = " "', r"letter.id.to: must not be empty"),
        ('to = "Yth."', 'to = "{house}"', r"letter.id.to: fills in \{house\}; known here: nothing"),
        ('more = "', 'more = "{x}', r"letter.id.more: fills in \{x\}; known here: count"),
        ('more = "', 'more = "{count.real}', r"fills in \{count.real\}"),
        ('more = "', 'more = "{', r"letter.id.more: has braces|fills in"),
        ('more = "', 'more = "}', r"letter.id.more: has braces"),
        ('more = "', 'more = "{count:zz}', r"letter.id.more: has braces"),
        ("year = 2014", 'year = "2014"', r"laws.*year: must be a whole number"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, old, new, what):
    file = tmp_path / "xx.toml"
    assert old in INDONESIA
    file.write_text(INDONESIA.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=what) as caught:
        procedures.load(str(file))
    assert re.match(r".*xx\.toml:\d+: ", str(caught.value))


def test_the_house_s_settings_are_checked(tmp_path):
    from perisai import settings

    file = tmp_path / "perisai.toml"
    for line, what in (
        ('zone = "Asia/Jakrta"', r"toml:2: desk.zone: is 'Asia/Jakrta'.*Asia/Jakarta"),
        ('email = "x y@z"', r"toml:2: desk.email: .*office@example.id"),
        ('days_off = ["tomorrow"]', r"toml:2: desk.days_off.*must be a day like 2026-12-31"),
        ('nmae = "x"', r"toml:2: desk.nmae: .*did you mean 'name'"),
    ):
        file.write_text(f"[desk]\n{line}\n", encoding="utf-8")
        with pytest.raises(SettingsError, match=what):
            settings.load(file, env={})
    loaded = settings.load(env={"PERISAI_DESK__DAYS_OFF": "2026-12-30, 2026-12-31"}).desk
    assert [each.day for each in loaded.days_off] == [30, 31]
    assert DeskSection().zone == "Asia/Jakarta"
