"""Signing in with password and code, being locked out, signing out."""

from __future__ import annotations

import base64
import hmac
import re
import time

import pytest
from django.contrib.auth.models import User
from django.test import Client

from perisai.desk.people.models import Member
from perisai.desk.permissions import Role
from tests.desk.web.visiting import forms_on

PASSWORD = "cukup-panjang-dan-aneh"


@pytest.fixture
def user(desk) -> User:
    made = User.objects.create_user("siti", password=PASSWORD)
    Member.objects.create(user=made, role=Role.COMMISSIONER)
    return made


def browser(address: str = "203.0.113.7") -> Client:
    return Client(enforce_csrf_checks=True, SERVER_NAME="127.0.0.1", REMOTE_ADDR=address)


def sign_in(client: Client, name: str = "siti", password: str = PASSWORD, path: str = "/sign-in"):
    form = next(each for each in forms_on(client.get(path)) if "login" in each.fields)
    return client.post(path, {**form.fields, "login": name, "password": password})


def send(client: Client, path: str, **values: str):
    form = next(each for each in forms_on(client.get(path)) if not each.action)
    return client.post(path, {**form.fields, **values})


def test_name_and_password(user):
    client = browser()
    assert sign_in(client)["Location"] == "/"
    page = client.get("/")
    assert "komisioner" in page.content.decode()
    cookie = client.cookies["perisai-desk"]
    assert cookie["samesite"] == "Strict"
    assert cookie["httponly"]
    assert not cookie["secure"]
    assert not cookie["max-age"], "it ends with the browser"
    assert user.password.startswith("argon2")
    assert client.cookies["perisai-desk-form"]["httponly"]


def test_over_https_cookies_travel_over_nothing_else(user, chosen):
    from tests.desk.sites import on_site

    section = chosen.desk.model_copy(update={"url": "https://meja.example.id"})
    with on_site(chosen.model_copy(update={"desk": section}), "desk"):
        client = Client(SERVER_NAME="meja.example.id")
        page = client.get("/sign-in", secure=True)
        assert page.cookies["__Host-perisai-desk-form"]["secure"]
        assert page["Strict-Transport-Security"].startswith("max-age=")
        assert client.get("/sign-in", SERVER_NAME="127.0.0.1").status_code == 400


def test_where_one_wanted_to_go_and_nowhere_else(user):
    assert (
        browser().get("/cases?status=unclear")["Location"]
        == "/sign-in?next=%2Fcases%3Fstatus%3Dunclear"
    )
    client = browser()
    assert sign_in(client, path="/sign-in?next=/cases")["Location"] == "/cases"
    for back in (
        "https://evil.invalid/",
        "//evil.invalid/",
        "/\\evil.invalid",
        "javascript:alert(1)",
    ):
        client = browser()
        assert sign_in(client, path=f"/sign-in?next={back}")["Location"] == "/", back


def test_a_wrong_password_says_nothing_of_the_name(user):
    one = sign_in(browser(), password="salah")
    two = sign_in(browser(), name="nobody", password="salah")
    texts = [page.content.decode().replace("nobody", "siti") for page in (one, two)]
    parts = [text[text.index("<main") : text.index("</main")] for text in texts]
    strip = [re.sub(r'value="[A-Za-z0-9]{64}"', "", part) for part in parts]
    assert strip[0] == strip[1]
    assert one.status_code == two.status_code == 200


def test_five_wrong_passwords_lock_the_account_from_everywhere(user):
    for number in range(5):
        sign_in(browser(f"198.51.{number}.9"), password="salah")
    page = sign_in(browser("192.0.2.1"))
    assert page.status_code == 200
    assert "Terlalu banyak" in page.content.decode()


def test_a_lock_outlasts_what_others_leave_in_the_memory_of_failures(user):
    """By default a cache forgets a third of all it holds beyond 300: a lock could be flushed."""
    from django.core.cache import cache

    for number in range(5):
        sign_in(browser(f"198.51.{number}.9"), password="salah")
    for number in range(5_000):
        cache.set(f"trip:{number}", 1, 600)
    page = sign_in(browser("192.0.2.1"))
    assert "Terlalu banyak" in page.content.decode()


def test_many_wrong_names_lock_the_network(user):
    for number in range(30):
        sign_in(browser(f"198.51.100.{number}"), name=f"nobody{number}", password="salah")
    assert sign_in(browser("198.51.100.200")).status_code in (200, 429), "the same network"
    assert sign_in(browser("198.51.101.1"))["Location"] == "/", "another one"


