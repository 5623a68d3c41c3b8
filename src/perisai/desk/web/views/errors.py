"""Pages for what went wrong: each says what to do next, none says more than that."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from django.db import Error
from django.shortcuts import render

from perisai.desk.web.wording import say
from perisai.desk.web.wording import told as in_words
from perisai.errors import Outdated, StorageError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_LOG = logging.getLogger("perisai.desk")


def refused(request: HttpRequest, why: str) -> HttpResponse:
    """403: this person may not do it."""
    return _page(request, "refused", 403, why=in_words(why))


def told(request: HttpRequest, error: Exception, status: int) -> HttpResponse:
    """The case does not stand so that it could be done, or somebody else was faster."""
    kind = "outdated" if isinstance(error, Outdated) else "not-yet"
    return _page(request, kind, status, why=in_words(error))


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """503: database or screening service are gone."""
    _LOG.error("%s: %s", type(error).__name__, str(error).splitlines()[:1])
    why = str(error) if isinstance(error, StorageError) else ""
    return _page(request, "unavailable", 503, why=in_words(why))


def unclear(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """400: the request cannot be understood."""
    return _page(request, "unclear", 400)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """404."""
    return _page(request, "missing", 404)


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """403 that Django itself raises."""
    return _page(request, "refused", 403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """403: the form is not one of this session."""
    return _page(request, "forged", 403)


def broken(request: HttpRequest) -> HttpResponse:
    """500, or 503 where it was the database."""
    error = sys.exc_info()[1]
    if isinstance(error, (Error, StorageError)):
        return unavailable(request, error)
    return _page(request, "broken", 500)


def _page(request: HttpRequest, kind: str, status: int, why: str = "") -> HttpResponse:
    values = {"title": say(f"error.{kind}"), "next": say(f"error.{kind}-next"), "why": why}
    return render(request, "desk/error.html", values, status=status)
