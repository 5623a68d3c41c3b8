"""Style sheet, script and icon: a handful of files of this package, read once."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

KINDS = {
    "public.css": "text/css; charset=utf-8",
    "public.js": "text/javascript; charset=utf-8",
    "work.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
A_YEAR = 365 * 24 * 3600


@cache
def _content(name: str) -> tuple[bytes, str]:
    data = (resources.files("perisai.desk.public") / "static" / name).read_bytes()
    return data, hashlib.sha256(data).hexdigest()[:12]


def address(name: str) -> str:
    """The address of a file: it changes with what is in it, so that it can be kept for long."""
    return f"/static/{_content(name)[1]}/{name}"


@require_safe
def file(request: HttpRequest, digest: str, name: str) -> HttpResponse:  # noqa: ARG001
    """Answer with one of the files."""
    if name not in KINDS or _content(name)[1] != digest:
        raise Http404
    response = HttpResponse(_content(name)[0], content_type=KINDS[name])
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    return response
