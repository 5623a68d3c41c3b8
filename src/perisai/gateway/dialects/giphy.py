"""GIPHY's first interface, ``/v1/gifs/…`` and ``/v1/stickers/…``: what is asked.

From developers.giphy.com/docs/api/endpoint and from what its own clients send. Answers are made in
:mod:`perisai.gateway.dialects.giphy_wire`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from perisai.gateway.dialects import giphy_wire, parameters
from perisai.gateway.dialects.base import BaseDialect, reply
from perisai.gateway.dialects.parameters import BadParameter
from perisai.gateway.dialects.ratings import GIPHY, asked, strictness
from perisai.gateway.dialects.renditions import Addresses
from perisai.gateway.items import Ask, ServedPage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from perisai.gateway.clients import Client
    from perisai.gateway.dialects.base import Handler
    from perisai.gateway.dialects.ratings import Rating
    from perisai.gateway.items import Category, Kind, ServedItem

    KindHandler = Callable[[Request, Client, Kind], Awaitable[Response]]
    Groups = Sequence[tuple[Category, ServedItem | None]]

MOST = 50
LONGEST_QUERY = 50
"""A longer one is answered with 414, as GIPHY documents."""
FURTHEST = {"search": 4999, "trending": 499}
"""Largest offsets that GIPHY documents; behind them, pages are empty."""
_TAGS = 5
_CHOICE = 10
"""From how many a random one is chosen."""
_EMPTY = (
    "/v1/channels/search",
    "/v1/emoji",
    "/v2/emoji",
    "/v2/emoji/{id}/variations",
    "/v1/text/search",
    "/v1/text/trending",
    "/v1/text/animate",
    "/v1/videos/search",
    "/v1/videos/trending",
    "/v1/videos/related",
    "/v1/clips/search",
    "/v1/clips/trending",
)
"""What GIPHY's clients may ask for and nothing here gives: made by GIPHY, or with sound."""


