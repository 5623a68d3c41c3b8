"""Signing in at an agency, against a real OpenID provider on this machine."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from perisai.desk.people.models import BoundRow, SessionRow
from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from tests.common import agency as provider
from tests.desk.people.agencies import (
    COOKIE,
    NAME,
    SIGN_IN,
    Browser,
    account,
    chosen,
    connect,
    kinds,
    on,
)
from tests.desk.web.visiting import text_of


def test_somebody_who_is_bound_signs_in(connected, agency):
    account(connected)
    browser = Browser.new(agency)
    assert f'href="{SIGN_IN}"' in browser.client.get("/sign-in").content.decode()
    asked = browser.leave(f"{SIGN_IN}?next=/cases")
    assert asked["scope"] == "openid"
    assert asked["code_challenge_method"] == "S256"
    assert "prompt" not in asked
    cookie = browser.client.cookies[COOKIE]
    assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Lax", True, "/")
    assert asked["state"] not in cookie.value
    page = browser.back(agency.approve(asked, "123"))
    assert browser.client.get("/")["Location"].startswith("/sign-in"), "the cookie signs nobody in"
    assert browser.client.get(on(page))["Location"] == "/cases"
    assert browser.client.get("/cases").status_code == 200
    assert not browser.client.cookies[COOKIE].value
    entered = connected.house.log.stream("account:eko")[-1]
    assert (entered.kind, entered.data["how"]) == ("account.entered", [f"agency {NAME}"])
    assert SessionRow.objects.get().user.username == "eko"
    assert connected.house.rebuild(write=False) == []


def test_with_a_key_on_a_curve(connected, agency):
    account(connected)
    agency.key = provider.ec()
    assert Browser.new(agency).enter()["Location"] == "/"


def test_nobody_gets_an_account_by_signing_in(connected, agency):
    account(connected)
    agency.lies = {"email": "eko@kementerian.example", "preferred_username": "eko"}
    page = Browser.new(agency).enter("nobody here")
    assert page.status_code == 403
    assert "administrator" in text_of(page)
    assert User.objects.count() == 1


def test_what_the_agency_calls_somebody_is_not_kept(connected, agency):
    account(connected, sub="198001012005011001")
    assert all("198001012005011001" not in str(fact.data) for fact in connected.house.log.all())
    assert len(BoundRow.objects.get().identity) == 64


def test_a_closed_account_and_a_binding_that_was_taken_away(connected, agency, staff):
    account(connected)
    administrator = staff(Role.ADMINISTRATOR)
    browser = Browser.new(agency)
    browser.enter()
    assert browser.client.get("/").status_code == 200
    administrator.send("/people/eko", f"/agencies/{NAME}/end")
    assert browser.client.get("/").status_code == 302, "sessions end"
    assert Browser.new(agency).enter().status_code == 403
    administrator.send("/people/eko", "/agencies", agency=NAME, subject="123")
    again = Browser.new(agency)
    assert again.enter()["Location"] == "/"
    administrator.send("/people/eko", "/close")
    assert again.client.get("/").status_code == 302
    assert Browser.new(agency).enter().status_code == 403
    assert not BoundRow.objects.exists()
    assert connected.house.rebuild(write=False) == []


def test_one_person_at_an_agency_has_one_account(connected, agency, staff):
    account(connected)
    account(connected, "lain", Role.INTAKE, "456")
    page = staff(Role.ADMINISTRATOR).send("/people/lain", "/agencies", agency=NAME, subject="123")
    assert page.status_code == 422
    assert "sudah terhubung" in text_of(page)


def test_who_approves_is_bound_by_two(connected, agency, staff):
    account(connected, "dewi", Role.COMMISSIONER)
    administrator = staff(Role.ADMINISTRATOR)
    second = staff(Role.ADMINISTRATOR, "hasna")
    page = administrator.send("/people/dewi", "/agencies", agency=NAME, subject="mine")
    assert page["Location"].endswith("account-asked")
    assert Browser.new(agency).enter("mine").status_code == 403
    assert connected.house.rebuild(write=False) == []
    second.send("/people", "/dewi/agree")
    assert Browser.new(agency).enter("mine")["Location"] == "/"
    assert Browser.new(agency).enter("123").status_code == 403, "one at each agency"
    page = administrator.send("/people/hasna", "/agencies", agency=NAME, subject="me too")
    assert page.status_code == 422, "two are needed against a third"


def test_an_invitation_is_taken_at_the_agency(connected, agency, staff):
    administrator = staff(Role.ADMINISTRATOR)
    page = administrator.send("/people", "/new", account="siti", role="intake", platform="")
    link = re.search(r"http://[^/]+(/invited/[A-Za-z0-9_-]{43})", page.content.decode())[1]
    browser = Browser.new(agency)
    path = f"{link}/agency/{NAME}"
    assert f'href="{path}"' in browser.client.get(link).content.decode()
    assert browser.enter("789", path)["Location"] == "/"
    assert browser.client.get("/").status_code == 200
    assert Client(SERVER_NAME="127.0.0.1").get(link).status_code == 404, "it works once"
    assert Client(SERVER_NAME="127.0.0.1").get(path).status_code == 404
    assert kinds(connected, "siti")[2:] == ["account.bound", "account.joined", "account.entered"]
    assert not User.objects.get(username="siti").has_usable_password()
    assert Browser.new(agency).enter("789")["Location"] == "/"
    assert connected.house.rebuild(write=False) == []


def test_a_second_factor_that_the_agency_asked_for_is_enough(desk, agency):
    sections = {NAME: chosen(agency, amr=("otp", "hwk"), acr=("urn:example:2",))}
    connected = connect(desk, sections, second_factor=True)
    account(connected)
    weak = Browser.new(agency)
    assert weak.leave()["acr_values"] == "urn:example:2"
    weak.enter()
    assert weak.client.get("/")["Location"] == "/account/factor"
    for said in ({"amr": ["pwd", "otp"]}, {"acr": "urn:example:2"}):
        agency.lies = said
        strong = Browser.new(agency)
        strong.enter()
        assert strong.client.get("/").status_code == 200, said
    for said in ({"amr": "otp"}, {"amr": [["otp"]]}, {"acr": ["urn:example:2"]}, {"acr": "1"}):
        agency.lies = said
        weak = Browser.new(agency)
        weak.enter()
        assert weak.client.get("/").status_code == 302, said


def test_a_factor_that_is_paired_here_is_asked_for(connected, agency):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(account(connected), generate_totp_secret())
    browser = Browser.new(agency)
    assert browser.enter()["Location"].startswith("/sign-in/code")
    assert browser.client.get("/").status_code == 302


def test_a_locked_account_stays_locked(connected, agency):
    account(connected)
    for number in range(5):
        client = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=f"203.0.{number}.1")
        client.post("/sign-in", {"login": "eko", "password": "salah"})
    page = Browser.new(agency).enter()
    assert page.status_code == 429
    assert kinds(connected)[-1] == "account.locked"


def test_a_locked_network_stays_locked(connected, agency):
    account(connected)
    for number in range(30):
        client = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR="198.51.1.77")
        client.post("/sign-in", {"login": f"nobody{number}", "password": "salah"})
    assert Browser.new(agency).enter().status_code == 429
    assert Browser.new(agency, 2).enter()["Location"] == "/"


def test_a_network_that_only_begins(connected, agency):
    browser = Browser.new(agency)
    for _ in range(120):
        browser.leave()
    assert browser.client.get(SIGN_IN).status_code == 429


def test_where_one_wanted_to_go_and_nowhere_else(connected, agency):
    account(connected)
    for path in ("https://evil.invalid/", "//evil.invalid/", "/\\evil.invalid", "x" * 600):
        assert Browser.new(agency).enter(path=f"{SIGN_IN}?next={path}")["Location"] == "/"


def test_agencies_that_nobody_set_up(connected):
    client = Client(SERVER_NAME="127.0.0.1")
    for path in ("", "/back", "/end"):
        assert client.get(f"/sign-in/agency/lain{path}").status_code == 404
        assert client.post(f"/sign-in/agency/{NAME}{path}").status_code == 405


def test_over_https_the_trip_travels_over_nothing_else(connected, agency):
    from tests.desk.sites import on_site

    section = connected.settings.desk.model_copy(update={"url": "https://meja.example.id"})
    settings = connected.settings.model_copy(update={"desk": section})
    use(replace(connected, settings=settings))
    with on_site(settings, "desk"):
        client = Client(SERVER_NAME="meja.example.id")
        page = client.get(SIGN_IN, secure=True)
        cookie = page.cookies[f"__Host-{COOKIE}"]
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
        asked = dict(parse_qsl(urlsplit(page["Location"]).query))
        assert asked["redirect_uri"] == f"https://meja.example.id{SIGN_IN}/back"
        ended = client.get(f"{SIGN_IN}/end", secure=True).cookies[f"__Host-{COOKIE}"]
        assert (ended["max-age"], ended["secure"]) == (0, True)


def test_one_sees_where_one_may_sign_in(connected, agency):
    account(connected)
    browser = Browser.new(agency)
    browser.enter()
    assert "Kementerian Contoh" in text_of(browser.client.get("/account"))


def test_a_secret_that_is_not_there_is_said_at_start(desk, agency, monkeypatch):
    from perisai.errors import SettingsError

    monkeypatch.delenv("AGENCY_SECRET")
    settings = desk.settings.model_copy(update={"agencies": {NAME: chosen(agency)}})
    with pytest.raises(SettingsError, match="AGENCY_SECRET, which is not set"):
        type(desk).of(settings, desk.house, desk.looking)
