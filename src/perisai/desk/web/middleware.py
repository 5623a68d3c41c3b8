"""What holds for every page: headers, language and time zone, who acts, how refusals are told."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import Error
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from perisai.desk.web import signing
from perisai.desk.web.accounts import actor_of
from perisai.desk.web.running import desk
from perisai.desk.web.views import errors
from perisai.errors import NotAllowed, NotYet, Outdated, ServiceError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from perisai.desk.web.access import Request

    Next = Callable[[Request], HttpResponseBase]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
TWO_YEARS = 2 * 365 * 24 * 3600
LANGUAGE_COOKIE = "perisai-desk-language"
KEYS_COOKIE = "perisai-desk-keys"
"""Says ``off`` for those who want no keyboard shortcuts."""


class Headers:
    """Every answer, also an error, says what a browser may do with it."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """Answer, and add the headers."""
        response = self._next(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        # What is shown here is nobody else's business: also not of whoever uses the machine next.
        response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure():
            response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}"
        return response


class Speaking:
    """Indonesian unless English was chosen; times in the zone of the house."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """Answer in the language that was chosen."""
        request.language = "en" if request.COOKIES.get(LANGUAGE_COOKIE) == "en" else "id"
        zone = ZoneInfo(desk().settings.desk.zone)
        with translation.override(request.language), timezone.override(zone):
            response = self._next(request)
            response.headers["Content-Language"] = request.language
            patch_vary_headers(response, ("Cookie",))
            return response


class Refusals:
    """What the domain refuses becomes a page that says so, never a traceback."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """Answer."""
        return self._next(request)

    def process_exception(self, request: Request, error: Exception) -> HttpResponse | None:
        """Return the page for what was raised on purpose, or by a database that is gone."""
        if isinstance(error, NotAllowed):
            return errors.refused(request, str(error))
        if isinstance(error, Outdated):
            return errors.told(request, error, 409)
        if isinstance(error, NotYet):
            return errors.told(request, error, 422)
        if isinstance(error, (StorageError, ServiceError, Error)):
            return errors.unavailable(request, error)
        return None


class Acting:
    """Says who acts, and that their session is in use."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """Answer, with ``request.actor`` set."""
        signing.end_without_agency(request)
        request.actor = actor_of(request.user)
        if request.user.is_authenticated:
            signing.seen(request)
        return self._next(request)
