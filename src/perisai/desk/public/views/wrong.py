"""Pages for what goes wrong. They say what to do next, and show the help lines like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.desk.public import pages
from perisai.desk.public.words import WORDS, of_path

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def page(request: HttpRequest, what: str, status: int, wait: int = 0) -> HttpResponse:
    """The page for ``bad``, ``missing``, ``large``, ``often`` or ``down``."""
    language = of_path(request.path)
    words = WORDS[language]
    title, more = words[f"wrong_{what}"], words[f"wrong_{what}_more"]
    response = pages.render(request, language, "wrong", status, title=title, more=more)
    if wait:
        response.headers[pages.RETRY] = str(wait)
    return response


def bad(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's 400: a host that is not ours, too many fields."""
    return page(request, "bad", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's 403."""
    return page(request, "bad", 403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's 404."""
    return page(request, "missing", 404)


def down(request: HttpRequest) -> HttpResponse:
    """Django's 500."""
    return page(request, "down", 500)
