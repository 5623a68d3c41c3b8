"""Signing in at an agency, against a real OpenID provider on this machine."""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from django.contrib.auth.models import User
from django.test import Client
from joserfc.jwk import RSAKey

from perisai.desk.agencies import asking
from perisai.desk.people import services
from perisai.desk.people.models import BoundRow, SessionRow
from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from perisai.settings.agencies import AgencySection
from tests.common import agency as provider
from tests.desk.web.visiting import forms_on, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.desk.web.running import Desk

NAME = "kementerian"
COOKIE = "perisai-desk-agency"
SIGN_IN = f"/sign-in/agency/{NAME}"


@pytest.fixture
def agency() -> Iterator[provider.Agency]:
    asking.forget()
    with provider.agency() as made:
        yield made


@pytest.fixture(autouse=True)
def secret(monkeypatch) -> None:
    monkeypatch.setenv("AGENCY_SECRET", provider.SECRET)


def chosen(agency: provider.Agency, **more: Any) -> AgencySection:
    return AgencySection(
        issuer=agency.issuer, client_id=provider.CLIENT, secret_env="AGENCY_SECRET",
        label="Kementerian Contoh", label_en="Example Ministry", **more,
    )  # fmt: skip


@pytest.fixture
def connected(desk: Desk, agency: provider.Agency) -> Desk:
    """A desk that knows the agency."""
    return connect(desk, {NAME: chosen(agency)})


def connect(desk: Desk, agencies: dict[str, AgencySection], **section: object) -> Desk:
    made = desk.settings.desk.model_copy(update=section)
    settings = desk.settings.model_copy(update={"agencies": agencies, "desk": made})
    desk = replace(desk, settings=settings)
    use(desk)
    return desk


def account(desk: Desk, name: str = "eko", role: Role = Role.MINISTRY, sub: str = "123") -> User:
    """Somebody without a password who is bound to what the agency calls them."""
    from perisai.desk.actors import HOUSE

    services.add(desk.house, HOUSE, name, role, "")
    issuer = desk.settings.agencies[NAME].issuer
    services.bind(desk.house, HOUSE, name, NAME, services.identity(desk.house, issuer, sub))
    return User.objects.get(username=name)


@dataclass
class Browser:
    """A browser that goes to the agency and back."""

    agency: provider.Agency
    client: Client

    @classmethod
    def new(cls, agency: provider.Agency, network: int = 1) -> Browser:
        address = f"198.51.{network}.9"
        return cls(agency, Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=address))

    def leave(self, path: str = SIGN_IN) -> dict[str, str]:
        """Go to the agency; return what it is asked."""
        page = self.client.get(path)
        assert page.status_code == 302, text_of(page)
        assert page["Location"].startswith(f"{self.agency.issuer}/authorize?")
        return dict(parse_qsl(urlsplit(page["Location"]).query))

    def back(self, address: str):
        parts = urlsplit(address)
        return self.client.get(f"{parts.path}?{parts.query}")

    def there(self, who: str = "123", path: str = SIGN_IN):
        """Sign in at the agency; return our page on which one lands."""
        return self.back(self.agency.approve(self.leave(path), who))

    def enter(self, who: str = "123", path: str = SIGN_IN):
        """All the way to the end."""
        return self.client.get(on(self.there(who, path)))


def on(page) -> str:
    """Where our landing page leads on to."""
    assert page.status_code == 200, text_of(page)
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())[1]
    assert f'href="{found}"' in page.content.decode(), "also by hand"
    return found


def kinds(desk: Desk, name: str = "eko") -> list[str]:
    return [fact.kind for fact in desk.house.log.stream(f"account:{name}")]


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


def lie(**claims: Any):
    return lambda agency: setattr(agency, "lies", claims)


NOW = int(time.time())
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
