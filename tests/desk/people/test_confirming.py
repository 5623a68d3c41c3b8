"""Who counts as freshly confirmed, and what locks an account besides wrong passwords."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.test import Client
from fido2.utils import websafe_encode

from perisai.desk.people.models import Member
from perisai.desk.permissions import Role
from tests.desk.people.passkeys import HOST, Passkey
from tests.desk.web.visiting import BACKEND, forms_on

PASSWORD = "cukup-panjang-dan-aneh"


@pytest.fixture
def bare(desk) -> Client:
    """An administrator with neither password nor factor, who has signed in somehow."""
    user = User.objects.create(username="tanpa")
    user.set_unusable_password()
    user.save()
    Member.objects.create(user=user, role=Role.ADMINISTRATOR)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user, backend=BACKEND)
    return client


def test_without_password_and_factor_nobody_counts_as_freshly_confirmed(bare):
    values = {"account": "siti", "role": "intake", "platform": ""}
    page = bare.post("/people/new", values)
    assert page["Location"].startswith("/account/confirm-agency?")
    assert not User.objects.filter(username="siti").exists()
    for path in ("/account/factor", "/account/passkeys/new", "/account/codes/new"):
        assert bare.get(path)["Location"].startswith("/account/confirm-agency?"), path
    assert not Authenticator.objects.exists()


def test_there_is_a_page_that_says_what_to_do(bare):
    page = bare.get("/account/confirm-agency?next=/people")
    assert page.status_code == 200
    assert "administrator" in page.content.decode()
    assert bare.get("/account/confirm")["Location"].startswith("/account/confirm-agency")
    assert bare.get("/account/password")["Location"] == "/account"


@pytest.fixture
def passkey(desk) -> Passkey:
    user = User.objects.create_user("siti", password=PASSWORD)
    Member.objects.create(user=user, role=Role.COMMISSIONER)
    made = Passkey(websafe_encode(user_pk_to_url_str(user).encode()))
    kept = {"name": "laptop", "credential": made.registered()}
    Authenticator.objects.create(user=user, type="webauthn", data=kept)
    return made


def show(client: Client, passkey: Passkey, **more: str):
    """Sign in with a passkey, whatever it says."""
    asked = client.get("/sign-in/passkey", headers={"X-Requested-With": "XMLHttpRequest"})
    challenge = asked.json()["request_options"]["publicKey"]["challenge"]
    return client.post(
        "/sign-in/passkey", {"credential": json.dumps(passkey.shown(challenge, **more))}
    )


def browser(network: int = 1) -> Client:
    return Client(SERVER_NAME=HOST, REMOTE_ADDR=f"198.51.{network}.9")


def with_password(client: Client):
    form = next(each for each in forms_on(client.get("/sign-in")) if "login" in each.fields)
    return client.post("/sign-in", {**form.fields, "login": "siti", "password": PASSWORD})


def kinds(desk) -> list[str]:
    return [fact.kind for fact in desk.house.log.stream("account:siti")]


def test_a_passkey_alone(desk, passkey):
    assert show(browser(), passkey)["Location"] == "/"
    assert kinds(desk) == ["account.entered"]


FORGED = {
    "another key": lambda good: (replace(good, secret=Passkey("").secret), {}),
    "another credential": lambda good: (replace(good, id=b"never-registered"), {}),
    "another site": lambda good: (good, {"origin": "https://evil.invalid"}),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_five_wrong_passkeys_lock_the_account_from_everywhere(desk, passkey, forged):
    wrong, more = forged(passkey)
    for number in range(5):
        client = browser(number)
        assert show(client, wrong, **more)["Location"] == "/sign-in"
        assert client.get("/")["Location"].startswith("/sign-in")
    assert with_password(browser(7)).status_code == 200, "the right password, too"
    right = browser(8)
    show(right, passkey)
    assert right.get("/").status_code == 302, "and the right passkey"
    assert kinds(desk) == ["account.locked"], "once a lock"


def test_wrong_passwords_and_wrong_passkeys_count_together(desk, passkey):
    wrong = replace(passkey, secret=Passkey("").secret)
    for number in range(3):
        show(browser(number), wrong)
    for number in range(2):
        client = browser(number)
        form = next(each for each in forms_on(client.get("/sign-in")) if "login" in each.fields)
        client.post("/sign-in", {**form.fields, "login": "siti", "password": "salah"})
    assert with_password(browser(7)).status_code == 200
    assert kinds(desk) == ["account.locked"]


def test_right_passkeys_lock_nobody(desk, passkey):
    for number in range(7):
        assert show(browser(number), passkey)["Location"] == "/", number


def test_passkeys_of_nobody_lock_the_network_alone(desk, passkey):
    nobody = replace(passkey, handle=websafe_encode(b"9999"))
    for _ in range(6):
        show(browser(), nobody)
    assert show(browser(2), passkey)["Location"] == "/"
    assert kinds(desk) == ["account.entered"]
    rubbish = browser(3).post("/sign-in/passkey", {"credential": "[]"})
    assert rubbish["Location"] == "/sign-in"
