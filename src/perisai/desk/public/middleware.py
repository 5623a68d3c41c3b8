"""What stands before and behind every page: headers, forms of our own only, faults.

**Forgery without cookies.** A forged request harms whoever is signed in: a foreign page lets the
browser send a cookie along. Here nobody is signed in and no cookie is ever set, so that a forged
request can do nothing that its author could not do from a machine of its own. What is left is a
foreign page that makes its visitors flood this one, each from a network of its own. Browsers say
where a form comes from (``Sec-Fetch-Site``, all of them since 2023): what does not come from here
is refused. Older ones say ``Origin``, which is ``null`` for our own forms, since our pages ask for
no referrer; it is refused only if it names another host: a child with an old phone is heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import Error
from django.http import HttpResponseNotAllowed

from perisai.desk.public import doors, uploads
from perisai.desk.public.here import here
from perisai.desk.public.options import LARGEST_BODY
from perisai.desk.public.views import wrong
from perisai.errors import DeskError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    Handler = Callable[[HttpRequest], HttpResponse]

CSP = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PLAIN = "application/x-www-form-urlencoded"
A_YEAR = 365 * 24 * 3600


def headers(get_response: Handler) -> Handler:
    """Put the headers on everything that leaves; nothing is kept by a browser unless it says so."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if (here().desk.public_url or "").startswith("https:"):
            response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
        return response

    return handle


def own_forms(get_response: Handler) -> Handler:
    """Answer only requests for this host, and of those that send something only our own forms."""

    def handle(request: HttpRequest) -> HttpResponse:
        host = request.get_host()  # raises DisallowedHost, which becomes our page for 400
        if request.method in ("GET", "HEAD") or request.path.startswith("/api/"):
            return get_response(request)  # what machines send is signed, and answers for itself
        if request.method != "POST":
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if not _ours(request, host):
            return wrong.page(request, "bad", 403)
        files = doors.room(here().settings, request.path, known=True)
        if (
            not (files and request.content_type == uploads.FORM)
            and request.content_type != "application/x-www-form-urlencoded"
        ):
            return wrong.page(request, "large" if request.content_type else "bad", 415)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY + files:
            return wrong.page(request, "large", 413)
        return get_response(request)

    return handle


def _ours(request: HttpRequest, host: str) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == host


class Faults:
    """Turns what is raised on purpose, and was not answered by a view, into a page."""

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for an error; None leaves it to Django, which ends in our page for 500."""
        if isinstance(error, (StorageError, Error)):
            return wrong.page(request, "down", 503)
        if isinstance(error, DeskError):
            return wrong.page(request, "bad", 422)
        return None
