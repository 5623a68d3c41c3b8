"""The form of a letter: both languages, the zone of the meeting, its end, an online link."""

from __future__ import annotations

import io

import docx
import pytest

from tests.desk.web import stories
from tests.desk.web.visiting import forms_on

MORE = {
    "about_en": "GIFs in a search", "agenda_en": "To clarify", "questions_en": "Since when?\nWho?",
    "documents_en": "Policy", "online": "https://rapat.example/x", "until": "15:00",
    "zone": "Asia/Jayapura",
}  # fmt: skip


@pytest.fixture
def case(intake, reviewer) -> str:
    key = stories.opened(intake)
    stories.screened(reviewer, key)
    stories.confirmed(reviewer, key)
    return key


def text(person, case, language) -> str:
    page = person.get(f"/cases/{case}/letters/s-1/{language}.docx")
    found = docx.Document(io.BytesIO(page.content))
    return "\n".join(each.text for each in found.paragraphs)


def test_both_languages_and_the_right_hour(desk, case, officer, commissioner):
    page = officer.send(f"/cases/{case}", "/letters", **stories.LETTER, **MORE)
    assert page.status_code == 302, page.content.decode()
    english, indonesian = text(officer, case, "en"), text(officer, case, "id")
    for told in ("To clarify", "Since when?", "Policy", "GIFs in a search"):
        assert told in english
        assert told not in indonesian
    assert "Sejak kapan?" in indonesian
    assert "Sejak kapan?" not in english
    for each in (english, indonesian):
        assert "https://rapat.example/x" in each
    assert "13.00 WIT" in indonesian
    assert "15.00" in indonesian
    told = desk.house.case(case).summons["s-1"].letter
    assert told["at"] == "2026-11-16T13:00:00+09:00"
    assert commissioner.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    ics = officer.get(f"/cases/{case}/letters/s-1/id.ics").content.decode()
    assert "TZID=Asia/Jayapura:20261116T130000" in ics
    shown = officer.text(f"/cases/{case}")
    assert "To clarify" in shown
    assert "Asia/Jayapura" in shown


def test_what_was_written_comes_back_to_be_changed(desk, case, officer):
    officer.send(f"/cases/{case}", "/letters", **stories.LETTER, **MORE)
    before = desk.house.case(case).summons["s-1"].letter
    forms = forms_on(officer.get(f"/cases/{case}"))
    (form,) = (each for each in forms if each.action.endswith("/s-1/text"))
    assert form.fields["at"] == "2026-11-16T13:00"
    assert form.fields["agenda_en"] == "To clarify"
    assert officer.client.post(form.action, form.fields).status_code == 302
    assert desk.house.case(case).summons["s-1"].letter == before


@pytest.mark.parametrize(
    ("wrong", "said"), [({"zone": "Asia/Bekasi"}, "Asia/Bekasi"), ({"until": "12:00"}, "berakhir")]
)
def test_what_cannot_be_is_said(desk, case, officer, wrong, said):
    page = officer.send(f"/cases/{case}", "/letters", **stories.LETTER, **{**MORE, **wrong})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not desk.house.case(case).summons


def test_nothing_more_is_needed(desk, case, officer):
    assert officer.send(f"/cases/{case}", "/letters", **stories.LETTER).status_code == 302
    assert "13.00 WIB" in text(officer, case, "id")
    assert "Sejak kapan?" in text(officer, case, "en")
