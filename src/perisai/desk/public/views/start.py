"""The first page, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from perisai.desk.public.here import here
from perisai.desk.public.pages import render

if TYPE_CHECKING:
    from django.http import HttpRequest

    from perisai.desk.public.words import Language

CLEAR = '"cache", "cookies", "storage"'
"""What a browser is asked to forget of this site: also pages that it holds for *back*."""


@require_safe
def start(request: HttpRequest, language: Language) -> HttpResponse:
    """Help lines first; then what can be done here."""
    return render(request, language, "start")


@require_safe
def leave(request: HttpRequest, language: Language) -> HttpResponse:  # noqa: ARG001
    """Let the browser forget this site, and go on to an everyday page somewhere else.

    The address bar then shows nothing of this house. Where JavaScript runs, the page that was left
    is replaced in the history, too; older entries are for the visitor to delete, which pages say.
    """
    response = HttpResponse(status=303)
    response.headers["Location"] = here().desk.exit_url
    response.headers["Clear-Site-Data"] = CLEAR
    return response
