"""The page, its files, and the two questions that only it asks.

Everything else the page asks of ``/v2/…`` like any picker. It plays the messaging app as well, and
so has what the app's own server would do done here: sign the age of whoever holds the phone.
"""

from __future__ import annotations

import ipaddress
import json
import re
import time
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from perisai.gateway.clients import sign_age
from perisai.gateway.items import Ask
from perisai.gateway.report_words import language_of
from perisai.terms import YOUNGEST, AgeBand
from perisai.vocabulary import cards

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jinja2 import Template
    from starlette.requests import Request

    from perisai.gateway.clients import Clients
    from perisai.gateway.items import Kind
    from perisai.gateway.search.explaining import Explained, Explainer
    from perisai.policy.verdict import Text
    from perisai.vocabulary import Judgement

    Handler = Callable[[Request], Awaitable[Response]]

KEYS = {AgeBand.AGE_6_9: "demo-child", AgeBand.ADULT: "demo-adult"}
"""Keys of the demo. The other bands are asked for with the second one and a signed header."""
SIGNED_SECONDS = 3600
LONGEST_QUERY = 500
TYPES = {".css": "text/css", ".js": "text/javascript", ".json": "application/json",
    ".png": "image/png", ".svg": "image/svg+xml"}  # fmt: skip
_STAND_IN = re.compile(r"stand-in-([0-2])(-[a-z]+)?")
"""Ids of items that show a stand-in, in the catalogue of ``make run``."""
_HEADERS = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}


class Demo:
    """The routes under ``/demo``."""

    def __init__(self, explainer: Explainer, clients: Clients, *, everyone: bool) -> None:
        """``everyone``: answer others than this machine, too."""
        self._explainer = explainer
        self._clients = clients
        self._everyone = everyone
        self._files = _files()

    def routes(self) -> list[Route]:
        """Every path that is answered here."""
        return [
            Route("/demo", self._guarded(self.page)),
            Route("/demo/viewer", self._guarded(self.viewer)),
            Route("/demo/panel", self._guarded(self.panel)),
            Route("/demo/{name}", self._guarded(self.file)),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            if not self._everyone and not _from_here(request):
                message = "The demo answers this machine only. Set gateway.demo to 'everyone'.\n"
                return PlainTextResponse(message, 403, headers=_HEADERS)
            return await handler(request)

        return answer

    async def page(self, request: Request) -> Response:
        """The page, in the language that is asked for or read best."""
        accepts = request.headers.get("accept-language", "")
        language = language_of(request.query_params.get("lang"), accepts)
        words = {name: texts[language] for name, texts in _words().items()}
        html = _template().render(t=words, language=language, bands=list(AgeBand))
        headers = _HEADERS | {"Content-Language": language, "Vary": "Accept-Language"}
        return Response(html, headers=headers, media_type="text/html")

    async def file(self, request: Request) -> Response:
        """A file of the page."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such file.\n", 404, headers=_HEADERS)
        return Response(found[0], headers=_HEADERS, media_type=found[1])

    async def viewer(self, request: Request) -> Response:
        """What a picker asks with: a key and, if that is of another age, a signed header.

        A platform's server does this for its own users, with a key of its own.
        """
        band = _band(request)
        key = KEYS.get(band)
        if key is not None:
            return _json({"key": key, "age": None, "expires": None})
        key, expires = KEYS[AgeBand.ADULT], int(time.time()) + SIGNED_SECONDS
        secret = self._clients.age_secret(sha256(key.encode()).hexdigest())
        return _json({"key": key, "age": sign_age(secret, band, expires), "expires": expires})

    async def panel(self, request: Request) -> Response:
        """What the operator sees of a search: ``band``, ``q`` and ``kind`` as in the picker."""
        text = request.query_params.get("q", "")[:LONGEST_QUERY].strip()
        kind: Kind = "sticker" if request.query_params.get("kind") == "sticker" else "gif"
        ask = Ask(_band(request), kind=kind, text=text)
        explained = await self._explainer.explain(ask)
        names = {reason for each in explained for reason in each.withheld.values()}
        return _json(
            {
                "band": ask.band,
                "query": _query(self._explainer.judge(text)),
                "items": [_item(each) for each in explained],
                "reasons": {name: _both(self._explainer.reason(name)) for name in sorted(names)},
            }
        )


def _query(judgement: Judgement) -> dict[str, object]:
    told = cards()
    return {
        "text": judgement.query,
        "decision": judgement.decision,
        "terms": [
            {"text": match.term.text, "written": match.written, "class": match.term.kind}
            for match in judgement.terms
        ],
        "cards": [{"en": told[name].en, "id": told[name].id} for name in judgement.cards],
    }


def _item(explained: Explained) -> dict[str, object]:
    """An item without its picture: the panel shows pictures of stand-ins only, drawn for it."""
    item = explained.item
    stand_in = _STAND_IN.fullmatch(item.id)
    return {
        "title": item.title,
        "kind": item.kind,
        "stand_in": f"stand-in-{stand_in[1]}.png" if stand_in else None,
        "withheld": {band.value: reason for band, reason in explained.withheld.items()},
    }


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "id": text.id}


def _band(request: Request) -> AgeBand:
    try:
        return AgeBand(request.query_params.get("band", ""))
    except ValueError:
        return YOUNGEST


def _from_here(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _json(content: object) -> Response:
    return JSONResponse(content, headers=_HEADERS | {"Cache-Control": "no-store"})


@cache
def _words() -> dict[str, dict[str, str]]:
    text = resources.files("perisai.gateway.demo").joinpath("static", "words.json")
    words: dict[str, dict[str, str]] = json.loads(text.read_text(encoding="utf-8"))
    return words


@cache
def _template() -> Template:
    return Environment(
        loader=PackageLoader("perisai.gateway.demo", "static"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("page.html.j2")


def _files() -> dict[str, tuple[bytes, str]]:
    folder = resources.files("perisai.gateway.demo") / "static"
    return {
        file.name: (file.read_bytes(), TYPES[suffix])
        for file in folder.iterdir()
        if (suffix := f".{file.name.rpartition('.')[2]}") in TYPES
    }
