"""Servers in the shape of Tenor's second interface: KLIPY's, GIPHY's, or another Perisai.

Source of the shape: https://developers.google.com/tenor/guides/endpoints and, for what GIPHY's and
KLIPY's servers do differently, docs/upstreams.md. The providers' terms forbid proxying without
written approval; that is checked where upstreams are built.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from perisai.gateway.items import Category, Item, Page, Rendition, Size
from perisai.gateway.upstreams.ratings import FILTERS, strictness, within
from perisai.gateway.upstreams.reading import (
    Broken,
    WrongShape,
    caption,
    is_number,
    moment,
    number,
    rows,
    side,
    table,
    whole,
    words,
)
from perisai.gateway.upstreams.remote import Remote, in_order, whole_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from perisai.gateway.items import Ask, Kind

MOST = 50
LONGEST_TEXT = 200
LONGEST_CURSOR = 512
_LOCALE = re.compile(r"([a-z]{2,3})(?:[_-]([a-z]{2}))?(?:[_-].*)?", re.ASCII | re.IGNORECASE)

FORMATS = {
    "gif": ("gif", Size.ORIGINAL),
    "mediumgif": ("gif", Size.MEDIUM),
    "tinygif": ("gif", Size.TINY),
    "nanogif": ("gif", Size.NANO),
    "mp4": ("mp4", Size.ORIGINAL),
    "tinymp4": ("mp4", Size.TINY),
    "nanomp4": ("mp4", Size.NANO),
    "webm": ("webm", Size.ORIGINAL),
    "tinywebm": ("webm", Size.TINY),
    "nanowebm": ("webm", Size.NANO),
    "webp": ("webp", Size.ORIGINAL),
    "mediumwebp": ("webp", Size.MEDIUM),
    "tinywebp": ("webp", Size.TINY),
    "nanowebp": ("webp", Size.NANO),
    "webp_transparent": ("webp", Size.ORIGINAL),
    "tinywebp_transparent": ("webp", Size.TINY),
    "nanowebp_transparent": ("webp", Size.NANO),
    "gif_transparent": ("gif", Size.ORIGINAL),
    "tinygif_transparent": ("gif", Size.TINY),
    "nanogif_transparent": ("gif", Size.NANO),
}
"""Tenor's names in ours; of two for the same the later, transparent one counts. Left out are the
stills (``preview``, ``…gifpreview``), which show one frame of many, and ``loopedmp4``, which shows
the same frames three times."""


class TenorUpstream(Remote):
    """An :class:`~perisai.gateway.upstreams.port.Upstream` that speaks Tenor's second interface."""

    KEY = "key"
    MEDIA: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "klipy.com": ("*.klipy.com", "*.klipy.co"),
        "giphy.com": ("*.giphy.com",),
        "tenor.googleapis.com": ("*.tenor.com",),
        "tenor.com": ("*.tenor.com",),
    }

    async def search(self, ask: Ask) -> Page:
        """Items for ``ask.text``, or the featured ones if that is empty."""
        parameters: dict[str, str | int] = {
            **_who(ask),
            "contentfilter": FILTERS[strictness(ask)],
            "limit": max(1, min(ask.limit, MOST)),
        }
        if ask.kind == "sticker":
            parameters["searchfilter"] = "sticker"
        if ask.cursor:
            parameters["pos"] = ask.cursor
        if not ask.text:
            return await self._http.ask("featured", parameters, self._page(ask))
        parameters["q"] = ask.text[:LONGEST_TEXT]
        if ask.random:
            parameters["random"] = "true"
        return await self._http.ask("search", parameters, self._page(ask))

    async def items(self, ids: Sequence[str]) -> tuple[Item, ...]:
        """The items with these ids, asked for fifty at a time."""
        known = [each for each in dict.fromkeys(ids) if is_number(each)]
        found: list[Item] = []
        for start in range(0, len(known), MOST):
            some = ",".join(known[start : start + MOST])
            found += await self._http.ask("posts", {"ids": some, "limit": MOST}, self._results)
        return in_order(found, ids)

    async def categories(self, ask: Ask) -> tuple[Category, ...]:
        """The featured groups. Their pictures are not taken over: no item stands behind them."""
        parameters = {**_who(ask), "contentfilter": FILTERS[strictness(ask)], "type": "featured"}
        return await self._http.ask("categories", parameters, _categories)

    async def suggest(self, ask: Ask) -> tuple[str, ...]:
        """Completions of ``ask.text``, or else what is related; what is trending if it is empty."""
        limit = max(1, min(ask.limit, MOST))
        parameters: dict[str, str | int] = {**_who(ask), "limit": limit}
        if not ask.text:
            return (await self._http.ask("trending_terms", parameters, _terms))[:limit]
        parameters["q"] = ask.text[:LONGEST_TEXT]
        found = await self._http.ask("autocomplete", parameters, _terms)
        return (found or await self._http.ask("search_suggestions", parameters, _terms))[:limit]

    def _page(self, ask: Ask) -> Callable[[Any], Page]:
        def read(document: object) -> Page:
            given = _sound(document).get("next", "")
            following = str(given) if isinstance(given, (str, int, float)) else ""
            if len(following) > LONGEST_CURSOR or following == ask.cursor:
                following = ""  # a cursor that leads nowhere would be followed for ever
            return Page(self._results(document, ask.kind, strictness(ask)), following)

        return read

    def _results(
        self,
        document: object,
        kind: Kind | None = None,
        level: int = 0,
    ) -> tuple[Item, ...]:
        results = rows(_sound(document).get("results"), "results")
        return whole_items(results, lambda each: self._item(each, kind, level))

    def _item(self, value: object, kind: Kind | None, level: int) -> Item:
        if not isinstance(value, dict) or not within(value.get("content_rating"), level):
            raise Broken
        title = caption(value.get("title")) or caption(value.get("content_description"))
        renditions = tuple(self._renditions(value.get("media_formats")))
        if not renditions:
            raise Broken
        return Item(
            upstream=self.name,
            id=number(value.get("id")),
            kind="sticker" if _is_sticker(value.get("flags")) else kind or "gif",
            title=title,
            tags=words(value.get("tags")),
            renditions=renditions,
            created=moment(value.get("created")),
        )

    def _renditions(self, formats: object) -> Iterator[Rendition]:
        if not isinstance(formats, dict):
            raise Broken
        found: dict[tuple[str, Size], Rendition] = {}
        for name, (kind, scale) in FORMATS.items():
            media = formats.get(name)
            if not isinstance(media, dict) or not media.get("url"):
                continue
            dims = media.get("dims")
            if not isinstance(dims, list) or len(dims) != 2:
                raise Broken
            found[kind, scale] = Rendition(
                type=kind,
                scale=scale,
                url=self._address(media["url"]),
                width=side(dims[0]),
                height=side(dims[1]),
                size=whole(media.get("size")),
            )
        return iter(found.values())


def _who(ask: Ask) -> dict[str, str | int]:
    """Language and country. KLIPY refuses ``en-gb`` (422): it is always ``en_GB`` here."""
    match = _LOCALE.fullmatch(ask.locale)
    if match is None:
        return {}
    language, country = match[1].lower(), (match[2] or "").upper()
    if not country:
        return {"locale": language}
    return {"locale": f"{language}_{country}", "country": country}


def _sound(document: object) -> dict[str, Any]:
    """The document, unless it is an error that came with status 200."""
    found = table(document, "the answer")
    if found.get("error"):
        raise WrongShape("it says that there was an error")
    return found


def _terms(document: object) -> tuple[str, ...]:
    return words(rows(_sound(document).get("results"), "results"))


def _categories(document: object) -> tuple[Category, ...]:
    found: dict[str, Category] = {}
    for tag in rows(_sound(document).get("tags"), "tags"):
        if not isinstance(tag, dict):
            continue
        term = caption(tag.get("searchterm"), 80)
        name = caption(tag.get("name"), 80).lstrip("#") or term
        if term:
            found.setdefault(term, Category(name, term))
    return tuple(found.values())


def _is_sticker(flags: object) -> bool:
    return "sticker" in (flags if isinstance(flags, (list, str)) else ())
