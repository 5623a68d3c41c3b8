"""A gateway in memory for tests of dialects: real links, real clients, real bytes, no screening.

What the searcher would withhold is told to it, so that tests can see what clients make of it.
"""

from __future__ import annotations

import asyncio
import io
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import uvicorn
from PIL import Image, ImageDraw
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from perisai.gateway.clients import Client, Clients
from perisai.gateway.dialects import Giphy, Tenor
from perisai.gateway.items import Category, Item, Kind, Served, ServedItem, ServedPage, Size
from perisai.gateway.links import Links, Standing
from perisai.settings import GatewaySection
from perisai.storage.records import ApiKey
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send

    from perisai.gateway.items import Ask

SECRET = b"a secret of this test, long enough to sign with"
LINKS = Links(SECRET, seconds=3600)
KEYS = {"adult-key": AgeBand.ADULT, "child-key": AgeBand.AGE_6_9}
BLOCKED = "terlarang"
HELP = "tolong"


@dataclass
class MemorySearcher:
    """Answers from a list of items, in its order. An item is found by a word of title or tags.

    ``withheld`` numbers count and are not given, ``told`` is every ask, ``shares`` every share.
    """

    items_: list[ServedItem]
    withheld: set[str] = field(default_factory=set)
    told: list[Ask] = field(default_factory=list)
    shares: list[str] = field(default_factory=list)
    card: ServedItem | None = None
    total: bool = True

    async def page(self, ask: Ask, client: Client) -> ServedPage:
        self.told.append(ask)
        if BLOCKED in ask.text.split():
            return ServedPage(decision="block")
        found = [
            item
            for item in self.items_
            if item.item.kind == ask.kind
            and (not ask.text or set(ask.text.lower().split()) & _words(item))
        ]
        start = self._start(ask.cursor)
        part = found[start : start + ask.limit] if start is not None else []
        end = (start or 0) + len(part)
        items = tuple(item for item in part if item.number not in self.withheld)
        if self.card and HELP in ask.text.split():
            return ServedPage((self.card, *items), taken=len(part), decision="help")
        return ServedPage(
            items,
            f"page.{end}" if end < len(found) and part else "",
            len(found) if self.total else None,
            len(part),
            {"explicit": len(part) - len(items)},
        )

    @staticmethod
    def _start(cursor: str) -> int | None:
        kind, _, number = cursor.replace("o:", "page.").partition(".")
        if not cursor:
            return 0
        return int(number) if kind == "page" and number.isascii() and number.isdigit() else None

    async def related(self, number: str, ask: Ask, client: Client) -> ServedPage:
        if not await self.items([number], client):
            return ServedPage()
        page = await self.page(ask, client)
        rest = tuple(item for item in page.items if item.number != number)
        return ServedPage(rest, page.next, page.total, page.taken)

    async def items(self, numbers: Sequence[str], client: Client) -> tuple[ServedItem, ...]:
        known = {item.number: item for item in self.items_ if item.number not in self.withheld}
        return tuple(known[number] for number in dict.fromkeys(numbers) if number in known)

    async def categories(
        self, ask: Ask, client: Client
    ) -> tuple[tuple[Category, ServedItem | None], ...]:
        self.told.append(ask)
        first = await self.page(ask, client)
        return (
            (Category("Cats", "cats"), first.items[0] if first.items else None),
            (Category("Good night", "good night"), None),
            (Category("Dogs", "dogs"), first.items[-1] if first.items else None),
        )

    async def suggest(self, ask: Ask, client: Client) -> tuple[str, ...]:
        self.told.append(ask)
        words = ("cats", "cats and dogs", "dogs", "good night", "rain", "thank you", "waves")
        return tuple(word for word in words if word.startswith(ask.text.lower()))[: ask.limit]

    def shared(self, number: str) -> None:
        self.shares.append(number)


def _words(item: ServedItem) -> set[str]:
    return {*item.item.title.lower().split(), *item.item.tags}


