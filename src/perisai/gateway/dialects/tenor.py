"""Tenor's second interface, ``/v2/…``: what is asked.

From developers.google.com/tenor/guides/endpoints and from what clients send. Answers
are made in :mod:`perisai.gateway.dialects.tenor_wire`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from perisai.gateway.dialects import parameters, tenor_wire
from perisai.gateway.dialects.base import BaseDialect, reply
from perisai.gateway.dialects.parameters import BadParameter
from perisai.gateway.dialects.ratings import TENOR, asked, strictness
from perisai.gateway.dialects.renditions import PICTURES, Addresses, nearest
from perisai.gateway.items import Ask, ServedPage, Size

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from perisai.gateway.clients import Client
    from perisai.gateway.items import Category, Kind, ServedItem

MOST = 50
LONGEST_QUERY = 500
LONGEST_CURSOR = 2000
_NUMBER = re.compile(r"([0-9]{1,9})(?:\.0*)?")
_RANGES = {"wide": (0.42, 2.36), "standard": (0.56, 1.78)}
"""``ar_range``: least and most width by height."""
_FILTERS = frozenset({"sticker", "static", "-static"})
_BLANK = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
"""One transparent pixel, for a category whose own picture may not be shown."""


class Tenor(BaseDialect):
    """Speaks Tenor's second interface."""

    name = "tenor"
    key = "key"

    def routes(self) -> list[BaseRoute]:
        """Every path that it answers."""
        return [
            self.route("/v2/search", self.search),
            self.route("/v2/featured", self.featured),
            self.route("/v2/categories", self.categories),
            self.route("/v2/autocomplete", self.suggestions),
            self.route("/v2/search_suggestions", self.suggestions),
            self.route("/v2/trending_terms", self.trending_terms),
            self.route("/v2/registershare", self.register, ("GET", "POST", "OPTIONS")),
            self.route("/v2/posts", self.posts),
        ]

    def refuse(self, status: int, message: str) -> object:
        """Google's envelope of an error."""
        return tenor_wire.error(status, message)

    async def search(self, request: Request, client: Client) -> Response:
        """Answer a search; blank words find nothing."""
        text = parameters.query(request, "q", most=LONGEST_QUERY)
        ask = self._ask(request, client, text)
        page = await self._searcher.page(ask, client) if text else ServedPage()
        return self._page(request, client, page)

    async def featured(self, request: Request, client: Client) -> Response:
        """Answer what is trending."""
        page = await self._searcher.page(self._ask(request, client, ""), client)
        return self._page(request, client, page)

    async def posts(self, request: Request, client: Client) -> Response:
        """Answer the items with these ids; those that may not be shown are missing."""
        numbers = parameters.words(request, "ids", most=MOST)
        found = await self._searcher.items(numbers, client)
        return reply({"results": self._results(request, client, found)})

    async def categories(self, request: Request, client: Client) -> Response:
        """Answer groups to browse, whose ``path`` is a search here, without the caller's key."""
        groups = await self._searcher.categories(self._ask(request, client, ""), client)
        return reply({"tags": [self._tag(request, client, *group) for group in groups]})

    async def suggestions(self, request: Request, client: Client) -> Response:
        """Answer words that go on from ``q``."""
        text = parameters.query(request, "q", most=LONGEST_QUERY)
        ask = self._ask(request, client, text)
        return reply({"results": await self._searcher.suggest(ask, client) if text else ()})

    async def trending_terms(self, request: Request, client: Client) -> Response:
        """Answer words that many search for now."""
        return reply(
            {"results": await self._searcher.suggest(self._ask(request, client, ""), client)}
        )

    async def register(self, request: Request, client: Client) -> Response:  # noqa: ARG002
        """Count that an item was sent."""
        number = parameters.word(request, "id")
        if number is None:
            raise BadParameter("id", "'id' is required: the id of the item that was sent.")
        self._searcher.shared(number)
        return reply({})

    # ---- from their words into ours, and back

    def _ask(self, request: Request, client: Client, text: str) -> Ask:
        rating = asked(parameters.word(request, "contentfilter"), TENOR, client.band)
        return Ask(
            band=client.band,
            kind=_kind(parameters.word(request, "searchfilter")),
            text=text,
            limit=parameters.whole(request, "limit", 20, 1, MOST),
            cursor=_cursor(parameters.word(request, "pos")),
            locale=parameters.locale(request, "locale", "country"),
            strict=strictness(rating, client.band),
            random=bool(text) and parameters.switch(request, "random"),
        )

    def _page(self, request: Request, client: Client, page: ServedPage) -> Response:
        items: Iterable[ServedItem] = page.items
        shape = _RANGES.get(parameters.word(request, "ar_range") or "all")
        if shape:
            items = [item for item in items if tenor_wire.fits(item, *shape)]

        def make() -> object:
            return {"results": self._results(request, client, items), "next": page.next}

        return self.page(request, client, page, make)

    def _results(
        self, request: Request, client: Client, items: Iterable[ServedItem]
    ) -> list[dict[str, object]]:
        wanted = tenor_wire.wanted_formats(parameters.word(request, "media_filter"))
        addresses = Addresses(self._links, request, client)
        made = (tenor_wire.result(item, wanted, addresses) for item in items)
        return [result for result in made if result is not None]

    def _tag(
        self, request: Request, client: Client, group: Category, item: ServedItem | None
    ) -> dict[str, str]:
        file = nearest(item, Size.TINY, PICTURES) if item else None
        kept = {
            name: value
            for name in ("locale", "country", "contentfilter", "media_filter")
            if (value := parameters.word(request, name))
        }
        words = urlencode({"q": group.text} | kept, errors="replace")
        return {
            "searchterm": group.text,
            "path": f"{self._links.base(request)}/v2/search?{words}",
            "image": self._links.media(file, request, client) if file else _BLANK,
            "name": group.name,
        }


def _kind(text: str | None) -> Kind:
    """Read ``searchfilter``. Still and moving stickers are not told apart."""
    parts = {part.strip().lower() for part in (text or "").split(",")} - {""}
    if parts - _FILTERS:
        raise BadParameter(
            "searchfilter", "'searchfilter' must be 'sticker', 'sticker,-static' or left out."
        )
    return "sticker" if "sticker" in parts else "gif"


def _cursor(text: str | None) -> str:
    """Read ``pos``: what the page before gave as ``next``, or a number of items to skip."""
    if text is None:
        return ""
    if len(text) > LONGEST_CURSOR:
        raise BadParameter("pos", "'pos' must be what the page before gave as 'next'.")
    number = _NUMBER.fullmatch(text)
    if number:
        return f"o:{int(number[1])}" if int(number[1]) else ""
    return text
