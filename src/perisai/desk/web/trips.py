"""A trip to an agency and back: what the browser carries of it, and nobody can read or change.

Our session's cookie is not sent along when another site leads here (``SameSite=Strict``). So a trip
has a cookie of its own that is (``Lax``): it lives for minutes, is encrypted, and signs nobody in.
Only the page of ours on which somebody lands leads on to where the trip ends; there the session's
cookie is with us again.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.cache import cache

from perisai.desk.agencies.asking import Start
from perisai.desk.web.running import desk
from perisai.desk.web.wording import language

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

ENTER, CONFIRM, JOIN = "enter", "confirm", "join"
SECONDS = 600
"""How long a trip may take."""
LONGEST_NEXT = 500


@dataclass(frozen=True, slots=True)
class Trip:
    """One trip. ``why``: to enter, to confirm who one is, or to join by an invitation's link."""

    agency: str
    why: str
    state: str
    nonce: str
    verifier: str
    next: str = ""
    user: int = 0
    """Who confirms: the number of the account."""
    token: str = ""
    """The secret of the invitation."""
    since: float = 0
    """When it began, where the agency has to ask again."""
    identity: str = ""
    """Who came back: empty until then."""
    issuer: str = ""
    """Who said so: a name may be another agency's by then."""
    strong: bool = False

    @property
    def start(self) -> Start:
        """What the agency was told, or may ask for."""
        return Start(self.state, self.nonce, self.verifier)

    def back(self, identity: str, issuer: str, *, strong: bool) -> Trip:
        """The same, when somebody has come back; it cannot come back twice."""
        done = replace(self, state="", nonce="", verifier="")
        return replace(done, identity=identity, issuer=issuer, strong=strong)


def begun(agency: str, why: str, start: Start, **more: object) -> Trip:
    """A new trip."""
    return Trip(agency, why, **asdict(start), **more)  # type: ignore[arg-type]


def put(response: HttpResponse, trip: Trip) -> HttpResponse:
    """Let the browser carry it."""
    box = _box().encrypt(json.dumps(asdict(trip)).encode()).decode()
    response.set_cookie(
        _cookie(),
        box,
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def take(request: HttpRequest) -> Trip | None:
    """The trip that a browser is on; None without one, or if it took too long."""
    box = request.COOKIES.get(_cookie(), "")
    try:
        return Trip(**json.loads(_box().decrypt(box.encode(), ttl=SECONDS)))
    except (InvalidToken, ValueError, TypeError):
        return None


def end(response: HttpResponse) -> HttpResponse:
    """Let the browser carry nothing any more."""
    response.delete_cookie(_cookie(), samesite="Lax")
    if settings.SESSION_COOKIE_SECURE:
        response.cookies[_cookie()]["secure"] = True
    return response


def first_time(request: HttpRequest) -> bool:
    """Whether what the browser carries was not used before: each works once."""
    box = request.COOKIES.get(_cookie(), "")
    return bool(cache.add(f"trip:{hashlib.sha256(box.encode()).hexdigest()}", 1, SECONDS))


def agencies() -> list[tuple[str, str]]:
    """The agencies at which people may sign in: name and label, in the language of who reads."""
    return [(name, label(name)) for name in desk().settings.agencies]


def label(name: str) -> str:
    """What an agency is called; its name where the settings do not have it any more."""
    chosen = desk().settings.agencies.get(name)
    if chosen is None:
        return name
    return (chosen.label_en or chosen.label) if language() == "en" else chosen.label


def _cookie() -> str:
    prefix = "__Host-" if settings.SESSION_COOKIE_SECURE else ""
    return f"{prefix}perisai-desk-agency"


def _box() -> Fernet:
    key = hashlib.sha256(b"trips to agencies " + settings.SECRET_KEY.encode()).digest()
    return Fernet(urlsafe_b64encode(key))