def moving(colour: str, size: tuple[int, int] = (120, 90), kind: str = "GIF") -> bytes:
    """Draw a ball that crosses a plain ground."""
    frames = []
    for step in range(4):
        frame = Image.new("RGB", size, colour)
        ImageDraw.Draw(frame).ellipse((step * 20, 20, step * 20 + 30, 50), fill="white")
        frames.append(frame)
    with io.BytesIO() as file:
        frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100, loop=0)
        return file.getvalue()


class Drawer:
    """Makes items of real bytes and keeps them for the media route."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {}

    def served(self, data: bytes, kind: str, size: tuple[int, int]) -> Served:
        digest = sha256(data).hexdigest()
        self.files[digest] = (data, kind)
        return Served(digest, kind, *size, len(data))

    def item(
        self,
        name: str,
        *,
        kind: Kind = "gif",
        title: str = "",
        tags: tuple[str, ...] = ("cats", "waves"),
        types: Sequence[str] = ("gif",),
        cold: bool = True,
        shape: tuple[int, int] = (120, 90),
    ) -> ServedItem:
        """Make an item; a cold one has only its smallest file of each type."""
        files = {}
        colour = f"#{sha256(name.encode()).hexdigest()[:6]}"
        for each in types:
            for size in (Size.TINY,) if cold else Size:
                side = 2 if size is Size.ORIGINAL else 1
                measure = (shape[0] * side, shape[1] * side)
                data = (
                    moving(colour, measure, each.upper())
                    if each in ("gif", "webp")
                    else f"{each} stand-in {name} {size}".encode()
                )
                files[each, size] = self.served(data, each, measure)
        made = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
        about = Item("memory", name, kind, title or f"{name} moving", tags, (), made)
        return ServedItem(LINKS.number("memory", name), about, files)


@dataclass
class Keys:
    """The keys of the tests, as a store would give them."""

    bands: dict[str, AgeBand]
    dialects: frozenset[str] = frozenset({"tenor", "giphy"})
    per_minute: int = 100_000

    async def generation(self) -> int:
        return 1

    async def keys(self) -> tuple[ApiKey, ...]:
        return tuple(
            ApiKey(
                name=key,
                digest=sha256(key.encode()).hexdigest(),
                band=band,
                dialects=self.dialects,
                per_minute=self.per_minute,
                shadow=False,
                webhook="",
                created=datetime(2024, 1, 1, tzinfo=UTC),
            )
            for key, band in self.bands.items()
        )


class Gateway:
    """Both dialects and their media over a searcher, as one ASGI application.

    ``requests`` holds method, path, query and the answer's status of each request in order.
    """

    def __init__(
        self,
        searcher: MemorySearcher,
        drawer: Drawer,
        *,
        keys: Keys | None = None,
        anonymous_per_minute: int = 100_000,
    ) -> None:
        self.searcher = searcher
        self.requests: list[tuple[str, str, str, int]] = []
        self._files = drawer.files
        settings = GatewaySection(anonymous_per_minute=anonymous_per_minute)
        clients = Clients(keys or Keys(KEYS), SECRET, settings, LINKS)
        routes = [Route("/media/{expires}/{signature}/{name}", self._media)]
        for dialect in (Tenor(searcher, LINKS, clients), Giphy(searcher, LINKS, clients)):
            routes.extend(dialect.routes())
        self._app = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode("latin-1")
                self.requests.append((scope["method"], scope["path"], query, message["status"]))
            await send(message)

        await self._app(scope, receive, noting)

    async def _media(self, request: Request) -> Response:
        name, _, kind = request.path_params["name"].partition(".")
        place = request.path_params
        if LINKS.check(place["expires"], place["signature"], name, kind) is not Standing.GOOD:
            return Response(status_code=404)
        data, kind = self._files[name]
        return Response(data, media_type=f"image/{kind}" if kind != "mp4" else "video/mp4")


@contextmanager
def served(app: object) -> Iterator[str]:
    """Serve an ASGI application on the loopback; gives its address without a slash at its end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
        )
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started, "The test's server did not start within 10 seconds."
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
