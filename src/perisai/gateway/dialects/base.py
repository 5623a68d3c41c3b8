"""What every dialect does alike: who asks, errors in its own shape, and browsers."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from perisai.errors import PerisaiError
from perisai.gateway.clients import AGE_HEADER, KEY_HEADER, Refused
from perisai.gateway.dialects.parameters import BadParameter, word
from perisai.gateway.dialects.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from perisai.gateway.clients import Client
    from perisai.gateway.dialects.port import Identifies, Links, Searches
    from perisai.gateway.dialects.repeats import Repeat
    from perisai.gateway.items import ServedPage

    Handler = Callable[[Request, Client], Awaitable[Response]]

HEADERS = {
    # Pickers run in pages of any origin. No cookie means anything here, so any may read.
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Retry-After",
    # A verdict may change at any time, and what somebody searched for is nobody else's.
    "Cache-Control": "private, max-age=0",
    "X-Content-Type-Options": "nosniff",
    # A telephone that several share may have kept what was answered to another age.
    "Vary": f"{KEY_HEADER}, {AGE_HEADER}".title(),
}
_PREFLIGHT = HEADERS | {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
_READ = ("GET", "HEAD")
_BUSY_SECONDS = 5


class BaseDialect(ABC):
    """Asks who the client is before each handler, and turns what goes wrong into an answer."""

    name: str
    key: str
    """The query parameter with the client's key."""

    def __init__(self, searcher: Searches, links: Links, clients: Identifies) -> None:
        self._searcher = searcher
        self._links = links
        self._clients = clients
        self._repeats = Repeats(links)

    @abstractmethod
    def routes(self) -> list[BaseRoute]:
        """Every path that it answers."""

    @abstractmethod
    def refuse(self, status: int, message: str) -> object:
        """The body of an error."""

    def route(
        self, path: str, handler: Handler, methods: Sequence[str] = ("GET", "OPTIONS")
    ) -> Route:
        """Return a route that is answered by ``handler``, or by an error in this shape."""
        allowed = {*methods, "HEAD"} if "GET" in methods else {*methods}
        route = Route(path, _Endpoint(self, handler, frozenset(allowed)))
        route.methods = None  # all of them come here, and hear in this shape which are none
        return route

    async def answer(
        self, request: Request, handler: Handler, allowed: frozenset[str]
    ) -> Response | Repeat:
        """Answer a request with what ``handler`` makes of it, or with an error in this shape."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_PREFLIGHT)
        if request.method not in allowed:
            names = {"Allow": ", ".join(sorted(allowed))}
            return self._error(405, f"This is asked with {names['Allow']}.", names)
        try:
            key = word(request, self.key)
            client = await self._clients.identify(request, key, self.name)
            again = self.again(request.scope, client) if client.signed else None
            return again or await handler(request, client)
        except Refused as error:
            return self._error(error.status, error.message, error.headers)
        except BadParameter as error:
            return self._error(error.status, error.message)
        except PerisaiError:  # its message may name what is none of a client's business
            return self._error(
                503,
                "Nothing can be screened at the moment; try again.",
                {"Retry-After": str(_BUSY_SECONDS)},
            )

    def again(self, scope: Scope, client: Client | None = None) -> Repeat | None:
        """Return the answer of a moment ago, if it may be given again, and count its page.

        ``client`` is who asks, with a signed age; all others are recognised and counted here.
        """
        name = self._repeats.name(scope, client)
        found = self._repeats.find(name, self._searcher) if name else None
        if found is None:
            return None
        try:
            same = self._clients.again(found.client) if client is None else found.client == client
        except Refused:  # said in this dialect's shape by answer()
            same = False
        if not same:
            return None
        self._searcher.again(found.page)
        return found

    def page(
        self, request: Request, client: Client, page: ServedPage, make: Callable[[], object]
    ) -> Response:
        """Answer with the JSON that ``make`` makes of a page; keep it while the page is good."""
        windows = self._links.windows()
        response = reply(make())
        self._repeats.keep(request, client, page, response, windows)
        return response

    def _error(
        self, status: int, message: str, headers: Mapping[str, str] | None = None
    ) -> Response:
        return reply(self.refuse(status, message), status, headers)


class _Endpoint:
    """What stands behind one path. An ASGI application, which spares a hot path some detours."""

    def __init__(self, dialect: BaseDialect, handler: Handler, allowed: frozenset[str]) -> None:
        self._dialect = dialect
        self._handler = handler
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        again = self._dialect.again(scope) if scope["method"] in _READ else None
        if again is not None:
            await again(scope, receive, send)
            return
        request = Request(scope, receive)
        response = await self._dialect.answer(request, self._handler, self._allowed)
        await response(scope, receive, send)


def reply(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return ``body`` as JSON. Never as a script: a ``callback`` parameter means nothing."""
    try:
        data = orjson.dumps(body)
    except TypeError:  # half a character in an upstream's words
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return Response(
        data, status, headers={**HEADERS, **(headers or {})}, media_type="application/json"
    )
