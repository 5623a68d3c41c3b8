"""Sections that other packages add to a case's page."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from perisai.desk import panels
from perisai.desk.panels import Panel
from perisai.desk.permissions import Permission, Role
from perisai.patrol.panel import LAST_SEEN
from tests.desk.conftest import OFFICER
from tests.desk.web import stories

DOCS = Path(__file__).parents[3] / "docs" / "desk.md"


@pytest.fixture
def add(tmp_path):
    """``add("name", values, "<p>…</p>")`` registers a section for one test."""
    names = []

    def one(name, values, text="", permission=Permission.CASE_READ, order=100) -> None:
        (tmp_path / f"{name}.html").write_text(text)
        title = (f"Judul {name}", f"Title {name}")
        panels.register(Panel(name, title, permission, values, tmp_path, f"{name}.html", order))
        names.append(name)

    yield one
    for name in names:
        panels.forget(name)


def test_the_example_in_the_docs(intake, tmp_path):
    text = DOCS.read_text(encoding="utf-8").partition("<!-- panel example -->")[2]
    code, template = re.findall(r"```(?:python|html)\n(.*?)```", text, re.DOTALL)[:2]
    (tmp_path / "words.html").write_text(template)
    exec(compile(code, "docs/desk.md", "exec"), {"FOLDER": tmp_path})
    try:
        case = stories.opened(intake, words="<b>kucing</b>\nanjing")
        page = intake.get(f"/cases/{case}").content.decode()
        assert "<h2>Kata pencarian</h2>" in page
        assert "<li>&lt;b&gt;kucing&lt;/b&gt; (6 Nov 2026)</li><li>anjing" in page
        assert "Kata pencarian" not in intake.text(f"/cases/{stories.opened(intake)}")
    finally:
        panels.forget("words")


def test_in_order_and_for_those_who_may(intake, add, staff):
    add("b", lambda case, actor: {"n": 2}, "<p>b={{ n }}</p>", order=2)
    add("a", lambda case, actor: {"n": 1}, "<p>a={{ n }} {{ language }}</p>", order=3)
    add("secret", lambda case, actor: {}, "<p>rahasia</p>", Permission.CLAIM_DECIDE)
    case = stories.opened(intake)
    page = intake.get(f"/cases/{case}").content.decode()
    assert page.index("b=2") < page.index("a=1 id")
    assert "rahasia" not in page
    assert "rahasia" in staff(Role.REVIEWER).text(f"/cases/{case}")


def test_one_that_fails_takes_nothing_with_it(intake, add, caplog):
    add("broken", lambda case, actor: 1 / 0)
    add("unclear", lambda case, actor: {}, "{% if %}")
    add("whole", lambda case, actor: {}, "<p>masih ada</p>")
    case = stories.opened(intake)
    with caplog.at_level(logging.WARNING, "perisai.desk"):
        page = intake.get(f"/cases/{case}")
    assert page.status_code == 200
    text = page.content.decode()
    assert text.count("Bagian ini sedang tidak bisa ditampilkan") == 2
    assert "masih ada" in text
    assert "ZeroDivision" not in text
    assert f"panel broken of {case} failed: ZeroDivisionError" in caplog.text


def test_it_sees_what_the_actor_sees(intake, reviewer, add, staff):
    add(
        "notes",
        lambda case, actor: {"texts": [each.text for each in case.notes], "s": case.samples},
        "{% for each in texts %}<p>lihat: {{ each }}</p>{% endfor %}{% for each in s %}"
        "[{{ each.seen }}{{ each.findings }}]{% endfor %}",
    )
    case = stories.opened(intake)
    for audience in ("internal", "agencies"):
        intake.send(f"/cases/{case}", "/notes", text=f"untuk {audience}", audience=audience)
    assert "lihat: untuk internal" in intake.text(f"/cases/{case}")
    ministry = staff(Role.MINISTRY).text(f"/cases/{case}")
    assert "lihat: untuk agencies" in ministry
    assert "untuk internal" not in ministry
    stories.screened(reviewer, case)
    assert "[hasil ke-3(" in reviewer.text(f"/cases/{case}")
    reviewer.send(f"/cases/{case}", "/seal")
    assert "[()]" in reviewer.text(f"/cases/{case}")


def test_two_of_one_name(add):
    add("one", lambda case, actor: None)
    with pytest.raises(ValueError, match="there is a panel one already"):
        add("one", lambda case, actor: None)


def test_what_the_patrol_last_saw(desk, intake, officer):
    from perisai.desk.cases import domain as cases

    panels.register(LAST_SEEN)
    panels.register(LAST_SEEN)  # a second desk in the same process
    try:
        case = stories.opened(intake)
        assert "Yang terakhir dilihat patroli" not in officer.text(f"/cases/{case}")
        stories.measured(officer, case, 17, 3)
        assert "Yang terakhir dilihat patroli" not in officer.text(f"/cases/{case}"), "by hand"
        told = {"words": "kucing <lucu>", "band": "6-9", "rules": {"on-a-list": 5}}
        for shown, withheld in ((15, 5), (20, 0)):
            found = {**told, "shown": shown, "withheld": withheld}
            if not withheld:
                found["rules"] = {}
            desk.house.change_case(
                case, OFFICER, lambda c: cases.measured(c, OFFICER, found)  # noqa: B023
            )  # fmt: skip
        page = officer.text(f"/cases/{case}")
        assert "0 % tidak pantas (0 ditahan, 20 tampil) · sebelumnya 25 %" in page
        assert "<lucu>" not in officer.get(f"/cases/{case}").content.decode()
    finally:
        panels.forget("patrol")
