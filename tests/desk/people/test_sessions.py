"""Open sessions: one's own are shown in words, and can be ended; no address is kept."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from perisai.desk.people.models import Member, SessionRow
from perisai.desk.permissions import Role
from perisai.desk.web.browsers import known
from tests.desk.web.visiting import forms_on, text_of

PASSWORD = "cukup-panjang-dan-aneh"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
def user(desk) -> User:
    made = User.objects.create_user("siti", password=PASSWORD)
    Member.objects.create(user=made, role=Role.INTAKE)
    return made


def signed_in(agent: str = FIREFOX, password: str = PASSWORD) -> Client:
    client = Client(
        enforce_csrf_checks=True, SERVER_NAME="127.0.0.1", REMOTE_ADDR="198.51.100.7",
        HTTP_USER_AGENT=agent,
    )  # fmt: skip
    form = next(each for each in forms_on(client.get("/sign-in")) if "login" in each.fields)
    client.post("/sign-in", {**form.fields, "login": "siti", "password": password})
    return client


def send(client: Client, path: str, action: str):
    form = next(each for each in forms_on(client.get(path)) if each.action.endswith(action))
    return client.post(form.action, form.fields)


def facts(desk) -> list[tuple[str, object]]:
    found = desk.house.log.stream("account:siti")
    return [(fact.kind, fact.data) for fact in found]


def test_one_sees_and_ends_ones_own_sessions(desk, user, clock):
    desktop, phone = signed_in(), signed_in(PHONE)
    clock.on(minutes=20)
    page = text_of(desktop.get("/account/sessions"))
    assert "Firefox · Windows" in page
    assert "Chrome · Android" in page
    assert "10.20 WIB" in page, "when it was last used"
    assert phone.get("/").status_code == 200
    assert send(desktop, "/account/sessions", "/end").status_code == 302
    assert phone.get("/").status_code == 302
    assert desktop.get("/").status_code == 200
    assert SessionRow.objects.count() == 1
    assert facts(desk)[-1] == ("account.ended", {"which": "one", "number": 1})


def test_all_others_are_ended(desk, user):
    desktop, *others = signed_in(), signed_in(), signed_in(PHONE)
    send(desktop, "/account/sessions", "/end-others")
    assert [each.get("/").status_code for each in others] == [302, 302]
    assert desktop.get("/").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(desk, user, staff):
    mine = signed_in()
    row = SessionRow.objects.get(user=user)
    other = staff(Role.REVIEWER)
    other.post(f"/account/sessions/{row.id}/end")
    assert mine.get("/").status_code == 200
    assert other.post("/people/siti/sessions/end").status_code == 403
    assert row.id not in other.get("/account/sessions").content.decode()


def test_an_administrator_ends_the_sessions_of_an_account(desk, user, staff):
    mine, administrator = signed_in(), staff(Role.ADMINISTRATOR)
    assert "Firefox · Windows" in administrator.text("/people/siti")
    administrator.send("/people/siti", "/sessions/end")
    assert mine.get("/").status_code == 302
    fact = desk.house.log.stream("account:siti")[-1]
    assert (fact.kind, fact.by) == ("account.ended", "administrator:administrator")


def test_signing_in_and_out_are_facts_without_an_address(desk, user):
    client = signed_in()
    send(client, "/", "/sign-out")
    assert facts(desk) == [("account.entered", {"how": ["password"]}), ("account.left", {})]
    assert not SessionRow.objects.exists()
    signed_in()
    row = SessionRow.objects.get()
    kept = [str(getattr(row, field.attname)) for field in row._meta.concrete_fields]
    assert not [each for each in kept if "198.51" in each or "Mozilla" in each]


def test_a_lock_is_a_fact_once(desk, user, clock):
    for _ in range(8):
        signed_in(password="salah")
    assert facts(desk) == [("account.locked", {})]
    clock.on(minutes=11)
    signed_in(password="salah")
    assert [kind for kind, _ in facts(desk)] == ["account.locked"] * 2


def test_names_that_nobody_has_leave_no_trace(desk, user):
    from tests.desk.web.test_sign_in import browser, sign_in

    for _ in range(8):
        sign_in(browser(), name="hantu", password="salah")
    assert desk.house.log.end()[0] == 0


def test_a_new_password_keeps_the_row_of_this_session(desk, user):
    from tests.desk.web.test_sign_in import send as fill

    client, new = signed_in(), "jauh-lebih-panjang-lagi"
    fill(client, "/account/password", oldpassword=PASSWORD, password1=new, password2=new)
    assert client.get("/account/sessions").status_code == 200
    row = SessionRow.objects.get()
    assert row.session == client.session.session_key


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, ("firefox", "windows")), (PHONE, ("chrome", "android")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
         ("safari", "ios")),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537.36 Edg/140", ("edge", "windows")),
        ("", ("other", "other")), ("<script>" * 99, ("other", "other")),
    ],
)  # fmt: skip
def test_browsers_in_words(agent, words):
    assert known(agent) == words
