"""Renders a page: its words, the way to the other language, help lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from perisai.desk.public.here import here
from perisai.desk.public.views.files import address
from perisai.desk.public.words import WORDS, other

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from perisai.desk.public.words import Language

PAGES = ("start", "complain", "follow", "results", "results-data", "appeal", "leave")
RETRY = "Retry-After"


def to(language: Language, page: str, **parts: str) -> str:
    """The address of a page in a language."""
    return reverse(f"{language}:{page}", kwargs=parts)


def render(
    request: HttpRequest,
    language: Language,
    template: str,
    status: int = 200,
    **told: object,
) -> HttpResponse:
    """Render a template below ``public/``. ``told`` is what it says besides."""
    site = here()
    context: dict[str, object] = {
        "w": WORDS[language],
        "language": language,
        "house": site.desk.name,
        "help_lines": site.desk.help_lines if language == "id" else site.desk.help_lines_en,
        "to": {page.replace("-", "_"): to(language, page) for page in PAGES},
        "same_page": _same_page(request, language) if request.method in ("GET", "HEAD") else "",
        "other_language": other(language),
        "style": address("public.css"),
        "script": address("public.js"),
        "icon": address("icon.svg"),
        "worker": address("work.js"),
        **told,
    }
    return HttpResponse(render_to_string(f"public/{template}.html", context), status=status)


def _same_page(request: HttpRequest, language: Language) -> str:
    match = request.resolver_match
    if match is None or not match.url_name:
        return to(other(language), "start")
    parts: Mapping[str, str] = {k: v for k, v in match.kwargs.items() if k != "language"}
    return to(other(language), match.url_name, **parts)


def minutes(seconds: int) -> int:
    """Whole minutes to tell people, at least one."""
    return max(1, -(-seconds // 60))
