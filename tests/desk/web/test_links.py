"""Every link and all search words of a case on one page: text to copy, that nothing leads to."""

from __future__ import annotations

import csv
import io
import re

import pytest

from perisai.desk.permissions import Role
from perisai.desk.web.views import links
from tests.desk.conftest import COMMISSIONER, INTAKE
from tests.desk.web import stories

LINK, OTHER = "https://gif.example/view/1", "https://lain.example/x?id=7"
EVIL = "javascript:alert(document.cookie)"


@pytest.fixture
def case(desk, intake) -> str:
    return stories.opened(intake)


def told(desk, case: str, **more: str) -> str:
    key = desk.house.receive({"what": "GIF", **more}).id
    desk.house.join(case, key, INTAKE)
    return key


def rows(page) -> list[str]:
    """Each row of the table without its tags."""
    body = page.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in body.split("</tr>") if row.strip()
    ]


def cells(page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_links_and_words_of_all_complaints_most_named_first(desk, case, clock, officer):
    first = told(desk, case, link=OTHER, words="Kucing  lucu")
    clock.on(days=1)
    second = told(desk, case, link=LINK)
    clock.on(days=1)
    third = told(desk, case, link="http://www.gif.example/view/1/#x", words="kucing lucu")
    clock.on(days=1)
    told(desk, case, link=LINK)
    page = officer.get(f"/cases/{case}/links")
    named = rows(page)
    assert [LINK in named[0], "Kucing lucu" in named[1], OTHER in named[2]] == [True] * 3
    assert len(named) == 3
    assert " 3 " in named[0]
    assert "7 Nov 2026" in named[0]
    assert "9 Nov 2026" in named[0]
    body = page.content.decode()
    for key in (first, second, third):
        assert f'href="/complaints/{key}"' in body
    assert f'href="/cases/{case}/links"' in officer.get(f"/cases/{case}").content.decode()


def test_nothing_leads_to_what_was_told(desk, case, officer):
    told(desk, case, link=EVIL, words="<script>x</script>")
    told(desk, case, link=LINK)
    body = officer.get(f"/cases/{case}/links").content.decode()
    assert EVIL in body
    assert "<script>x" not in body
    for attribute in re.findall(r"""(?:href|src|action|hx-\w+|data-\w+)=["']?([^"'> ]*)""", body):
        assert "gif.example" not in attribute
        assert "javascript" not in attribute


def test_what_is_closed_gives_nothing(desk, case, officer, reviewer):
    keys = [told(desk, case, link=f"https://x.example/{each}", words=each) for each in "abcd"]
    stories.screened(reviewer, case, keys[2], seen_at="https://x.example/c")
    desk.house.seal(keys[0], INTAKE)
    from perisai.desk.actors import PUBLIC
    from perisai.desk.complaints import domain, services

    desk.house.change_complaint(keys[1], PUBLIC, domain.withdraw)
    services.erase(desk.house, COMMISSIONER, keys[2], "Diminta.")
    for path in (f"/cases/{case}/links", f"/cases/{case}/links.csv"):
        body = officer.get(path).content.decode()
        assert "https://x.example/d" in body
        assert keys[3] in body
        for gone, key in zip("abc", keys, strict=False):
            assert f"https://x.example/{gone}" not in body
            assert key not in body


def test_samples_say_where_they_were_seen(desk, case, officer, reviewer, intake):
    complaint = told(desk, case, link=LINK)
    stories.screened(reviewer, case, complaint, seen_at=LINK)
    named = rows(officer.get(f"/cases/{case}/links"))
    assert len(named) == 1
    assert LINK in named[0]
    (sample,) = desk.house.case(case).samples
    assert f"{sample.sha256[:12]}" in named[0]
    desk.house.seal_sample(case, sample.sha256, INTAKE)
    assert rows(officer.get(f"/cases/{case}/links")) == []
    assert LINK not in officer.get(f"/cases/{case}/links").content.decode()


def test_a_spreadsheet_has_them_all_and_computes_nothing(desk, case, officer, monkeypatch):
    monkeypatch.setattr(links, "ON_A_PAGE", 2)
    keys = [told(desk, case, link=LINK, words="=1+1") for _ in range(3)]
    page = officer.get(f"/cases/{case}/links")
    assert " 2 " in rows(page)[0]
    assert "2 dari 3 aduan" in page.content.decode()
    _, *found = cells(officer.get(f"/cases/{case}/links.csv"))
    assert [(row[1], row[2]) for row in found] == [(LINK, "3"), ("'=1+1", "3")]
    assert found[0][-1].split() == keys
    monkeypatch.setattr(links, "ON_A_PAGE", 3)
    assert "dari 3 aduan" not in officer.get(f"/cases/{case}/links").content.decode()


def test_each_opening_is_a_look(desk, case, officer):
    told(desk, case, link=LINK)
    for _ in range(2):
        officer.get(f"/cases/{case}")
        officer.get(f"/cases/{case}/links")
    officer.get(f"/cases/{case}/links.csv")
    facts = [fact.data for fact in desk.house.log.stream("look:case-officer")]
    assert facts == [
        {"what": "case", "item": case},
        {"what": "links", "item": case},
        {"what": "export", "item": f"cases/{case}/links", "rows": 1},
    ]


def test_whoever_must_not_look_sees_nothing(desk, case, officer, staff, reviewer):
    told(desk, case, link=LINK)
    officer.send(f"/cases/{case}", "/conflict", person="reviewer")
    for path in (f"/cases/{case}/links", f"/cases/{case}/links.csv"):
        assert reviewer.get(path).status_code == 403
        assert staff(Role.MINISTRY).get(path).status_code == 403
        assert officer.get(path.replace(case, "K-2026-0999")).status_code == 404


def test_a_second_opinion_is_given_without_them(desk, case, reviewer, staff):
    told(desk, case, link=LINK)
    desk.house.second_share = 1.0
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    second = staff(Role.REVIEWER, "penelaah.dua")
    page = second.get(f"/cases/{case}/links")
    assert page["Location"] == f"/second/{case}"
    assert second.get(f"/cases/{case}/links.csv").status_code in (302, 403)


def test_a_case_that_went_into_another_one_shows_what_is_there_no_more(desk, case, officer, intake):
    told(desk, case, link=LINK)
    other = stories.opened(intake)
    officer.send(f"/cases/{other}", "/merge", other=case, reason="sama")
    assert LINK in officer.get(f"/cases/{other}/links").content.decode()
    assert LINK not in officer.get(f"/cases/{case}/links").content.decode()


def test_a_case_without_any_says_so(desk, case, officer):
    assert "Belum ada" in officer.text(f"/cases/{case}/links")
