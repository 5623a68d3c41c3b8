"""An agency that lies, is down, or is mixed up with another: nobody gets in."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from joserfc.jwk import RSAKey

from perisai.desk.agencies import asking
from tests.common import agency as provider
from tests.desk.people.agencies import (
    COOKIE,
    NAME,
    NOW,
    SIGN_IN,
    Browser,
    account,
    chosen,
    connect,
    lie,
    on,
)
from tests.desk.web.visiting import text_of


def by_hand(alg: str, sign):
    """Makes tokens that no library would."""

    def mint(said: dict[str, Any]) -> str:
        parts = [json.dumps(each).encode() for each in ({"alg": alg, "kid": provider.KID}, said)]
        text = ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts)
        proof = base64.urlsafe_b64encode(sign(text.encode())).decode().rstrip("=")
        return f"{text}.{proof}"

    return mint


def by_public_key(agency: provider.Agency) -> None:
    """HMAC under the public key, which a careless client takes for the secret."""
    public = agency.key.as_pem(private=False)
    agency.mint = by_hand("HS256", lambda text: hmac.digest(public, text, "sha256"))


def by_short_key(agency: provider.Agency) -> None:
    short = rsa.generate_private_key(65537, 1024)
    numbers = short.public_key().public_numbers()
    n, e = (
        base64.urlsafe_b64encode(each.to_bytes(-(-each.bit_length() // 8), "big"))
        .decode()
        .rstrip("=")
        for each in (numbers.n, numbers.e)
    )
    agency.publishes = {"kty": "RSA", "n": n, "e": e, "kid": provider.KID, "use": "sig"}
    agency.mint = by_hand("RS256", lambda text: short.sign(text, PKCS1v15(), SHA256()))


LIES = {
    "another nonce": lie(nonce="x"),
    "no nonce": lie(nonce=None),
    "for another client": lie(aud="somebody-else"),
    "for another client, too": lie(aud=[provider.CLIENT, "somebody-else"]),
    "given to another client": lie(azp="somebody-else"),
    "expired": lie(exp=NOW - 3600),
    "never expires": lie(exp=float("inf")),
    "no time": lie(exp=float("nan")),
    "no expiry": lie(exp=None),
    "from the future": lie(iat=NOW + 3600),
    "not yet": lie(nbf=NOW + 3600),
    "old": lie(iat=NOW - 3600),
    "another issuer": lie(iss="https://other.example"),
    "nobody": lie(sub=None),
    "a number": lie(sub=123),
    "a foreign key": lambda agency: setattr(agency, "signs_with", provider.rsa()),
    "a short key": by_short_key,
    "no signature": lambda agency: setattr(agency, "mint", by_hand("none", lambda _: b"")),
    "hmac under the public key": by_public_key,
    "no token": lambda agency: setattr(agency, "mint", lambda _: "x"),
    "rubbish": lambda agency: setattr(agency, "mint", lambda _: "é.[].1"),
}


@pytest.mark.parametrize("tell", LIES.values(), ids=LIES)
def test_lies(connected, agency, tell, caplog):
    account(connected)
    tell(agency)
    browser = Browser.new(agency)
    page = browser.there()
    assert page.status_code == 403
    assert "tidak bisa dipercaya" in text_of(page)
    assert browser.client.get(f"{SIGN_IN}/end").status_code == 403
    assert browser.client.get("/").status_code == 302
    assert "123" not in caplog.text


def test_a_key_that_was_changed_is_asked_for(connected, agency, monkeypatch):
    account(connected)
    assert Browser.new(agency).enter()["Location"] == "/"
    agency.key = RSAKey.generate_key(2048, {"kid": "kunci-2", "use": "sig"})
    agency.mint = lambda said: provider.signed(said, agency.key, kid="kunci-2")
    assert Browser.new(agency).there().status_code == 403, "not more than once a minute"
    monkeypatch.setattr(asking, "ASKED_AGAIN", 0.0)
    assert Browser.new(agency).enter()["Location"] == "/"


def test_the_state_of_another_browser(connected, agency):
    account(connected)
    mine, theirs = Browser.new(agency), Browser.new(agency)
    address = agency.approve(mine.leave(), "123")
    theirs.leave()
    assert theirs.back(address).status_code == 403
    nobody = Browser.new(agency)
    assert nobody.back(address).status_code == 403
    assert nobody.client.get(f"{SIGN_IN}/end").status_code == 403


def test_a_code_that_comes_again(connected, agency):
    account(connected)
    agency.forgets_nothing = True
    browser = Browser.new(agency)
    address = agency.approve(browser.leave(), "123")
    carried = browser.client.cookies[COOKIE].value
    end = on(browser.back(address))
    at_the_end = browser.client.cookies[COOKIE].value
    assert browser.client.get(end)["Location"] == "/"
    browser.client.logout()
    for step, value in ((address, carried), (end, at_the_end)):
        browser.client.cookies[COOKIE] = value
        assert browser.back(step).status_code == 403
    assert browser.client.get("/").status_code == 302


def test_a_code_that_was_used_elsewhere(connected, agency):
    account(connected)
    browser = Browser.new(agency)
    address = agency.approve(browser.leave(), "123")
    agency._codes.clear()
    assert browser.back(address).status_code == 403


def test_a_trip_that_took_too_long(connected, agency, monkeypatch):
    account(connected)
    browser = Browser.new(agency)
    address = agency.approve(browser.leave(), "123")
    then = time.time()
    monkeypatch.setattr(time, "time", lambda: then + 601)
    assert browser.back(address).status_code == 403


def test_two_agencies_are_not_mixed_up(desk, agency):
    """RFC 9700, section 4.4: a code of one is never shown to the other."""
    with provider.agency() as other:
        connected = connect(desk, {NAME: chosen(agency), "lain": chosen(other)})
        account(connected)
        mine, theirs = f"iss={quote(agency.issuer, '')}", f"iss={quote(other.issuer, '')}"
        for says in (theirs, "iss=", ""):
            browser = Browser.new(agency)
            address = agency.approve(browser.leave(), "123")
            assert mine in address
            assert browser.back(address.replace(mine, says)).status_code == 403, says
        browser = Browser.new(agency)
        address = agency.approve(browser.leave(), "123")
        assert browser.back(address.replace(NAME, "lain")).status_code == 403
        # The same number at another agency is somebody else.
        lain = Browser.new(other)
        assert lain.enter("123", "/sign-in/agency/lain").status_code == 403


def test_an_agency_that_refuses(connected, agency):
    browser = Browser.new(agency)
    asked = browser.leave()
    page = browser.client.get(f"{SIGN_IN}/back?error=access_denied&state={asked['state']}")
    assert page.status_code == 403
    assert "tidak mengizinkan" in text_of(page)


def test_an_agency_that_is_down(connected, agency, desk):
    agency.down = True
    page = Client(SERVER_NAME="127.0.0.1").get(SIGN_IN)
    assert page.status_code == 503
    assert "tidak bisa dihubungi" in text_of(page)
    gone = chosen(agency).model_copy(update={"issuer": "http://127.0.0.1:9"})
    connect(desk, {NAME: gone})
    assert Client(SERVER_NAME="127.0.0.1").get(SIGN_IN).status_code == 503


@pytest.mark.parametrize("told", [
    {"issuer": "https://other.example"},
    {"authorization_endpoint": None},
    {"token_endpoint": "file:///etc/passwd"},
    {"jwks_uri": "http://user@127.0.0.1/"},
])  # fmt: skip
def test_an_agency_that_says_odd_things_of_itself(connected, agency, told):
    agency.told = told
    page = Client(SERVER_NAME="127.0.0.1").get(SIGN_IN)
    assert page.status_code == 403
    assert "tidak bisa dipercaya" in text_of(page)


def test_an_agency_elsewhere_is_never_followed_to_this_machine(desk, agency):
    away = chosen(agency).model_copy(update={"issuer": "https://login.example.go.id"})
    known = asking.Agency(NAME, away, "x")
    from perisai.errors import AgencyError

    for address in (f"{agency.issuer}/token", "https://127.0.0.1/token", "https://intranet/token"):
        with pytest.raises(AgencyError):
            asking._address(known, address)
