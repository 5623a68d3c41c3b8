"""An agency objects to a request: somebody else decides in time, and the agency is told."""

from __future__ import annotations

import pytest

from perisai.desk.outbox import services as outbox
from perisai.desk.outbox.contents import make
from perisai.desk.outbox.models import MessageRow
from perisai.desk.permissions import Role
from tests.desk.improvements.links import known, outside, sent
from tests.desk.web.visiting import forms_on

OBJECTS = {"text": "Bukan wewenang kami.", "objects": "on"}


@pytest.fixture
def ministry(staff):
    return staff(Role.MINISTRY)


@pytest.fixture
def other(staff):
    return staff(Role.CASE_OFFICER, "budi")


@pytest.fixture
def objected(desk, case, link, ministry):
    assert ministry.send(f"/cases/{case}", "/i-1/answer", **OBJECTS).status_code == 302
    return case


def decide(person, case, outcome, reason="Sudah kami periksa."):
    return person.send(f"/cases/{case}", "/i-1/objection", outcome=outcome, reason=reason)


def may_decide(person, case) -> bool:
    page = person.get(f"/cases/{case}")
    return any(each.action.endswith("/i-1/objection") for each in forms_on(page))


def test_it_waits_with_a_clock_for_somebody_else(
    desk, objected, officer, commissioner, other, ministry, reviewer
):
    case = objected
    found = desk.house.case(case)
    assert found.improvements["i-1"].standing == "objected"
    assert found.clocks["objection:i-1"].due.isoformat() == "2026-11-11T23:59:59+07:00"
    title = "Keberatan instansi menunggu keputusan"
    assert title in other.text("/")
    told = {"outcome": "right", "reason": "x"}
    for person in (officer, commissioner):
        assert title not in person.text("/"), "who asked or agreed does not decide"
        assert not may_decide(person, case)
    for person in (officer, commissioner, ministry, reviewer):
        path = f"/cases/{case}/improvements/i-1/objection"
        assert person.post(path, **told).status_code == 403
    assert decide(other, case, "right", " ").status_code == 422
    assert decide(other, case, "maybe").status_code == 422
    judged = {"outcome": "kept", "before": "x", "after": "y"}
    page = other.post(f"/cases/{case}/improvements/i-1/judge", **judged)
    assert page.status_code == 422, "the objection is decided first"
    assert desk.house.rebuild(write=False) == []


def test_what_is_not_right_leaves_the_request_as_it_was(desk, objected, other, ministry):
    case = objected
    assert decide(other, case, "not-right").status_code == 302
    found = desk.house.case(case)
    assert found.improvements["i-1"].standing == "asked", "nothing else was answered"
    assert found.clocks["objection:i-1"].met
    assert not found.clocks["improvement:i-1"].met
    assert "Sudah kami periksa." in ministry.text(f"/cases/{case}")
    assert "Keberatan instansi" not in other.text("/")
    path = f"/cases/{case}/improvements/i-1/objection"
    assert other.post(path, outcome="right", reason="x").status_code == 422, "once"
    ministry.send(f"/cases/{case}", "/i-1/answer", text="Baik, terbit.")
    assert known(desk, case).standing == "answered"
    ministry.send(f"/cases/{case}", "/i-1/answer", **OBJECTS)
    found = desk.house.case(case)
    assert found.improvements["i-1"].standing == "objected", "objected anew"
    assert not found.clocks["objection:i-1"].met
    assert desk.house.rebuild(write=False) == []


def test_what_is_right_ends_the_request(desk, objected, link, other, ministry):
    case = objected
    assert decide(other, case, "right").status_code == 302
    found = desk.house.case(case)
    assert found.improvements["i-1"].standing == "withdrawn"
    assert found.clocks["improvement:i-1"].met
    assert ministry.post(f"/cases/{case}/improvements/i-1/answer", text="x").status_code == 422
    assert "ditarik" in ministry.text("/improvements?standing=withdrawn")
    with outside(desk) as visitor:
        text = visitor.get(link).text
        assert "Sudah kami periksa." in text
        assert "ditarik" in text
    assert desk.house.rebuild(write=False) == []


def test_the_agency_is_told_the_way_it_was_asked(desk, objected, other):
    decide(other, objected, "partly", "Bagian <kedua> {benar}.")
    row = MessageRow.objects.get(kind="objection")
    assert (row.channel, row.receiver, row.case) == ("hand", "Kementerian <b>", objected)
    assert row.item == "i-1-objection"
    text = make(desk.settings, desk.house, outbox.message(desk.house, row.id), "").text
    for said in ("Bagian <kedua> {benar}.", "benar sebagian", "partly right", "Pedoman"):
        assert said in text
    assert 'id="i-1-objection"' in other.get(f"/cases/{objected}").content.decode()


def test_by_mail_if_it_was_asked_by_mail(desk, case, officer, commissioner, other):
    assert commissioner.send(f"/cases/{case}", "/i-1/agree").status_code == 302
    link = sent(officer, case, email="kontak@instansi.example")
    with outside(desk) as visitor:
        fields = visitor.get(link).forms[-1] | {"do": "answer", "answer": "Tidak."}
        assert visitor.post(link, fields | {"objects": "on"}).status == 302
    decide(other, case, "not-right")
    row = MessageRow.objects.get(kind="objection")
    message = outbox.message(desk.house, row.id)
    assert (message.channel, message.address) == ("email", "kontak@instansi.example")
    assert row.acknowledged is None


def test_on_paper_the_clock_runs_once_it_was_compared(desk, case, link, officer, other):
    page = f"/cases/{case}"
    officer.send(page, "/i-1/paper", **OBJECTS, how="surat")
    assert "objection:i-1" not in desk.house.case(case).clocks
    assert not may_decide(other, case)
    other.send(page, "/i-1/answers/1/verify", same="yes")
    assert "objection:i-1" in desk.house.case(case).clocks
    assert may_decide(other, case)
