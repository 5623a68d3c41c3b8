"""The pages of what leaves the house."""

from __future__ import annotations

import re

import pytest

from perisai.desk.outbox import services
from perisai.desk.outbox.models import MessageRow
from perisai.desk.permissions import Role
from tests.desk.outbox import letters
from tests.desk.web import stories


@pytest.fixture
def message(desk) -> str:
    """A letter that was sent by mail, and not yet delivered; the number of its message."""
    letters.sent(desk.house, letters.ready(desk.house))
    return MessageRow.objects.get().id


def test_empty(officer):
    page = officer.text("/outbox")
    assert "Belum ada yang dikirim" in page
    assert "Server surel belum dipasang" in page
    assert "belum dinyatakan diterima" not in officer.text("/")


def test_a_letter_that_is_sent_stays_red_until_it_has_arrived(
    desk, intake, reviewer, officer, commissioner
):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    assert officer.send(f"/cases/{case}", "/letters", **stories.LETTER).status_code == 302
    assert commissioner.send(f"/cases/{case}", "/s-1/agree").status_code == 302
    page = officer.send(f"/cases/{case}", "/s-1/send", how="kurir").content.decode()
    assert "antarkan sendiri" in page
    assert re.search(r"/jawab/[\w-]+", page)
    assert "1 kiriman belum dinyatakan diterima" in officer.text("/")
    assert "1 perlu diantar dengan tangan" in officer.text("/")
    refused = officer.send("/outbox", "/record", how=" ")
    assert refused.status_code == 422
    done = officer.send("/outbox", "/record", how="kurir, tanda terima ada")
    assert done["Location"] == "/outbox?done=received"
    assert "belum dinyatakan diterima" not in officer.text("/")
    assert "kurir, tanda terima ada" in officer.text(f"/cases/{case}")
    assert desk.house.case(case).summons["s-1"].standing == "acknowledged"


def test_an_address_that_is_none_is_refused(intake, reviewer, officer):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    for wrong in ("x", "a@b\nBcc: c@d.example", '"a b"@contoh.example'):
        told = {**stories.LETTER, "email": wrong}
        assert officer.send(f"/cases/{case}", "/letters", **told).status_code == 422


def test_who_agrees_sees_where_it_goes(intake, reviewer, officer, commissioner):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    told = {**stories.LETTER, "email": letters.EMAIL}
    assert officer.send(f"/cases/{case}", "/letters", **told).status_code == 302
    assert f"Surel penerima {letters.EMAIL}" in commissioner.text(f"/cases/{case}")


def test_trying_again(desk, clock, officer, message):
    house = desk.house
    clock.on(minutes=-1)
    assert "menunggu dikirim" in officer.text("/outbox")
    assert officer.send("/outbox", "/urge")["Location"] == "/outbox?done=urged"
    assert [each.kind for each in house.log.stream(f"outbox:{message}")][-1] == "outbox.urged"


def test_who_may_only_look_has_no_buttons(staff, message):
    auditor = staff(Role.AUDITOR)
    page = auditor.get("/outbox").content.decode()
    assert message in page
    assert "/record" not in page
    assert auditor.post(f"/outbox/{message}/record", how="x").status_code == 403


def test_a_party_to_the_case_sees_nothing_of_it(desk, officer, commissioner, message):
    officer.send("/cases/K-2026-0001", "/conflict", person="commissioner")
    for path in ("/outbox", "/outbox.csv", "/"):
        page = commissioner.get(path).content.decode()
        assert message not in page
        assert "Contoh Pesan" not in page
        assert "kiriman belum dinyatakan" not in page
    assert commissioner.post(f"/outbox/{message}/record", how="x").status_code == 403
    assert services.message(desk.house, message).red


def test_neither_list_nor_spreadsheet_shows_the_address_or_the_link(officer, message):
    for path in ("/outbox", "/outbox.csv", "/outbox?standing=red", "/outbox?standing=waiting"):
        page = officer.get(path).content.decode()
        assert message in page
        assert letters.EMAIL not in page
        assert "jawab" not in page
    assert message not in officer.get("/outbox?standing=failed").content.decode()


def test_a_number_that_there_is_not(officer, message):
    assert officer.post("/outbox/o-0000000000000000/urge").status_code == 404