def test_no_address_is_kept(user):
    from django.core.cache import cache

    sign_in(browser("198.51.100.77"), password="salah")
    assert cache._cache, "failures are counted"
    assert not [key for key in cache._cache if "198.51" in key]


def test_signing_out_ends_the_session(user):
    client = browser()
    sign_in(client)
    session = client.cookies["perisai-desk"].value
    assert client.get("/sign-out").status_code == 200
    assert client.get("/").status_code == 200, "not by a link alone"
    form = next(each for each in forms_on(client.get("/")) if each.action == "/sign-out")
    assert client.post("/sign-out", form.fields)["Location"] == "/sign-in"
    client.cookies["perisai-desk"] = session
    assert client.get("/").status_code == 302


def test_a_session_gets_a_new_name_when_somebody_signs_in(user):
    client = browser()
    client.cookies["perisai-desk"] = "chosen-by-somebody-else"
    sign_in(client)
    assert client.cookies["perisai-desk"].value != "chosen-by-somebody-else"


def test_a_closed_account_is_out_at_once(user):
    client = browser()
    sign_in(client)
    User.objects.update(is_active=False)
    assert client.get("/").status_code == 302
    assert sign_in(browser()).get("Location", "") != "/"


def test_nobody_signs_up(desk):
    for path in ("/signup", "/sign-up", "/accounts/signup/", "/account/email", "/admin/"):
        assert browser().get(path).status_code == 404


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    counter = (int(time.time()) // 30).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def paired(client: Client) -> str:
    """Pair an authenticator app; return its secret."""
    send(client, "/account/confirm", password=PASSWORD)
    page = client.get("/account/factor")  # each look at it draws another secret
    secret = re.search(r'class="code">([A-Z2-7]{32})<', page.content.decode())[1]
    form = next(each for each in forms_on(page) if not each.action)
    answer = client.post("/account/factor", {**form.fields, "code": code_of(secret)})
    assert answer.status_code == 302
    return secret


def test_a_second_factor(user, desk):
    from allauth.mfa.models import Authenticator

    client = browser()
    sign_in(client)
    assert client.get("/account/factor")["Location"].startswith("/account/confirm")
    secret = paired(client)
    codes = client.get("/account/codes").content.decode()
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept, "it is kept encrypted"
    assert "account/codes" in codes
    other = browser()
    first = sign_in(other)
    assert first["Location"].startswith("/sign-in/code")
    assert other.get("/").status_code == 302, "a password alone does not open anything"
    assert send(other, "/sign-in/code", code="000000").status_code == 200
    from django.core.cache import cache

    cache.clear()  # a code works once, also within its half minute
    assert send(other, "/sign-in/code", code=code_of(secret))["Location"] == "/"
    assert other.get("/").status_code == 200


def test_where_it_is_wanted_nobody_works_without_a_second_factor(user, desk):
    from perisai.desk.web import running

    section = desk.settings.desk.model_copy(update={"second_factor": True})
    settings = desk.settings.model_copy(update={"desk": section})
    running.use(running.Desk.of(settings, desk.house, desk.looking))
    client = browser()
    sign_in(client)
    for path in ("/", "/cases", "/complaints"):
        assert client.get(path)["Location"] == "/account/factor"
    assert client.get("/account").status_code == 200
    paired(client)
    assert client.get("/").status_code == 200


def test_a_new_password(user):
    client = browser()
    sign_in(client)
    values = {"oldpassword": PASSWORD, "password1": "pendek", "password2": "pendek"}
    assert send(client, "/account/password", **values).status_code == 200
    new = "jauh-lebih-panjang-lagi"
    values = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert send(client, "/account/password", **values)["Location"] == "/account?done=password"
    assert sign_in(browser(), password=new)["Location"] == "/"
    assert sign_in(browser()).status_code == 200


def test_every_page_of_the_account_can_be_read(user):
    client = browser()
    sign_in(client)
    paired(client)
    for path in ("/account", "/account/password", "/account/confirm", "/account/confirm-code",
                 "/account/factor/remove", "/account/codes", "/account/codes/new",
                 "/sign-out"):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200, path
        assert "<h1>" in page.content.decode()
    assert send(client, "/account/codes/new").status_code == 302
    assert send(client, "/account/factor/remove").status_code == 302
    assert sign_in(browser())["Location"] == "/"
