"""The few files that pages need besides: read once, named by their content, kept by browsers."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse

FOLDER = Path(__file__).parents[1] / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SCRIPTS = (
    ("allauth", "mfa/static/mfa/js/webauthn-json.js"),
    ("allauth", "mfa/static/mfa/js/webauthn.js"),
    ("allauth", "account/static/account/js/onload.js"),
    ("django_htmx", "static/django_htmx/htmx-2.min.js"),
)
A_YEAR = 365 * 24 * 3600


def of_packages() -> list[Path]:
    """The scripts that packages ship: for passkeys, and htmx. Served from there, never copied."""
    return [Path(str(files(package).joinpath(name))) for package, name in SCRIPTS]


@cache
def _files() -> dict[str, tuple[str, bytes]]:
    found = {}
    for path in (*FOLDER.iterdir(), *of_packages()):
        data = path.read_bytes()
        found[path.name] = (hashlib.sha256(data).hexdigest()[:16], data)
    return found


def address(name: str) -> str:
    """Where a file of ours is: its address changes with its content."""
    return f"/static/{_files()[name][0]}/{name}"


def file(request: HttpRequest, digest: str, name: str) -> HttpResponse:  # noqa: ARG001
    """One file. Raises Http404 for any other name, or for content that it has no more."""
    known, data = _files().get(name, ("", b""))
    if not known or digest != known:
        raise Http404
    kind = f"{TYPES[Path(name).suffix]}; charset=utf-8"
    response = HttpResponse(data, content_type=kind)
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
