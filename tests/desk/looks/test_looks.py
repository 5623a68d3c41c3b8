"""Each look is a fact, once an hour; a party to a case sees nothing of it at any door."""

from __future__ import annotations

import pytest
from django.urls import reverse

from perisai.desk.looks.models import LookRow
from perisai.desk.permissions import Role
from perisai.desk.web import access, looking, urls
from perisai.desk.web.access import allowed
from tests.desk.web import stories


def looks(desk, person: str) -> list[tuple[str, str]]:
    found = desk.house.log.stream(f"look:{person}")
    return [(fact.data["what"], fact.data["item"]) for fact in found]


def test_a_look_is_written_down_once_an_hour(desk, intake, reviewer, clock):
    complaint = stories.entered(intake)
    case = stories.opened(intake, complaint)
    for _ in range(3):
        reviewer.get(f"/complaints/{complaint}")
        reviewer.get(f"/cases/{case}")
    both = [("complaint", complaint), ("case", case)]
    assert looks(desk, "reviewer") == both
    clock.on(minutes=61)
    reviewer.get(f"/complaints/{complaint}")
    assert looks(desk, "reviewer") == [*both, ("complaint", complaint)]
    assert desk.house.rebuild(write=False) == []


def test_every_spreadsheet_is_written_down_with_its_rows(desk, intake, reviewer):
    stories.entered(intake)
    for _ in range(2):
        reviewer.get("/complaints.csv")
    facts = desk.house.log.stream("look:reviewer")
    assert [fact.data for fact in facts] == [
        {"what": "export", "item": "complaints", "rows": 1}
    ] * 2  # fmt: skip


def test_a_form_that_comes_back_shows_the_complaint_as_well(desk, intake, reviewer, officer):
    complaint = stories.entered(intake)
    assert officer.post(f"/complaints/{complaint}/answer", text="").status_code == 422
    assert looks(desk, "case-officer") == [("complaint", complaint)]


def test_what_is_refused_or_missing_is_no_look(desk, intake, staff):
    complaint = stories.entered(intake)
    administrator = staff(Role.ADMINISTRATOR)
    assert administrator.get(f"/complaints/{complaint}").status_code == 403
    assert intake.get("/complaints/a-0000000000000000").status_code == 404
    assert looks(desk, "administrator") == []
    assert ("complaint", "a-0000000000000000") not in looks(desk, "intake")


def test_a_look_that_cannot_be_written_down_shows_nothing(desk, intake, reviewer, monkeypatch):
    from perisai.errors import StorageError

    complaint = stories.entered(intake)

    def full(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(looking.services, "look", full)
    page = reviewer.get(f"/complaints/{complaint}")
    assert page.status_code == 503
    assert stories.TOLD["what"] not in page.content.decode()


def test_an_auditor_lists_them_by_person_and_day(desk, intake, reviewer, staff):
    complaint = stories.entered(intake)
    reviewer.get(f"/complaints/{complaint}")
    intake.get(f"/complaints/{complaint}")
    auditor = staff(Role.AUDITOR)
    page = auditor.text("/looks?person=reviewer&day=2026-11-06")
    assert complaint in page
    assert page.count(complaint) == 1
    assert complaint not in auditor.text("/looks?day=2026-11-07")
    assert auditor.get("/looks?day=2026-99-99&what=x&person=%00").status_code == 200
    text = auditor.get("/looks.csv?person=intake").content.decode()
    assert complaint in text
    assert "reviewer" not in text
    assert LookRow.objects.filter(person="auditor", what="export").count() == 1
    assert reviewer.get("/looks").status_code == 403


DOORS = [
    each for each in urls.urlpatterns
    if any(part in access.DOORS[each.name].route for part in ("<case:key>", "<complaint:key>"))
]  # fmt: skip
"""Every door to a case or to a complaint, also those that are added later."""


@pytest.fixture
def conflicted(desk, intake, officer, reviewer, commissioner, staff) -> tuple[str, str]:
    """A complaint within a case to which one person of each role is named as a party."""
    complaint = stories.entered(intake)
    case = stories.opened(intake, complaint)
    for role in Role:
        staff(role, f"pihak-{role}")
        officer.send(f"/cases/{case}", "/conflict", person=f"pihak-{role}")
    return complaint, case


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR], ids=str)
def test_a_party_sees_nothing_at_any_door(desk, conflicted, staff, role):
    complaint, case = conflicted
    party = staff(role, f"pihak-{role}")
    before = desk.house.log.end()
    values = {
        "Case": case, "Complaint": complaint, "Letter": "s-1", "Commitment": "c-1",
        "Clock": "result", "Sha256": "0" * 64, "Language": "id", "Form": "pdf", "Number": "1",
        "Improvement": "i-1", "Attachment": "b-1",
    }  # fmt: skip
    tried = 0
    for door in DOORS:
        kinds = door.pattern.converters.items()
        path = reverse(door.name, kwargs={n: values[type(k).__name__] for n, k in kinds})
        for method, need in access.DOORS[door.name].needs.items():
            if role not in allowed(need):
                continue
            page = party.get(path) if method == "GET" else party.post(path)
            assert page.status_code == 403, f"{method} {path}: {page.status_code}"
            tried += 1
    assert tried
    for path in ("/", "/complaints", "/complaints.csv", "/cases", "/cases.csv", "/queue",
                 f"/search?q={complaint}", f"/search?q={case}", f"/complaints?q={complaint}",
                 "/letters", "/commitments", "/platforms"):  # fmt: skip
        text = party.get(path).content.decode().replace(f'value="{complaint}"', "")
        assert f"/complaints/{complaint}" not in text, path
        assert f"/cases/{case}" not in text, path
    facts = [fact for fact in desk.house.log.all(before[0]) if not fact.stream.startswith("look:")]
    assert facts == []
