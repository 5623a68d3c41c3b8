"""The figures: what is counted, drawn, and written beneath."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from perisai.desk import charts
from perisai.desk.figures import counting
from perisai.desk.permissions import Role
from tests.desk.conftest import INTAKE
from tests.desk.web import stories
from tests.desk.web.visiting import text_of

JAKARTA = ZoneInfo("Asia/Jakarta")


def told(house, **said):
    return house.receive({"what": "GIF", **said}).id


def test_complaints_of_each_day_in_the_zone_of_the_house(house, clock):
    assert {row[1] for row in counting.incoming(house, JAKARTA, 30).rows} == {"0"}
    told(house)  # 10 o'clock in Jakarta
    clock.on(hours=15)  # one at night: the next day there, the same in UTC
    told(house)
    told(house)
    key = told(house)
    house.seal(key, INTAKE)
    found = counting.incoming(house, JAKARTA, 30)
    assert found.rows[-2:] == (("2026-11-06", "1"), ("2026-11-07", "3"))
    assert len(found.rows) == 30
    assert found.rows[0][0] == "2026-10-09"
    assert len(counting.incoming(house, JAKARTA, 90).rows) == 90


def test_what_waits_by_urgency_and_time(house, clock):
    told(house, age="adult")
    clock.on(days=2)
    told(house, what="saya diancam")
    told(house, link="https://x.example/1", age="6-9", kind="naked")
    told(house, link="https://x.example/1", age="6-9", kind="naked")
    clock.on(hours=1)
    found = {row[0]: row[1:] for row in counting.waiting(house).rows}
    assert found["urgent"] == ("1", "1", "0", "0", "0")
    assert found["high"] == ("1", "1", "0", "0", "0"), "joined ones count as one"
    assert found["low"] == ("1", "0", "1", "0", "0")
    clock.on(days=30)
    found = {row[0]: row[1:] for row in counting.waiting(house).rows}
    assert found["urgent"] == ("1", "0", "0", "0", "1")


def test_the_page_and_its_numbers(desk, clock, intake, reviewer, officer, staff):
    house = desk.house
    empty = intake.text("/figures")
    assert empty.count("Belum ada yang bisa dihitung") == 6
    told(house, app="Nama platform yang amat sangat panjang <b>", age="6-9", kind="naked")
    told(house, app="=1+1")
    case = stories.opened(intake)
    house.second_share = 1.0
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    decision = house.case(case).opinions.waiting.decision
    staff(Role.REVIEWER, "kedua").post(
        f"/second/{case}", decision=decision, outcome="unclear", reason="x"
    )
    clock.on(days=9)
    page = intake.get("/figures")
    said, html = text_of(page), page.content.decode()
    assert said.count("Belum ada") == 1, "nobody has looked at a preview"
    assert "Sama dalam 0% dari 1 keputusan; kappa Cohen 0,00" in said
    drawn = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawn) == 5
    for each in drawn:
        svg = ElementTree.fromstring(each)
        named = {part.get("id"): part.text for part in svg if part.tag in ("title", "desc")}
        assert set(svg.get("aria-labelledby").split()) == set(named)
        assert all(named.values())
        for part in svg:
            if part.tag in ("rect", "text", "line"):
                found = {k: float(v) for k, v in part.items() if k not in ("class", "rx")}
                assert all(0 <= value <= 1_000 for value in found.values()), found
    assert "<b>" not in html
    assert "style=" not in html
    rows = intake.get("/figures/clocks.csv").content.decode().splitlines()
    assert rows[1] == "hasil,1,0,0,0" or rows[1].split(",")[1:] == ["1", "0", "0", "0"]
    assert "'=1+1" in intake.get("/figures/platforms.csv").content.decode()
    days = intake.get("/figures/incoming.csv?days=90").content.decode().splitlines()
    assert len(days) == 91
    for wrong in ("/figures?days=-1", "/figures?days=%00", "/figures?days=999999999"):
        assert intake.get(wrong).status_code == 200
    assert intake.get("/figures/nothing.csv").status_code == 404
    officer.send(f"/cases/{case}", "/conflict", person="intake")
    assert "Contoh Pesan" not in intake.text("/figures"), "a party to the case"
    for role in (Role.MINISTRY, Role.PLATFORM, Role.ADMINISTRATOR):
        assert staff(role).get("/figures").status_code == 403


@pytest.mark.parametrize("values", [[], [("a", 0)], [("a", 1)], [("x", n) for n in range(90)]])
def test_columns_stay_in_the_drawing(values):
    drawn = charts.columns(values)
    assert len(drawn.columns) == len(values)
    for each in drawn.columns:
        assert 0 <= each.x <= each.x + each.width <= drawn.width + 0.2
        assert charts.HEAD <= each.y <= drawn.base
        assert each.y + each.height == pytest.approx(drawn.base)
    named = [each.label for each in drawn.columns if each.label]
    assert len(named) <= charts.LABELS
    assert not values or drawn.columns[-1].label == values[-1][0]


def test_bars_stay_in_the_drawing():
    value = charts.Value
    drawn = charts.bars(
        [("a", [value("x", 1.0, "100")] * 3), ("b", []), ("c", [value("x", 0, "0")])]
    )
    every = [bar for group in drawn.groups for bar in group.bars]
    assert len(every) == 4
    assert all(drawn.left + bar.width < drawn.width for bar in every)
    assert all(0 <= bar.y <= drawn.height - charts.BAR for bar in every)
    assert len({bar.y for bar in every}) == 4
