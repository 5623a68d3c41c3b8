"""What is asked of an agency: where it is, its keys, and a token for the code somebody brought.

Every address comes from the operator's settings, or from what the agency at that address says of
itself. Nothing is followed elsewhere, nothing is waited for long, nothing large is read.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from perisai.desk.agencies import tokens
from perisai.errors import AgencyDown, AgencyError, AgencyKeyMissing, FetchRefused, UpstreamError
from perisai.gateway.fetching import Fetcher
from perisai.gateway.fetching.urls import read_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perisai.desk.agencies.tokens import Identity
    from perisai.settings import Settings
    from perisai.settings.agencies import AgencySection

SECONDS = 8.0
"""Longest wait for one answer."""
LARGEST = 256 * 1024
KNOWN_FOR, ASKED_AGAIN = 600.0, 60.0
"""Seconds for which what an agency says is remembered; how soon it is asked again for keys."""
WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency as it is set up here."""

    name: str
    chosen: AgencySection
    secret: str = field(repr=False)

    @classmethod
    def of(cls, settings: Settings, name: str) -> Agency:
        """The agency of this name. Raises SettingsError if its secret is not in the environment."""
        chosen = settings.agencies[name]
        if not os.environ.get(chosen.secret_env):
            key = ("agencies", name, "secret_env")
            raise settings.problem(
                key,
                f"names {chosen.secret_env}, which is not set or empty; put the client's secret "
                "there, or take the agency out: without it the desk does not start",
            )
        return cls(name, chosen, os.environ[chosen.secret_env])


@dataclass(frozen=True, slots=True)
class Start:
    """What one sign-in is known by until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Start:
        """One that nobody can guess."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """What the agency is told of the verifier (RFC 7636, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class _Known:
    """What an agency says of itself."""

    authorize: str
    token: str
    keys: str
    names_itself: bool
    """Whether it says who it is when it sends somebody back (RFC 9207)."""
    in_body: bool
    """Whether it wants our secret in the form and not in a header."""


_remembered: dict[tuple[str, str], tuple[float, Any]] = {}
_lock = threading.Lock()


def check_secrets(settings: Settings) -> None:
    """See that every agency's secret is there. Raises SettingsError."""
    for name in settings.agencies:
        Agency.of(settings, name)


def leave_for(agency: Agency, start: Start, back: str, *, again: bool) -> str:
    """The address at the agency to which somebody is sent. Raises AgencyError.

    ``again``: they have to say anew who they are, even if the agency still knows.
    """
    asked = {
        "response_type": "code",
        "client_id": agency.chosen.client_id,
        "redirect_uri": back,
        "scope": agency.chosen.scope,
        "state": start.state,
        "nonce": start.nonce,
        "code_challenge": start.challenge,
        "code_challenge_method": "S256",
    }
    if agency.chosen.acr:
        asked["acr_values"] = " ".join(agency.chosen.acr)
    if again:
        asked |= {"prompt": "login", "max_age": "0"}
    address = _known(agency).authorize
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def who(
    agency: Agency, start: Start, back: str, brought: Mapping[str, str], *, since: float = 0
) -> Identity:
    """Who somebody is who came back with this in the address. Raises AgencyError.

    ``since``: they have said so to the agency no earlier.
    """
    known = _known(agency)
    issuer = brought.get("iss")
    if issuer != agency.chosen.issuer and (issuer is not None or known.names_itself):
        raise AgencyError("iss in the address")
    token = _redeem(agency, known, brought.get("code", ""), start.verifier, back)
    expected = tokens.Expected(start.nonce, time.time(), since)
    try:
        return tokens.check(token, _keys(agency, known), agency.chosen, expected)
    except AgencyKeyMissing:
        newer = _keys(agency, known, newest=ASKED_AGAIN)
        return tokens.check(token, newer, agency.chosen, expected)


def _known(agency: Agency) -> _Known:
    issuer = agency.chosen.issuer
    told = _remember(agency, f"{issuer.rstrip('/')}{WELL_KNOWN}")
    if not isinstance(told, dict) or told.get("issuer") != issuer:
        raise AgencyError("it names another issuer than the settings")
    places = [told.get(f"{each}") for each in
              ("authorization_endpoint", "token_endpoint", "jwks_uri")]  # fmt: skip
    authorize, token, keys = (_address(agency, each) for each in places)
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return _Known(
        authorize,
        token,
        keys,
        told.get("authorization_response_iss_parameter_supported") is True,
        "client_secret_basic" not in ways,
    )


def _address(agency: Agency, value: object) -> str:
    """An address that an agency names: of https, unless it is on this machine."""
    if not isinstance(value, str):
        raise AgencyError("an address of it is missing")
    if not value.startswith("https://") and not agency.chosen.here:
        raise AgencyError("an address of it is not https")
    _place(agency, value)
    return value


def _place(agency: Agency, url: str) -> str:
    try:
        return read_url(url, private=agency.chosen.private or agency.chosen.here).authority
    except FetchRefused:
        raise AgencyError("an address of it is not well formed") from None


def _keys(
    agency: Agency, known: _Known, *, newest: float = KNOWN_FOR
) -> Sequence[Mapping[str, Any]]:
    return tokens.read_keys(_remember(agency, known.keys, newest=newest))


def _redeem(agency: Agency, known: _Known, code: str, verifier: str, back: str) -> str:
    """The ID token for a code, which works once."""
    if not code:
        raise AgencyError("no code")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if known.in_body:
        form |= {"client_id": agency.chosen.client_id, "client_secret": agency.secret}
    else:
        both = f"{quote_plus(agency.chosen.client_id)}:{quote_plus(agency.secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(both.encode()).decode()}"
    told = _ask(agency, known.token, urlencode(form).encode(), headers)
    token = told.get("id_token") if isinstance(told, dict) else None
    if not isinstance(token, str):
        raise AgencyError("no ID token")
    return token


def _remember(agency: Agency, url: str, *, newest: float = KNOWN_FOR) -> Any:  # noqa: ANN401 - JSON
    key = (agency.chosen.issuer, url)
    with _lock:
        at, told = _remembered.get(key, (float("-inf"), None))
    if time.monotonic() - at < newest:
        return told
    told = _ask(agency, url)
    with _lock:
        _remembered[key] = (time.monotonic(), told)
    return told


def forget() -> None:
    """Remember nothing of any agency any more."""
    with _lock:
        _remembered.clear()


def _ask(
    agency: Agency, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Any:  # noqa: ANN401 - JSON
    """Ask for JSON. Raises AgencyDown, AgencyError."""
    try:
        status, data = asyncio.run(_fetched(agency, url, body, headers or {}))
    except FetchRefused:
        raise AgencyError("its address or answer is not acceptable") from None
    except UpstreamError:
        raise AgencyDown("it cannot be reached") from None
    if status >= 500:
        raise AgencyDown(f"status {status}")
    if status != 200:
        raise AgencyError(f"status {status}")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise AgencyError("its answer is no JSON") from None


async def _fetched(
    agency: Agency, url: str, body: bytes | None, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    private = agency.chosen.private or agency.chosen.here
    hosts = [_place(agency, url)]
    fetcher = Fetcher(hosts, private=private, seconds=SECONDS, silence=SECONDS, hops=0)
    try:
        place = fetcher.check(url)
        if body is None:
            answer = await fetcher.get(place, LARGEST, headers=headers)
        else:
            answer = await fetcher.post(place, body, headers, limit=LARGEST)
    finally:
        await fetcher.close()
    return answer.status, answer.data
