"""``/report/{number}``: somebody says that an item must not be shown, or need not be hidden.

The page works without a script and with a screen reader, in Indonesian and English; help lines come
before the form. Nothing is kept of who said so. There are no cookies, so that another site can make
a browser send nothing here that the site could not send itself.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from perisai.errors import PerisaiError
from perisai.gateway.clients import Refused
from perisai.gateway.report_words import language_of, words
from perisai.gateway.search.making import is_made
from perisai.storage.records import ItemReport

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from jinja2 import Template
    from starlette.requests import Request

    from perisai.gateway.clients import Clients
    from perisai.gateway.links import Links
    from perisai.storage.records import Linked

    Kind = Literal["report", "hidden"]

LONGEST_REASON = 500
"""Characters; the rest is cut."""
MOST_BYTES = 8192
READ_SECONDS = 10.0
"""Who takes longer to send a report only holds a connection."""
PER_MINUTE = 10
"""Reports of one address."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class ReportStore(Protocol):
    """What is needed of the store."""

    async def links(self, upstream: str, items: Collection[str]) -> dict[str, dict[str, Linked]]:
        """Return the last link of each rendition, by item and rendition."""
        ...

    async def add_report(self, report: ItemReport) -> int:
        """Keep a report; return its number."""
        ...


class _Unclear(Exception):  # noqa: N818 - named for what it is
    """What was sent is no report."""


class Reports:
    """The page, and the same for programs."""

    def __init__(
        self,
        store: ReportStore,
        links: Links,
        clients: Clients,
        *,
        help_line: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``count`` is told the kind of each report that was kept."""
        self._store = store
        self._links = links
        self._clients = clients
        self._help_line = help_line
        self._clock = clock
        self._count = count

    def routes(self) -> list[Route]:
        """Every path that is answered here."""
        return [
            Route("/report/{number}", self.show, methods=["GET"]),
            Route("/report/{number}", self.take, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Show the form, or thank for what was sent with it."""
        if self._links.parse(request.path_params["number"]) is None:
            return self._page(request, 404, "unknown", form=False)
        if request.query_params.get("done"):
            return self._page(request, 200, "thanks", done=True)
        return self._page(request, 200)

    async def take(self, request: Request) -> Response:
        """Keep a report; nobody is thanked before it is kept."""
        number = request.path_params["number"]
        place = self._links.parse(number)
        if place is None:
            return self._page(request, 404, "unknown", form=False)
        fields: dict[str, str] = {}
        try:
            self._clients.spend(request, "report", PER_MINUTE)
            async with asyncio.timeout(READ_SECONDS):
                fields = await _fields(request)
            kept = await self._keep(request, number, place, fields)
        except (_Unclear, TimeoutError):
            return self._page(request, 400, "unclear")
        except Refused as error:
            page = self._page(request, error.status, "often" if error.status == 429 else "failed")
            page.headers.update(error.headers)
            return page
        except PerisaiError:
            return self._page(request, 503, "failed", reason=fields.get("reason", ""))
        if _wants_json(request):
            return JSONResponse({"recorded": kept}, 201, headers=_HEADERS)
        asked = fields.get("lang", "")
        suffix = f"&lang={asked}" if asked in ("id", "en") else ""
        return RedirectResponse(f"{number}?done=1{suffix}", 303, headers=_HEADERS)

    async def _keep(
        self, request: Request, number: str, place: tuple[str, str], fields: dict[str, str]
    ) -> int:
        kind = _kind(fields.get("kind", ""))
        upstream, item = place
        held = (await self._store.links(upstream, [item])).get(item, {})
        given = (link for link in held.values() if not is_made(link.rendition))
        newest = max(given, key=lambda link: link.at, default=None)
        report = ItemReport(
            number=number,
            upstream=upstream,
            item=item,
            sha256=newest.sha256 if newest else "",
            kind=kind,
            reason=_CONTROL.sub("", fields.get("reason", "")).strip()[:LONGEST_REASON],
            band=await self._clients.band(request, ""),
            at=self._clock(),
        )
        kept = await self._store.add_report(report)
        self._count(kind)
        return kept

    def _page(
        self,
        request: Request,
        status: int,
        message: str = "",
        *,
        form: bool = True,
        done: bool = False,
        reason: str = "",
    ) -> Response:
        language = language_of(_language(request), request.headers.get("accept-language", ""))
        told = words(language)
        if status >= 400 and _wants_json(request):
            error = {"code": message, "message": words("en")[message]}
            return JSONResponse({"error": error}, status, headers=_HEADERS)
        phone = re.search(r"\+?\d[\d -]*\d", self._help_line)
        page = _template().render(
            t=told,
            language=language,
            other="en" if language == "id" else "id",
            message=told.get(message, ""),
            form=form,
            done=done,
            reason=reason,
            longest=LONGEST_REASON,
            help_line=self._help_line,
            phone=re.sub(r"[ -]", "", phone[0]) if phone else "",
            style=_style(),
        )
        headers = _HEADERS | {"Content-Language": language, "Vary": "Accept, Accept-Language"}
        return Response(page, status, headers | _policy(), "text/html; charset=utf-8")


_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


async def _fields(request: Request) -> dict[str, str]:
    """Read a short form or JSON object."""
    data = b""
    try:
        async for part in request.stream():
            data += part
            if len(data) > MOST_BYTES:
                raise _Unclear
        if request.headers.get("content-type", "").partition(";")[0].strip() == "application/json":
            found = json.loads(data)
            if not isinstance(found, dict):
                raise _Unclear
            return {name: value for name, value in found.items() if isinstance(value, str)}
        form = parse_qs(data.decode(), max_num_fields=10)
    except (ClientDisconnect, ValueError, RecursionError) as error:
        raise _Unclear from error
    return {name: values[0] for name, values in form.items()}


def _kind(text: str) -> Kind:
    if text == "report":
        return "report"
    if text == "hidden":
        return "hidden"
    raise _Unclear


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "")
    return asked if asked in ("id", "en") else ""


def _wants_json(request: Request) -> bool:
    accepts = request.headers.get("accept", "")
    return "application/json" in accepts and "text/html" not in accepts


@cache
def _style() -> Markup:
    file = resources.files("perisai.gateway") / "templates" / "report.css"
    return Markup(file.read_text(encoding="utf-8"))  # noqa: S704 - our own file


@cache
def _policy() -> dict[str, str]:
    """Return what a browser may do with the page: show it, and send the form back here."""
    style = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {"Content-Security-Policy": policy}


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("perisai.gateway"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