class Giphy(BaseDialect):
    """Speaks GIPHY's first interface."""

    name = "giphy"
    key = "api_key"

    def routes(self) -> list[BaseRoute]:
        """Every path that it answers."""
        return [
            *self._half("/v1/gifs", "gif"),
            *self._half("/v1/stickers", "sticker"),
            self.route("/v1/tags/related/{term}", self.related_tags),
            self.route("/v1/trending/searches", self.trending_searches),
            self.route("/v1/randomid", self.random_id),
            *(self.route(path, self.nothing) for path in _EMPTY),
        ]

    def _half(self, base: str, kind: Kind) -> list[BaseRoute]:
        """Return the routes that gifs and stickers have alike; fixed words before ids."""

        def of_kind(answer: KindHandler) -> Handler:
            async def handler(request: Request, client: Client) -> Response:
                return await answer(request, client, kind)

            return handler

        handlers: dict[str, KindHandler] = {
            "/search": self.search,
            "/search/tags": self.tags,
            "/trending": self.trending,
            "/translate": self.translate,
            "/random": self.random,
            "/related": self.related,
            "/categories": self.categories,
            "/categories/{category}": self.subcategories,
            "/categories/{category}/{tag}": self.category,
            "": self.by_ids,
            "/{id}": self.by_id,
            "/{unknown:path}": self.unknown,
        }
        return [self.route(base + path, of_kind(answer)) for path, answer in handlers.items()]

    def refuse(self, status: int, message: str) -> object:
        """GIPHY's body of an error."""
        return giphy_wire.error(status, message)

    # ---- pages

    async def search(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer a search; blank words find nothing."""
        text = _query(request, "q")
        return await self._paged(request, client, self._ask(request, client, kind, text), "search")

    async def trending(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer what is trending."""
        return await self._paged(request, client, self._ask(request, client, kind), "trending")

    async def category(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer the items of a category: a search for its words."""
        text = request.path_params["tag"].replace("-", " ").strip()[:LONGEST_QUERY]
        return await self._paged(request, client, self._ask(request, client, kind, text), "search")

    async def related(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer what is like an item."""
        number = parameters.word(request, "gif_id")
        if number is None:
            raise BadParameter("gif_id", "'gif_id' is required: the id of an item.")
        offset = _offset(request)
        ask = self._ask(request, client, kind)
        page = ServedPage()
        if offset <= FURTHEST["search"]:
            page = await self._searcher.related(number, ask, client)
        return self._page(request, client, page, offset)

    async def nothing(self, request: Request, client: Client) -> Response:
        """Answer an empty page."""
        return self._page(request, client, ServedPage(), _offset(request))

    # ---- single items

    async def translate(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer one item for some words; the weirder, the further down the page it stands."""
        text = _query(request, "s")
        weirdness = parameters.fraction(request, "weirdness", 0, 0, 10)
        if not text:
            return self._one(request, client, None)
        ask = self._ask(request, client, kind, text, limit=1 + int(weirdness))
        page = await self._searcher.page(ask, client)
        return self._one(request, client, _chosen(page, -1))

    async def random(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer one item by lot, with a tag if one is named."""
        text = _query(request, "tag") if "tag" in request.query_params else ""
        ask = self._ask(request, client, kind, text, limit=_CHOICE, random=True)
        page = await self._searcher.page(ask, client)
        item = _chosen(page, secrets.randbelow(len(page.items) or 1))
        return self._one(request, client, item, older=True)

    async def by_id(self, request: Request, client: Client, kind: Kind) -> Response:  # noqa: ARG002
        """Answer one item; 404 if there is none that this client may see."""
        found = await self._searcher.items([request.path_params["id"]], client)
        if not self._gifs(request, client, found, whole=True):
            raise BadParameter("id", "Not Found", 404)
        return self._one(request, client, found[0])

    async def unknown(self, request: Request, client: Client, kind: Kind) -> Response:  # noqa: ARG002
        """Answer that there is no such path."""
        raise BadParameter("path", "Not Found", 404)

    async def by_ids(self, request: Request, client: Client, kind: Kind) -> Response:  # noqa: ARG002
        """Answer the items with these ids; those that may not be shown are missing."""
        numbers = parameters.words(request, "ids", most=MOST)
        found = await self._searcher.items(numbers, client)
        return self._page(request, client, ServedPage(found), 0)

    # ---- groups and words

    async def categories(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer groups to browse."""
        return self._groups(request, client, await self._categories(request, client, kind))

    async def subcategories(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer the groups within one: itself alone, since upstreams do not nest them."""
        wanted = _encoded(request.path_params["category"])
        groups = await self._categories(request, client, kind)
        return self._groups(
            request, client, [group for group in groups if _encoded(group[0].text) == wanted]
        )

    async def tags(self, request: Request, client: Client, kind: Kind) -> Response:
        """Answer words that go on from ``q``."""
        text = _query(request, "q")
        limit = parameters.whole(request, "limit", _TAGS, 1, MOST)
        offset = _offset(request)
        # The searcher knows no offsets of words, so those before are asked for again.
        most = min(MOST, offset + limit)
        ask = self._ask(request, client, kind, text, limit=most)
        words = await self._searcher.suggest(ask, client) if text else ()
        data = [{"name": word} for word in words[offset : offset + limit]]
        place = {"total_count": len(words), "count": len(data), "offset": offset}
        return reply({"data": data, "pagination": place, "meta": giphy_wire.meta()})

    async def related_tags(self, request: Request, client: Client) -> Response:
        """Answer words that are looked for by those who look for this one."""
        text = request.path_params["term"].strip()[:LONGEST_QUERY]
        ask = self._ask(request, client, "gif", text)
        words = await self._searcher.suggest(ask, client) if text else ()
        return reply({"data": [{"name": word} for word in words], "meta": giphy_wire.meta()})

    async def trending_searches(self, request: Request, client: Client) -> Response:
        """Answer words that many search for now."""
        words = await self._searcher.suggest(self._ask(request, client, "gif"), client)
        return reply({"data": words, "meta": giphy_wire.meta()})

    async def random_id(self, request: Request, client: Client) -> Response:  # noqa: ARG002
        """Answer a number drawn by lot. It is not kept, and means nothing when it comes back."""
        return reply({"data": {"random_id": secrets.token_hex(16)}, "meta": giphy_wire.meta()})

    # ---- from their words into ours, and back

    def _ask(
        self,
        request: Request,
        client: Client,
        kind: Kind,
        text: str = "",
        *,
        limit: int = 0,
        random: bool = False,
    ) -> Ask:
        offset = _offset(request)
        return Ask(
            band=client.band,
            kind=kind,
            text=text,
            limit=limit or parameters.whole(request, "limit", 25, 1, MOST),
            cursor=f"o:{offset}" if offset and not limit else "",
            locale=parameters.locale(request, "lang", "country_code"),
            strict=strictness(self._rating(request, client), client.band),
            random=random,
        )

    def _rating(self, request: Request, client: Client) -> Rating:
        return asked(parameters.word(request, "rating"), GIPHY, client.band)

    async def _paged(self, request: Request, client: Client, ask: Ask, endpoint: str) -> Response:
        offset = _offset(request)
        page = ServedPage()
        if offset <= FURTHEST[endpoint] and (ask.text or endpoint == "trending"):
            page = await self._searcher.page(ask, client)
        return self._page(request, client, page, offset)

    def _page(self, request: Request, client: Client, page: ServedPage, offset: int) -> Response:
        def make() -> object:
            return {
                "data": self._gifs(request, client, page.items),
                "pagination": giphy_wire.pagination(page, offset),
                "meta": giphy_wire.meta(),
            }

        return self.page(request, client, page, make)

    def _one(
        self, request: Request, client: Client, item: ServedItem | None, *, older: bool = False
    ) -> Response:
        found = self._gifs(request, client, [item], older=older) if item else []
        return reply({"data": found[0] if found else {}, "meta": giphy_wire.meta()})

    def _gifs(
        self,
        request: Request,
        client: Client,
        items: Iterable[ServedItem],
        *,
        older: bool = False,
        whole: bool = False,
    ) -> list[dict[str, object]]:
        """Return what can be shown of ``items``, cut to ``fields`` unless they are to be whole.

        ``older`` adds what older clients read.
        """
        fields = None if whole else parameters.word(request, "fields")
        rating = self._rating(request, client)
        addresses = Addresses(self._links, request, client)
        made: list[dict[str, object]] = []
        for item in items:
            body = giphy_wire.gif(item, addresses, rating)
            if body is not None:
                body |= giphy_wire.flat(item, addresses) if older else {}
                made.append(giphy_wire.trimmed(body, fields))
        return made

    async def _categories(self, request: Request, client: Client, kind: Kind) -> Groups:
        return await self._searcher.categories(self._ask(request, client, kind, limit=MOST), client)

    def _groups(self, request: Request, client: Client, groups: Groups) -> Response:
        offset = _offset(request)
        limit = parameters.whole(request, "limit", MOST, 1, MOST)
        data = [self._group(request, client, *group) for group in groups[offset : offset + limit]]
        place = {"total_count": len(groups), "count": len(data), "offset": offset}
        return reply({"data": data, "pagination": place, "meta": giphy_wire.meta()})

    def _group(
        self, request: Request, client: Client, group: Category, item: ServedItem | None
    ) -> dict[str, object]:
        encoded = _encoded(group.text)
        body: dict[str, object] = {
            "name": group.name,
            "name_encoded": encoded,
            "subcategories": [{"name": group.name, "name_encoded": encoded}],
        }
        found = self._gifs(request, client, [item], whole=True) if item else []
        return body | {"gif": found[0]} if found else body


def _query(request: Request, name: str) -> str:
    return parameters.query(request, name, most=LONGEST_QUERY, too_long=414)


def _offset(request: Request) -> int:
    return parameters.whole(request, "offset", 0, 0, 10**9)


def _encoded(text: str) -> str:
    return "-".join(text.lower().split())


def _chosen(page: ServedPage, index: int) -> ServedItem | None:
    """Return one item of a page; the help card first, if the words asked for help."""
    if not page.items:
        return None
    return page.items[0] if page.decision in ("help", "block") else page.items[index]
