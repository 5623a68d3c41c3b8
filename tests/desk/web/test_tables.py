"""Lists: sorted, filtered, searched, turned, exported, by plain GET parameters."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from tests.desk.conftest import INTAKE
from tests.desk.web import stories

pytestmark = pytest.mark.on_both


def rows(page) -> list[str]:
    """The first cell of each row."""
    body = page.content.decode()
    if "<tbody" not in body:
        return []
    return re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)', body[body.index("<tbody") :])


@pytest.fixture
def cases(desk, clock) -> list[str]:
    made = []
    for number, (title, platform) in enumerate(
        [("Beta", "Zeta Chat"), ("Alfa", "Contoh Pesan"), ("Gama", "Contoh Pesan")]
    ):
        promised = clock() + timedelta(days=9 - number)
        case = desk.house.open_case(
            INTAKE, title=title, platform=platform, words=[], promised=promised
        )
        made.append(case.id)
        clock.on(minutes=1)
    return made


def test_cases_are_sorted_by_what_is_promised_first(cases, officer):
    one, two, three = cases
    assert rows(officer.get("/cases")) == [three, two, one]
    assert rows(officer.get("/cases?sort=title")) == [two, one, three]
    assert rows(officer.get("/cases?sort=-title")) == [three, one, two]
    for nonsense in (
        "sort=password",
        "sort=--title",
        "sort=",
        "page=99",
        "page=x",
        "sort=title'--",
    ):
        assert len(rows(officer.get(f"/cases?{nonsense}"))) == 3, nonsense


def test_headings_say_how_it_is_sorted(cases, officer):
    body = officer.get("/cases?sort=title&q=a").content.decode()
    assert 'aria-sort="ascending"><a href="?sort=-title&amp;q=a"' in body


def test_cases_are_found_by_number_title_and_platform(cases, officer):
    assert rows(officer.get("/cases?q=alf")) == [cases[1]]
    assert set(rows(officer.get("/cases?q=PESAN"))) == set(cases[1:])
    assert rows(officer.get(f"/cases?q={cases[0].lower()}")) == [cases[0]]
    assert "Tidak ada yang cocok" in officer.text("/cases?q=nothing")
    assert rows(officer.get("/cases?q=%25")) == [], "no wildcard of the database"
    assert set(rows(officer.get("/cases?platform=Contoh+Pesan"))) == set(cases[1:])


def test_cases_with_late_clocks(desk, clock, cases, officer):
    clock.on(days=7)
    assert rows(officer.get("/cases?clock=late")) == [cases[2]]
    assert set(rows(officer.get("/cases?clock=soon"))) == {cases[0], cases[1]}
    assert officer.text("/cases").count("terlambat") >= 1
    assert desk.house.tick() == 1
    page = officer.text(f"/cases/{cases[2]}")
    assert "mencatat terlambat: Hasil untuk publik" in page


def test_complaints_alike_are_counted(intake):
    link = "https://www.gif.example/view/1"
    stories.entered(intake, link=link)
    stories.entered(intake, link="http://gif.example/view/1/#top")
    stories.entered(intake, link="", words="Anjing   Lucu")
    stories.entered(intake, link="", words="anjing lucu")
    stories.entered(intake, link="", words="", what="lain")
    page = intake.get("/complaints.csv").content.decode("utf-8-sig")
    counts = [line["Serupa"] for line in csv.DictReader(io.StringIO(page))]
    assert sorted(counts) == ["", "2", "2", "2", "2"]


def test_complaints_are_filtered_by_state_and_source(desk, intake):
    one, two, three = (
        stories.entered(intake, source=each, link=f"https://gif.example/{each}")
        for each in ("phone", "visit", "press")
    )
    case = stories.opened(intake, two)
    intake.send(f"/complaints/{three}", "/seal")
    assert rows(intake.get("/complaints?state=waiting")) == [one]
    assert rows(intake.get("/complaints?state=in-case")) == [two]
    assert rows(intake.get("/complaints?state=sealed")) == [three]
    assert rows(intake.get("/complaints?source=visit")) == [two]
    assert rows(intake.get("/complaints?source=press")) == [], "where it came from is sealed, too"
    assert rows(intake.get(f"/complaints?q={one}")) == [one]
    assert case in intake.text("/complaints")


def test_pages_of_fifty(desk, clock, intake):
    for _ in range(51):
        desk.house.receive({"what": "x"})
        clock.on(seconds=1)
    assert len(rows(intake.get("/complaints"))) == 50
    second = intake.get("/complaints?page=2&sort=received")
    assert len(rows(second)) == 1
    assert 'rel="prev"' in second.content.decode()
    exported = intake.get("/complaints.csv?page=2").content.decode("utf-8-sig")
    assert exported.count("\r\n") == 52, "a spreadsheet has all of them"


def test_a_receipt_is_shown_once(desk, intake):
    page = intake.send("/complaints/new", "/complaints/new", **stories.TOLD, receipt="on")
    receipt = re.search(r"\d{4} \d{4} \d{4} \d{4}", page.content.decode())[0]
    from perisai.desk.complaints.receipts import Receipt

    found = desk.house.find(Receipt.read(receipt))
    assert found is not None
    assert receipt not in intake.text(f"/complaints/{found.id}")


def test_words_are_in_both_languages(cases, officer):
    assert 'lang="id"' in officer.get("/").content.decode()
    officer.post("/language", to="en", back="/cases")
    page = officer.get("/cases")
    assert page["Content-Language"] == "en"
    assert "Result promised" in page.content.decode()
    assert "6 Nov 2026" in page.content.decode()
    assert officer.post(f"/cases/{cases[0]}/clocks/result/pause", reason=" ").status_code == 422


def test_shortcuts_can_be_switched_off(officer):
    assert 'data-keys="on"' in officer.get("/").content.decode()
    officer.post("/keys", to="off", back="/")
    assert "data-keys" not in officer.get("/").content.decode()
    officer.post("/keys", to="nonsense", back="/")
    assert "data-keys" not in officer.get("/").content.decode()
