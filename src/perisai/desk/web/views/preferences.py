"""What each browser remembers: language, and whether single keys do something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from perisai.desk.web.middleware import KEYS_COOKIE, LANGUAGE_COOKIE

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request

A_YEAR = 365 * 24 * 3600
_CHOICES = {LANGUAGE_COOKIE: ("id", "en"), KEYS_COOKIE: ("on", "off")}


def language(request: Request) -> HttpResponse:
    """Choose the language."""
    return _remember(request, LANGUAGE_COOKIE)


def keys(request: Request) -> HttpResponse:
    """Switch keyboard shortcuts on or off (WCAG 2.1.4)."""
    return _remember(request, KEYS_COOKIE)


def _remember(request: Request, cookie: str) -> HttpResponse:
    back = request.POST.get("back", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = "/"
    response = redirect(back)
    chosen = request.POST.get("to", "")
    if chosen in _CHOICES[cookie]:
        response.set_cookie(
            cookie,
            chosen,
            max_age=A_YEAR,
            httponly=True,
            samesite="Strict",
            secure=request.is_secure(),
        )
    return response
