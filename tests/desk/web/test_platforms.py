"""The record of a platform over all its cases."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from perisai.desk.cases import domain as cases
from perisai.desk.cases import services
from perisai.desk.commitments import domain as commitments
from perisai.desk.improvements import domain as improvements
from perisai.desk.permissions import Role
from perisai.desk.summons import domain as summons
from perisai.desk.web.views import platforms
from tests.desk.conftest import COMMISSIONER, INTAKE, OFFICER, REVIEWER
from tests.desk.test_first_journey import LETTER, SAMPLE

PAGE = "/platform?name=Contoh+Pesan"


def test_all_platforms_as_a_spreadsheet(opened, officer, staff):
    opened("Contoh Pesan", "kucing")
    opened("Contoh Pesan", "sepeda")
    opened("=Lain", "joget")
    text = officer.get("/platforms.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[:3] for row in rows[1:]] == [["Contoh Pesan", "2", "2"], ["'=Lain", "1", "1"]]
    assert 'href="/platforms.csv"' in officer.get("/platforms").content.decode()
    assert staff(Role.PLATFORM).get("/platforms.csv").status_code == 403


@pytest.fixture
def opened(desk, clock):
    """``opened("Contoh Pesan", "kucing")``: a case, confirmed unless told otherwise."""

    def one(platform: str, *words: str, confirmed: bool = True) -> str:
        clock.on(days=1)
        house = desk.house
        key = house.open_case(
            INTAKE, title=f"GIF pada {platform}", platform=platform, words=words,
            promised=clock() + timedelta(days=99),
        ).id  # fmt: skip
        if confirmed:
            house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
            house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
        return key

    return one


def rows(person, address: str) -> list[list[str]]:
    page = person.get(address)
    assert page.status_code == 200
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))[1:]


def test_how_often_it_was_confirmed_and_when(desk, opened, officer, clock):
    old = opened("Contoh Pesan", "kucing")
    clock.on(days=365 * 6)
    assert "terkonfirmasi sejak" not in officer.text(PAGE)
    first = opened("Contoh Pesan", "kucing")
    opened("Contoh Pesan", "kucing", confirmed=False)
    assert "Satu klaim terkonfirmasi sejak 2032: 6 Nov 2032" in officer.text(PAGE)
    second, third = opened("Contoh Pesan", "joget"), opened("Contoh Pesan", "joget")
    shown = officer.text(PAGE)
    assert "Sudah 3 kali terkonfirmasi sejak 2032:" in shown
    assert "5 kasus sejak 7 Nov 2026" in shown
    services.merge(desk.house, OFFICER, second, third, "the same")
    assert "Sudah 2 kali terkonfirmasi sejak 2032:" in officer.text(PAGE)
    record = officer.get(PAGE).content.decode().partition('class="record"')[2].partition("</p>")[0]
    assert [key in record for key in (old, first, second, third)] == [False, True, True, False]


def test_of_a_long_record_the_newest_are_named(opened, officer, monkeypatch):
    monkeypatch.setattr(platforms, "RECORD", 2)
    _, second, third = (opened("Contoh Pesan", "kucing") for _ in range(3))
    record = re.search(r'<p class="record">.*?</p>', officer.get(PAGE).content.decode())[0]
    assert "Sudah 3 kali terkonfirmasi sejak 2026:</strong> …" in record
    assert re.findall(r"/cases/([^\"]+)", record) == [second, third]


def test_letters_promises_and_requests_of_all_its_cases(desk, opened, officer, staff, clock):
    house = desk.house
    check = {"kind": "check", "text": "x"}
    for number, outcome in enumerate(("kept", "broken", "")):
        key, due = opened("Contoh Pesan"), clock() + timedelta(days=9)

        def do(by, change, *given, key=key, **named):
            house.change_case(key, by, lambda c: change(c, by, *given, **named))

        do(OFFICER, summons.draft, LETTER)
        do(OFFICER, commitments.make, clock(), who="x", what="saring", verify=check, due=due)
        told = {"agency": "Kementerian", "what": f"pedoman {number}", "verify": check, "due": due}
        do(OFFICER, improvements.ask, clock(), **told)
        if outcome:
            do(COMMISSIONER, summons.approve, "s-1", f"{number}/KPA")
            do(OFFICER, summons.send, "s-1", clock(), how="surat", door=str(number), reply_by=due)
            do(OFFICER, commitments.judge, "c-1", outcome=outcome, before="x", after="y")
            do(COMMISSIONER, improvements.approve, clock(), "i-1")
    do(OFFICER, cases.note, "x", "internal")
    house.change_case("K-2026-0001", OFFICER, lambda c: summons.missed(c, OFFICER, "s-1"))
    shown = officer.text(PAGE)
    for figure in (
        "2 surat dikirim",
        "0 kali hadir",
        "1 kali tidak hadir",
        "3 komitmen",
        "1 ditepati",
        "0 ditepati terlambat",
        "1 diingkari",
        "pedoman 2",
    ):
        assert figure in shown, figure
    for name, number in (("cases", 3), ("letters", 3), ("commitments", 3), ("improvements", 3)):
        assert len(rows(officer, f"/{name}.csv?platform=Contoh+Pesan")) == number
        assert rows(officer, f"/{name}.csv?platform=Lain") == []
    ministry = staff(Role.MINISTRY)
    assert "pedoman 1" in ministry.text(PAGE)
    assert "pedoman 2" not in ministry.text(PAGE)


def test_earlier_cases_of_other_platforms_alike(desk, opened, officer):
    alike = opened("Obrolan Lain", "kucing menari")
    opened("Obrolan Lain", "sepeda")
    opened("Obrolan Lain", "kucing menari", confirmed=False)
    opened("Contoh Pesan", "kucing menari", "x-y")
    later = opened("Obrolan Lain", "kucing menari")
    section = officer.get(PAGE).content.decode().partition('id="alike"')[2]
    assert f"/cases/{alike}" in section
    assert f"/cases/{later}" not in section
    assert [row[0] for row in rows(officer, PAGE.replace("?", ".csv?"))] == [alike]
    desk.house.change_case(alike, OFFICER, lambda c: cases.name_conflict(c, OFFICER, officer.name))
    assert alike not in officer.get(PAGE).content.decode()
    assert rows(officer, PAGE.replace("?", ".csv?")) == []
    assert officer.get("/platform.csv?name=Tidak+Ada").status_code == 404
    opened("Tanpa Kata")
    assert "Tidak ada kasus serupa" in officer.text("/platform?name=Tanpa+Kata")
