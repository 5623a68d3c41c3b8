"""Accounts over the pages: given, changed, reset and closed by administrators, each as a fact."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from perisai.desk.people.models import AskedRow, InvitationRow, Member
from perisai.desk.permissions import GRANTS, Permission, Role
from tests.desk.web.visiting import Staff, forms_on

PASSWORD = "cukup-panjang-dan-aneh"


@pytest.fixture
def administrator(staff) -> Staff:
    return staff(Role.ADMINISTRATOR)


@pytest.fixture
def second(staff) -> Staff:
    return staff(Role.ADMINISTRATOR, "hasna")


def hire(person: Staff, account: str, role: str, platform: str = "", **more: str):
    return person.send("/people", "/new", account=account, role=role, platform=platform, **more)


def link_on(page) -> str:
    return re.search(r"http://[^/]+(/invited/[A-Za-z0-9_-]{43})", page.content.decode())[1]


def choose(path: str, password: str = PASSWORD, again: str = ""):
    client = Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1")
    form = next(each for each in forms_on(client.get(path)) if not each.action)
    return client.post(path, {**form.fields, "password1": password, "password2": again or password})


def kinds(desk, account: str) -> list[str]:
    return [fact.kind for fact in desk.house.log.stream(f"account:{account}")]


def test_somebody_is_invited_and_chooses_a_password(desk, administrator):
    page = hire(administrator, "siti", "intake")
    assert page.status_code == 200
    link = link_on(page)
    secret = link.rpartition("/")[2]
    assert secret not in administrator.get("/people").content.decode(), "shown once"
    assert all(secret not in str(fact.data) for fact in desk.house.log.all())
    assert choose(link, "pendek").status_code == 422
    assert choose(link, again="lain-sama-sekali").status_code == 422
    assert choose(link)["Location"] == "/sign-in?done=password-chosen"
    assert Client(SERVER_NAME="127.0.0.1").get(link).status_code == 404, "it works once"
    client = Client(SERVER_NAME="127.0.0.1")
    assert client.post("/sign-in", {"login": "siti", "password": PASSWORD})["Location"] == "/"
    assert kinds(desk, "siti") == [
        "account.added", "account.invited", "account.joined", "account.entered",
    ]  # fmt: skip
    assert desk.house.rebuild(write=False) == []


def test_an_invitation_ends_by_itself(desk, administrator, clock):
    link = link_on(hire(administrator, "siti", "intake"))
    clock.on(hours=73)
    assert Client(SERVER_NAME="127.0.0.1").get(link).status_code == 404
    assert Client(SERVER_NAME="127.0.0.1").get(f"/invited/{'x' * 43}").status_code == 404


@pytest.mark.parametrize("role", ["commissioner", "administrator"])
def test_power_to_approve_is_given_by_two(desk, administrator, second, role):
    page = hire(administrator, "siti", role)
    assert page["Location"] == "/people?done=account-asked"
    assert not User.objects.filter(username="siti").exists()
    assert desk.house.rebuild(write=False) == []
    forms = [each.action for each in forms_on(administrator.get("/people"))]
    assert "/people/siti/agree" not in forms
    assert administrator.post("/people/siti/agree").status_code == 403
    assert hire(second, "siti", "intake").status_code == 422, "something was asked for already"
    link = link_on(second.send("/people", "/siti/agree"))
    assert Member.objects.get(user__username="siti").role == role
    added = desk.house.log.stream("account:siti")[1]
    assert (added.by, added.data["asked"]) == (
        "administrator:hasna", "administrator:administrator",
    )  # fmt: skip
    assert choose(link).status_code == 302


def test_what_was_asked_for_can_be_dropped(desk, administrator, second):
    hire(administrator, "siti", "commissioner")
    second.send("/people", "/siti/drop")
    assert not AskedRow.objects.exists()
    assert second.post("/people/siti/agree").status_code == 422


def test_the_only_administrator_decides_alone(desk, administrator):
    assert hire(administrator, "siti", "commissioner").status_code == 200
    assert Member.objects.get(user__username="siti").role == "commissioner"


def test_a_reset_of_who_approves_needs_two_as_well(desk, administrator, second, commissioner):
    path = "/people/commissioner"
    assert administrator.send(path, "/reset")["Location"].endswith("account-asked")
    assert commissioner.get("/").status_code == 200
    link = link_on(second.send("/people", "/agree"))
    assert commissioner.get("/").status_code == 302, "sessions end"
    assert choose(link).status_code == 302


def test_a_reset_takes_second_factors_away(desk, administrator, intake):
    from allauth.mfa.models import Authenticator

    user = User.objects.get(username="intake")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    administrator.send("/people/intake", "/reset")
    assert not Authenticator.objects.exists()
    assert InvitationRow.objects.get().account == "intake"


def test_another_role_counts_at_once(desk, administrator, intake):
    administrator.send("/people/intake", "/role", role="auditor")
    assert Member.objects.get(user__username="intake").role == "auditor"
    assert intake.get("/").status_code == 302, "open sessions end"
    page = administrator.send("/people/intake", "/role", role="platform", platform="")
    assert page.status_code == 422


def test_the_last_administrator_stays(desk, administrator):
    for action in ("/close", "/role"):
        page = administrator.send("/people/administrator", action, role="intake")
        assert page.status_code in (403, 422), action
    assert Member.objects.get(user__username="administrator").role == "administrator"
    assert User.objects.get(username="administrator").is_active


def test_one_administrator_cannot_get_rid_of_the_other(desk, administrator, second, staff):
    """They would be alone then, and could give any power alone."""
    for action in ("/close", "/role", "/reset"):
        page = administrator.send("/people/hasna", action, role="intake")
        assert page.status_code == 422, action
    third = staff(Role.ADMINISTRATOR, "ketiga")
    assert administrator.send("/people/hasna", "/close")["Location"].endswith("asked")
    third.send("/people", "/hasna/agree")
    assert not User.objects.get(username="hasna").is_active
    assert second.get("/").status_code == 302
    assert administrator.send("/people/administrator", "/close").status_code == 302, "one's own"


def test_nobody_gives_themselves_another_role(desk, administrator, second):
    page = administrator.send("/people/administrator", "/role", role="commissioner")
    assert page.status_code == 403


def test_a_closed_account_stays_closed_and_its_name_taken(desk, administrator, intake):
    administrator.send("/people/intake", "/close")
    assert intake.get("/").status_code == 302
    assert hire(administrator, "INTAKE", "reviewer").status_code == 422
    assert administrator.post("/people/intake/reset").status_code == 422
    assert administrator.post("/people/intake/role", role="auditor").status_code == 422


@pytest.mark.parametrize("name", ["a b", "a:b", "../x", "", "x" * 61, "<b>", "ä"])
def test_hostile_names(desk, administrator, name):
    assert hire(administrator, name, "intake").status_code == 422
    assert User.objects.count() == 1


def test_only_the_fields_of_the_form_count(desk, administrator):
    more = {
        "is_superuser": "on", "is_staff": "on", "user": "1", "by": "x", "id": "1",
        "password": PASSWORD, "asked": "administrator:hasna", "door": "0" * 64, "until": "2099",
    }  # fmt: skip
    hire(administrator, "siti", "intake", **more)
    user = User.objects.get(username="siti")
    assert not user.is_superuser
    assert not user.is_staff
    assert not user.has_usable_password()
    fact = desk.house.log.stream("account:siti")[0]
    assert fact.data == {"role": "intake", "platform": ""}
    client = Client(SERVER_NAME="127.0.0.1")
    client.post("/account/sessions/end-others", {"user": user.pk, "role": "administrator"})
    assert Member.objects.get(user=user).role == "intake"


def test_weighty_changes_ask_for_the_password_again(desk, administrator):
    administrator.typed_password(seconds_ago=3600)
    page = hire(administrator, "siti", "intake")
    assert page["Location"].startswith("/account/confirm")
    assert not User.objects.filter(username="siti").exists()


def test_an_administrator_reads_no_case(desk, intake, administrator):
    from tests.desk.web import stories

    case = stories.opened(intake, stories.entered(intake))
    for path in ("/cases", f"/cases/{case}", "/complaints", "/queue", "/search?q=x", "/letters"):
        assert administrator.get(path).status_code == 403, path
    granted = GRANTS[Role.ADMINISTRATOR]
    assert granted == {Permission.PEOPLE_MANAGE, Permission.FACTS_AUDIT}


def test_the_list_as_csv(desk, administrator, intake):
    text = administrator.get("/people.csv").content.decode()
    assert "intake" in text
    assert "Peran" in text
