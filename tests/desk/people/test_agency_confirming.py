"""Confirming at an agency who one is."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User

from perisai.desk.permissions import Role
from tests.desk.people.agencies import (
    NAME,
    NOW,
    Browser,
    account,
    lie,
    on,
)
from tests.desk.web.visiting import forms_on, text_of


def weighty(browser: Browser):
    """Something that asks to confirm who one is."""
    page = browser.client.get("/people")
    form = next(each for each in forms_on(page) if each.action == "/people/new")
    values = {**form.fields, "account": "baru", "role": "intake", "platform": ""}
    return browser.client.post("/people/new", values)


def test_confirming_at_the_agency(connected, agency):
    account(connected, "hasna", Role.ADMINISTRATOR)
    browser = Browser.new(agency)
    browser.enter()
    page = weighty(browser)
    assert page["Location"].startswith("/account/confirm-agency?")
    link = re.search(rf'href="(/account/confirm-agency/{NAME}[^"]*)"',
                     browser.client.get(page["Location"]).content.decode())[1]  # fmt: skip
    asked = browser.leave(link.replace("&amp;", "&"))
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    page = browser.client.get(on(browser.back(agency.approve(asked, "123"))))
    assert "/invited/" in page.content.decode(), "what waited was done"
    assert User.objects.filter(username="baru").exists()


STALE = {
    "it did not ask again": lie(auth_time=NOW - 3600),
    "it does not say when": lie(auth_time=None),
    "it says so in words": lie(auth_time="now"),
    "in the future": lie(auth_time=NOW + 3600),
}


@pytest.mark.parametrize("tell", STALE.values(), ids=STALE)
def test_an_agency_that_did_not_ask_again_confirms_nothing(connected, agency, tell):
    account(connected, "hasna", Role.ADMINISTRATOR)
    browser = Browser.new(agency)
    browser.enter()
    tell(agency)
    weighty(browser)
    page = browser.there(path=f"/account/confirm-agency/{NAME}?next=/people/new")
    assert page.status_code == 403
    assert weighty(browser)["Location"].startswith("/account/confirm-agency")
    assert not User.objects.filter(username="baru").exists()


def test_somebody_else_cannot_confirm(connected, agency):
    account(connected, "hasna", Role.ADMINISTRATOR)
    account(connected, "eko", Role.MINISTRY, "456")
    browser = Browser.new(agency)
    browser.enter()
    page = browser.enter("456", f"/account/confirm-agency/{NAME}?next=/people")
    assert page.status_code == 403
    assert "bukan pemilik akun ini" in text_of(page)
    assert weighty(browser)["Location"].startswith("/account/confirm-agency")
    assert "hasna" in browser.client.get("/").content.decode()


def test_signing_in_is_not_confirming(connected, agency):
    account(connected, "hasna", Role.ADMINISTRATOR)
    browser = Browser.new(agency)
    browser.enter()
    assert weighty(browser).status_code == 302
