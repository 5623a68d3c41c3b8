"""Documents of a case: kept, opened, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpResponse

from perisai.desk.attachments import domain, services
from perisai.desk.web import forms
from perisai.desk.web.running import desk
from perisai.desk.web.views import case_page
from perisai.desk.web.views.acting import attempt, bytes_of, known_case, to_case
from perisai.desk.withholding.services import apply_waiting

if TYPE_CHECKING:
    from perisai.desk.web.access import Request

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


def kept(request: Request, key: str) -> HttpResponse:
    """Keep a document, encrypted; from here on only in this house's folder."""
    domain.may_keep(known_case(key), request.actor)
    form = forms.KeepDocument(request.POST, request.FILES)

    def do(said: dict[str, Any]) -> HttpResponse:
        chosen, file = desk().settings.desk, said["file"]
        services.keep(
            desk().house,
            services.store_in(desk().settings),
            request.actor,
            key,
            bytes_of(file),
            name=file.name,
            audience=said["audience"],
            days=chosen.attachment_days,
        )
        return to_case(key, "document-kept", "documents")

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def opened(request: Request, key: str, item: str) -> HttpResponse:
    """Give a document out, as a file that no browser shows by itself."""
    known_case(key)
    store = services.store_in(desk().settings)
    found, data = services.open_(desk().house, store, request.actor, key, item)
    response = HttpResponse(data, content_type=found.kind)
    name = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response.headers["Content-Disposition"] = name
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def sealed(request: Request, key: str, item: str) -> HttpResponse:
    """Suspected abuse of a child: nobody opens it any more, and it is referred by its hash."""
    known_case(key)
    services.seal(desk().house, services.store_in(desk().settings), request.actor, key, item)
    apply_waiting(desk().house, desk().gateway)
    return to_case(key, "sealed", "documents")


def purged(request: Request, key: str, item: str) -> HttpResponse:
    """Delete a document before its time."""
    known_case(key)

    def do(said: dict[str, Any]) -> HttpResponse:
        store = services.store_in(desk().settings)
        services.purge(desk().house, store, request.actor, key, item, said["reason"])
        return to_case(key, "document-purged", "documents")

    return attempt(
        forms.PurgeDocument(request.POST, item=item),
        do,
        lambda form, status: case_page.show(request, key, form, status),
    )
