"""A promise in an answer, and what was agreed on, become commitments in one step, once each."""

from __future__ import annotations

import pytest

from perisai.desk.permissions import Role
from tests.desk.web import stories


@pytest.fixture
def case(intake, reviewer, officer, commissioner):
    key = stories.opened(intake)
    stories.screened(reviewer, key)
    stories.confirmed(reviewer, key)
    stories.measured(officer, key, 9, 1)
    stories.invited(officer, commissioner, key)
    return key


def promise(staff, case):
    told = {"text": "Baik.", "promise": "Menyaring <b> kata itu", "promise_by": "2026-12-01"}
    page = staff(Role.PLATFORM).send(f"/mail/{case}/s-1", "/answer", **told)
    assert page.status_code == 302, page.content.decode()


def take(officer, case, offer, **more):
    """Press the button beside an offer: everything is filled in already."""
    from tests.desk.web.visiting import forms_on

    page = officer.get(f"/cases/{case}")
    found = [each for each in forms_on(page) if each.fields.get("source") == offer]
    assert found, f"no form takes {offer} up"
    form = found[0]
    fields = {**form.fields, **more}
    return form, officer.client.post(form.action, fields)


def test_what_was_promised_in_an_answer(desk, case, officer, staff):
    promise(staff, case)
    form, page = take(officer, case, "s-1/answer/1")
    assert (form.fields["what"], form.fields["due"]) == ("Menyaring <b> kata itu", "2026-12-01")
    assert form.fields["way"] == "search"
    assert page.status_code == 302, page.content.decode()
    made = desk.house.case(case).commitments["c-1"]
    assert (made.source, made.what) == ("s-1/answer/1", "Menyaring <b> kata itu")
    assert (made.verify.kind, made.verify.words) == ("search", "kucing lucu")
    text = officer.get(f"/cases/{case}").content.decode()
    assert 'href="#c-1"' in text
    assert 'value="s-1/answer/1"' not in text
    page = officer.client.post(form.action, form.fields)
    assert page.status_code == 422, "each is taken up once"
    assert "sudah menjadi komitmen" in page.content.decode()
    assert desk.house.rebuild(write=False) == []


def test_what_is_wrong_is_said_where_it_was_filled(desk, case, officer, staff):
    promise(staff, case)
    _, page = take(officer, case, "s-1/answer/1", due="")
    assert page.status_code == 422
    body = page.content.decode()
    assert '<details class="panel" id="do-promise-s-1-answer-1" open>' in body
    for wrong in ("s-1/answer/2", "s-9/point/1", "s-1/answer/1/2", "<script>"):
        _, page = take(officer, case, "s-1/answer/1", source=wrong)
        assert page.status_code == 422
        assert "<script>" not in page.content.decode()
    assert desk.house.case(case).commitments == {}


def test_what_was_agreed_when_they_came(desk, case, officer, staff):
    points = "Menyaring kata itu | 2026-12-01\n\nMenunjuk penghubung\n"
    told = {"minutes": "Datang berdua.", "points": points}
    assert officer.send(f"/cases/{case}", "/s-1/attended", **told).status_code == 302
    known = desk.house.case(case).summons["s-1"]
    assert [(each.what, each.by) for each in known.points] == [
        ("Menyaring kata itu", "2026-12-01"), ("Menunjuk penghubung", ""),
    ]  # fmt: skip
    form, page = take(officer, case, "s-1/point/2", due="2026-12-24", way="check")
    assert form.fields["due"] == ""
    assert page.status_code == 302, page.content.decode()
    made = desk.house.case(case).commitments["c-1"]
    assert (made.source, made.what) == ("s-1/point/2", "Menunjuk penghubung")
    assert made.verify.text == "Kami periksa sendiri pada hari itu."
    assert "Menyaring kata itu" in staff(Role.AUDITOR).text(f"/cases/{case}")
    assert desk.house.rebuild(write=False) == []


@pytest.mark.parametrize("points", ["saring | besok", "| 2026-12-01", "a\n" * 31])
def test_points_that_cannot_be_read(desk, case, officer, points):
    page = officer.send(f"/cases/{case}", "/s-1/attended", minutes="x", points=points)
    assert page.status_code == 422
    assert not desk.house.case(case).summons["s-1"].attended


def test_a_promise_on_paper_waits_for_its_second_person(desk, case, officer):
    officer.send(f"/cases/{case}", "/s-1/answer", text="Kami janji.", how="pos")
    assert 'value="s-1/answer/1"' not in officer.get(f"/cases/{case}").content.decode()
