"""An agency that is out of the settings vouches for nobody any more, from the next request on."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from perisai.desk.people.models import SessionRow
from perisai.desk.permissions import Role
from tests.desk.people.agencies import NAME, Browser, account, chosen, connect, kinds, on

ELSEWHERE = "https://login.lain.example"


def gone(desk, agency):
    connect(desk, {})


def another(desk, agency):
    """The same name, but another agency's now."""
    connect(desk, {NAME: chosen(agency).model_copy(update={"issuer": ELSEWHERE})})


@pytest.mark.parametrize("change", [gone, another])
def test_a_session_ends_with_its_agency(connected, agency, change):
    account(connected)
    browser = Browser.new(agency)
    browser.enter()
    assert browser.client.get("/").status_code == 200
    change(connected, agency)
    for _ in range(2):
        assert browser.client.get("/")["Location"].startswith("/sign-in")
    connect(connected, connected.settings.agencies)
    assert browser.client.get("/").status_code == 302, "it does not come back"
    assert not SessionRow.objects.exists()
    assert kinds(connected)[-1] == "account.ended"
    assert kinds(connected).count("account.ended") == 1


@pytest.mark.parametrize("change", [gone, another])
def test_a_second_factor_of_an_agency_that_is_gone_is_none(desk, agency, change):
    sections = {NAME: chosen(agency, amr=("otp",))}
    connected = connect(desk, sections, second_factor=True)
    account(connected)
    agency.lies = {"amr": ["otp"]}
    browser = Browser.new(agency)
    browser.enter()
    assert browser.client.get("/").status_code == 200
    change(connected, agency)
    assert browser.client.get("/")["Location"].startswith("/sign-in")
    assert browser.client.post("/account/name", {}).status_code in (302, 404)


def test_a_password_does_not_lend_its_session_to_an_agency_that_is_gone(connected, agency):
    """Who signed in by password and confirmed at the agency signs in again, too."""
    user = account(connected, "hasna", Role.ADMINISTRATOR)
    user.set_password("cukup-panjang-dan-aneh")
    user.save()
    browser = Browser.new(agency)
    browser.client.post("/sign-in", {"login": "hasna", "password": "cukup-panjang-dan-aneh"})
    browser.enter(path=f"/account/confirm-agency/{NAME}?next=/people")
    assert browser.client.get("/people").status_code == 200
    gone(connected, agency)
    assert browser.client.get("/people")["Location"].startswith("/sign-in")


def test_other_sessions_stay(connected, agency, staff):
    client = staff(Role.REVIEWER)
    gone(connected, agency)
    assert client.get("/").status_code == 200


def test_who_came_back_before_another_agency_took_the_name_does_not_get_in(connected, agency):
    account(connected)
    browser = Browser.new(agency)
    path = on(browser.there())
    another(connected, agency)
    assert browser.client.get(path).status_code == 403
    assert browser.client.get("/").status_code == 302
    assert User.objects.filter(username="eko").exists()
