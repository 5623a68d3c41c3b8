"""What is checked of an ID token before anything in it is believed.

OpenID Connect Core 1.0, section 3.1.3.7; RFC 7515 (JWS), RFC 7517 (JWK), RFC 8725 (best practice).
"""

from __future__ import annotations

import base64
import hmac
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from joserfc import jwk, jws
from joserfc.errors import JoseError

from perisai.errors import AgencyError, AgencyKeyMissing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perisai.settings.agencies import AgencySection

KINDS = {"RS256": "RSA", "ES256": "EC"}
"""The signatures that are taken, and the kind of key of each: no other, whatever a token says."""
SMALLEST_RSA = 2048
LEEWAY = 60
"""Seconds that two clocks may differ."""
OLDEST = 600
"""Seconds after which a token that has just come is not new."""
LONGEST, LONGEST_SUBJECT = 16_384, 255


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say. ``since``: that who signs in did so no earlier; 0 asks nothing."""

    nonce: str
    now: float
    since: float = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, in the agency's own words; ``strong`` if it asked for a second factor."""

    subject: str
    strong: bool


def read_keys(told: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - whatever the agency sent
    """The keys of an agency that may sign a token; others of its set are left aside."""
    found = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(found, list):
        raise AgencyError("its keys cannot be read")
    return [each for each in found if isinstance(each, dict) and each.get("kty") in ("RSA", "EC")
            and each.get("use", "sig") == "sig"]  # fmt: skip


def check(
    token: str, keys: Sequence[Mapping[str, Any]], agency: AgencySection, expected: Expected
) -> Identity:
    """Return who a token says that signed in. Raises AgencyError, AgencyKeyMissing."""
    said = _signed(token, keys)
    _for_us(said, agency)
    _in_time(said, expected)
    if not hmac.compare_digest(str(said.get("nonce")).encode(), expected.nonce.encode()):
        raise AgencyError("nonce")
    subject = said.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise AgencyError("sub")
    return Identity(subject, _strong(said, agency))


def _signed(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a token says, where one of these keys has signed it."""
    head = _head(token)
    alg, kid = head.get("alg"), head.get("kid")
    if alg not in KINDS:
        raise AgencyError("alg")
    fitting = [
        each
        for each in keys
        if each["kty"] == KINDS[alg]
        and each.get("alg", alg) == alg
        and (kid is None or each.get("kid") == kid)
    ]
    if not fitting:
        raise AgencyKeyMissing("kid")
    for each in fitting:
        try:
            if each["kty"] == "RSA" and _bits(str(each["n"])) < SMALLEST_RSA:
                continue
            key = jwk.import_key(dict(each))
            said = json.loads(jws.deserialize_compact(token, key, algorithms=[alg]).payload)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(said, dict):
            return said
    raise AgencyError("signature")


def _head(token: str) -> dict[str, Any]:
    try:
        if len(token) > LONGEST or token.count(".") != 2:
            raise AgencyError("it is no token")
        first = token.partition(".")[0]
        head = json.loads(_decoded(first))
    except ValueError:
        raise AgencyError("it is no token") from None
    if not isinstance(head, dict):
        raise AgencyError("it is no token")
    return head


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _bits(number: str) -> int:
    return int.from_bytes(_decoded(number), "big").bit_length()


def _for_us(said: Mapping[str, Any], agency: AgencySection) -> None:
    """It is of this agency, and for this desk and nobody besides."""
    if said.get("iss") != agency.issuer:
        raise AgencyError("iss")
    if said.get("aud") not in (agency.client_id, [agency.client_id]):
        raise AgencyError("aud")
    if said.get("azp", agency.client_id) != agency.client_id:
        raise AgencyError("azp")


def _in_time(said: Mapping[str, Any], expected: Expected) -> None:
    now = expected.now
    if _time(said, "exp") <= now - LEEWAY:
        raise AgencyError("exp")
    if not now - OLDEST <= _time(said, "iat") <= now + LEEWAY:
        raise AgencyError("iat")
    if "nbf" in said and _time(said, "nbf") > now + LEEWAY:
        raise AgencyError("nbf")
    if expected.since and not expected.since - LEEWAY <= _time(said, "auth_time") <= now + LEEWAY:
        raise AgencyError("auth_time")


def _time(said: Mapping[str, Any], name: str) -> float:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise AgencyError(name)
    return value


def _strong(said: Mapping[str, Any], agency: AgencySection) -> bool:
    ways = said.get("amr")
    known = {each for each in ways if isinstance(each, str)} if isinstance(ways, list) else set()
    return said.get("acr") in agency.acr or bool(known & set(agency.amr))
