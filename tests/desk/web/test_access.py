"""Every role at every door with every method, as the table of permissions says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from perisai.desk.permissions import GRANTS, Permission, Role
from perisai.desk.web import access, urls
from perisai.desk.web.access import Who, allowed
from tests.desk.web import stories
from tests.desk.web.visiting import BACKEND, PLATFORM, Staff

if TYPE_CHECKING:
    from django.urls import URLPattern

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LAST = ("account_logout",)
"""Ends the session that all others are tried with."""
DOORS = sorted(urls.urlpatterns, key=lambda each: each.name in LAST)


@pytest.fixture
def story(intake, reviewer, officer, commissioner) -> dict[str, str]:
    """A case with everything in it that an address can name."""
    complaint = stories.entered(intake)
    case = stories.opened(intake, complaint)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    stories.invited(officer, commissioner, case)
    told = {"party": "Contoh", "what": "saring", "due": "2026-12-01", "verify": "ukur"}
    officer.send(f"/cases/{case}", "/commitments", **told)
    officer.send(f"/cases/{case}", "/improvements", **told, agency="Kementerian")
    from perisai.desk.outbox.models import MessageRow

    sha256 = re.search(r"samples/([0-9a-f]{64})", reviewer.get(f"/cases/{case}").content.decode())
    return {
        "case": case, "complaint": complaint, "letter": "s-1", "commitment": "c-1",
        "improvement": "i-1",
        "sha256": sha256[1], "clock": "result", "language": "id", "form": "ics",
        "message": MessageRow.objects.get().id, "number": "1",
        "figure": "waiting", "account": "ghost", "token": "x" * 43, "session": "0" * 16,
        "intconverter": "9999", "attachment": "b-1", "agency": "kementerian",
    }  # fmt: skip


def address(door: URLPattern, story: dict[str, str]) -> str:
    values = {
        name: "x" if name in ("digest",) else story.get(type(kind).__name__.lower(), "desk.css")
        for name, kind in door.pattern.converters.items()
    }
    return reverse(door.name, kwargs=values)


def turned_away(response, role: Role | None) -> bool:
    if role is None:
        return response.status_code == 302 and response["Location"].startswith("/sign-in")
    return response.status_code == 403


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_every_door(desk, story, staff, role):
    if role is None:
        client = Client(SERVER_NAME="127.0.0.1")
    else:
        staff(role)
        client = Client(SERVER_NAME="127.0.0.1")
        from django.contrib.auth.models import User

        client.force_login(User.objects.get(username=role.value), backend=BACKEND)
    tried = 0
    for door in DOORS:
        path = address(door, story)
        for method in METHODS:
            response = client.generic(method, path)
            needs = access.DOORS[door.name].needs
            need = needs.get("GET" if method == "HEAD" else method)
            place = f"{method} {path} as {role}: {response.status_code}"
            assert response.status_code < 500, place
            tried += 1
            if need is None:
                assert response.status_code == 405, place
            elif role in allowed(need):
                # A second step that nobody began leads to the first: also for those who may.
                began = need is not Who.EVERYONE or role is not None
                assert not (began and turned_away(response, role)), place
                assert response.status_code != 405, place
            else:
                assert turned_away(response, role), place
    assert tried == len(DOORS) * len(METHODS)


def test_doors_are_only_made_by_door():
    assert [each.name for each in urls.urlpatterns] == list(access.DOORS)


def test_only_signing_in_and_language_are_open_to_everyone():
    doors = access.DOORS.values()
    opened = {each.name for each in doors if Who.EVERYONE in each.needs.values()}
    assert opened == {
        "account_login", "mfa_authenticate", "account_inactive", "language", "file", "invited",
        "mfa_login_webauthn", "agency-enter", "agency-back", "agency-end", "agency-join",
    }  # fmt: skip


def test_every_permission_is_behind_a_door_and_granted_to_somebody():
    asked = {need for each in access.DOORS.values() for need in each.needs.values()}
    assert asked - set(Who) == set(Permission)
    assert frozenset().union(*GRANTS.values()) == set(Permission)


def test_an_account_without_a_role_gets_nowhere(desk):
    from django.contrib.auth.models import User

    user = User.objects.create(username="nobody")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend=BACKEND)
    assert client.get("/").status_code == 403
    assert client.get("/cases").status_code == 403


def test_a_liaison_sees_letters_of_its_own_platform_alone(
    desk, intake, reviewer, officer, commissioner, staff
):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    liaison, other = staff(Role.PLATFORM), Staff.hired("other", Role.PLATFORM, "Lain")
    officer.send(f"/cases/{case}", "/letters", **stories.LETTER)
    assert liaison.get(f"/mail/{case}/s-1").status_code == 404, "a draft is nobody else's"
    commissioner.send(f"/cases/{case}", "/s-1/agree")
    officer.send(f"/cases/{case}", "/s-1/send", how="kurir")
    assert liaison.get(f"/mail/{case}/s-1").status_code == 200
    for path in (f"/mail/{case}/s-1", f"/mail/{case}/s-1/id.pdf"):
        assert other.get(path).status_code == 403
    assert other.post(f"/mail/{case}/s-1/answer", text="x").status_code == 403
    assert PLATFORM not in other.text("/")
    assert not desk.house.case(case).summons["s-1"].answers


def test_a_party_to_the_case_loses_access(desk, intake, officer, reviewer, staff):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    assert officer.send(f"/cases/{case}", "/conflict", person="reviewer").status_code == 302
    assert reviewer.get(f"/cases/{case}").status_code == 403
    assert (
        reviewer.post(f"/cases/{case}/claim", outcome="confirmed", reason="x", seen=9).status_code
        == 403
    )
    for path in ("/", "/cases", "/cases.csv", "/platforms", "/letters", "/commitments"):
        assert case not in reviewer.get(path).content.decode(), path
    assert reviewer.get("/platform?name=Contoh+Pesan").status_code == 404
    assert case in staff(Role.AUDITOR).get("/cases").content.decode()


def test_the_ministry_does_not_read_notes_of_the_house(desk, intake, staff):
    case = stories.opened(intake)
    for audience in ("internal", "agencies"):
        intake.send(f"/cases/{case}", "/notes", text=f"catatan {audience}", audience=audience)
    ministry = staff(Role.MINISTRY)
    page = ministry.text(f"/cases/{case}")
    assert "catatan agencies" in page
    assert "catatan internal" not in page
    forged = ministry.post(f"/cases/{case}/notes", text="x", audience="internal")
    assert forged.status_code in (403, 422)
    assert len(desk.house.case(case).notes) == 2


def test_each_look_at_who_complained_is_a_fact(desk, intake, commissioner, officer):
    complaint = stories.entered(intake)
    path = f"/complaints/{complaint}"
    assert "0812" not in commissioner.text(path)
    assert commissioner.send(path, "/identity", reason=" ").status_code == 422
    shown = commissioner.send(path, "/identity", reason="menelepon balik")
    assert "Ibu Ani, 0812" in shown.content.decode()
    assert "0812" not in commissioner.text(path), "shown once"
    fact = desk.house.log.stream(f"complaint:{complaint}")[-1]
    assert (fact.kind, fact.by) == ("identity.read", "commissioner:commissioner")
    assert fact.data == {"reason": "menelepon balik"}
    assert "0812" not in officer.text(path)


def test_weighty_things_ask_for_the_password_again(desk, intake, commissioner):
    complaint = stories.entered(intake)
    commissioner.typed_password(seconds_ago=3600)
    page = commissioner.send(f"/complaints/{complaint}", "/identity", reason="x")
    assert page.status_code == 302
    assert page["Location"].startswith("/account/confirm")
    assert len(desk.house.log.stream(f"complaint:{complaint}")) == 1


def test_one_cannot_agree_to_what_one_wrote(desk, intake, reviewer, commissioner):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    commissioner.send(f"/cases/{case}", "/letters", **stories.LETTER)
    assert "orang lain harus menyetujui" in commissioner.text(f"/cases/{case}")
    seen = desk.house.case(case).position
    page = commissioner.post(f"/cases/{case}/letters/s-1/agree", number="", seen=seen)
    assert page.status_code == 403
    assert not desk.house.case(case).summons["s-1"].approved_by


def test_what_changed_meanwhile_is_not_agreed_to(desk, intake, reviewer, officer, commissioner):
    case = stories.opened(intake)
    stories.screened(reviewer, case)
    stories.confirmed(reviewer, case)
    officer.send(f"/cases/{case}", "/letters", **stories.LETTER)
    seen = desk.house.case(case).position
    officer.send(f"/cases/{case}", "/s-1/text", **{**stories.LETTER, "agenda": "lain sama sekali"})
    page = commissioner.post(f"/cases/{case}/letters/s-1/agree", number="7", seen=seen)
    assert page.status_code == 409
    assert "baru saja mengubahnya" in page.content.decode()
    assert "lain sama sekali" in page.content.decode(), "the newest state"
    assert not desk.house.case(case).summons["s-1"].approved_by
