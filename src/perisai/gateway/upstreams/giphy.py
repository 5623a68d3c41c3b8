"""Servers in the shape of GIPHY's first interface.

Source of the shape: https://developers.giphy.com/docs/api/ . GIPHY's terms forbid proxying without
approval; that is checked where upstreams are built.
"""

from __future__ import annotations

import re
from random import SystemRandom
from typing import TYPE_CHECKING, Any, ClassVar

from perisai.errors import UpstreamError
from perisai.gateway.items import Category, Item, Page, Rendition, Size
from perisai.gateway.upstreams.ratings import RATINGS, strictness, within
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
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from perisai.gateway.items import Ask, Kind

MOST = 50
LONGEST_TEXT = 50
LAST_OFFSET = {"search": 4999, "trending": 499}
_LANGUAGE = re.compile(r"([a-z]{2})(?:[_-]([a-z]{2}))?(?:[_-].*)?", re.ASCII | re.IGNORECASE)

RENDITIONS = {
    "original": Size.ORIGINAL,
    "downsized_medium": Size.MEDIUM,
    "fixed_width": Size.TINY,
    "fixed_height": Size.TINY,
    "fixed_width_small": Size.NANO,
    "fixed_height_small": Size.NANO,
}
"""GIPHY's names in ours; of two for the same the first counts. ``…_downsampled`` shows six frames
and ``…_still`` one: what they do not show could not be screened, so neither is ever taken."""
_FILES = (("gif", "url", "size"), ("mp4", "mp4", "mp4_size"), ("webp", "webp", "webp_size"))


class GiphyUpstream(Remote):
    """An :class:`~perisai.gateway.upstreams.port.Upstream` that speaks GIPHY's first interface."""

    KEY = "api_key"
    counts = True
    MEDIA: ClassVar[Mapping[str, tuple[str, ...]]] = {"giphy.com": ("*.giphy.com",)}

    async def search(self, ask: Ask) -> Page:
        """Items for ``ask.text``, or the trending ones if that is empty.

        A random page is a page in random order: GIPHY's own ``random`` gives a single item, which
        may be one that has to be withheld.
        """
        path = "search" if ask.text else "trending"
        offset = self._offset(ask)
        if offset > LAST_OFFSET[path]:
            return Page()
        parameters: dict[str, str | int] = {
            **_language(ask),
            "rating": RATINGS[strictness(ask)],
            "limit": max(1, min(ask.limit, MOST)),
            "offset": offset,
        }
        if ask.text:
            parameters["q"] = ask.text[:LONGEST_TEXT]
        page = await self._http.ask(
            f"{ask.kind}s/{path}", parameters, self._page(ask, offset, LAST_OFFSET[path])
        )
        if not ask.random:
            return page
        mixed = SystemRandom().sample(page.items, len(page.items))
        return Page(tuple(mixed), page.next, page.total)

    async def items(self, ids: Sequence[str]) -> tuple[Item, ...]:
        """The items with these ids, asked for fifty at a time."""
        known = [each for each in dict.fromkeys(ids) if is_number(each)]
        found: list[Item] = []
        for start in range(0, len(known), MOST):
            some = ",".join(known[start : start + MOST])
            found += await self._http.ask("gifs", {"ids": some}, self._items)
        return in_order(found, ids)

    async def categories(self, ask: Ask) -> tuple[Category, ...]:
        """GIPHY's groups, each with the item that it shows for it."""
        parameters: dict[str, str | int] = {**_language(ask), "rating": RATINGS[strictness(ask)]}
        return await self._http.ask(
            "gifs/categories", parameters, lambda found: self._categories(found, strictness(ask))
        )

    async def suggest(self, ask: Ask) -> tuple[str, ...]:
        """Words to search for that go with ``ask.text``; trending searches if that is empty."""
        limit = max(1, min(ask.limit, MOST))
        if not ask.text:
            return (await self._http.ask("trending/searches", _language(ask), _terms))[:limit]
        parameters: dict[str, str | int] = {"q": ask.text[:LONGEST_TEXT], "limit": limit}
        return (await self._http.ask("gifs/search/tags", parameters, _terms))[:limit]

    def _offset(self, ask: Ask) -> int:
        if not ask.cursor:
            return 0
        if not (ask.cursor.isascii() and ask.cursor.isdigit() and len(ask.cursor) < 10):
            raise UpstreamError(f"{self.name} does not know this page; start from the first one.")
        return int(ask.cursor)

    def _page(self, ask: Ask, offset: int, last: int) -> Callable[[Any], Page]:
        def read(document: object) -> Page:
            found = _sound(document)
            data = rows(found.get("data"), "data")
            pagination = found.get("pagination")
            total = whole(pagination.get("total_count")) if isinstance(pagination, dict) else 0
            following = offset + len(data)  # broken items included: they have had their turn
            more = data and following <= last and (following < total or not total)
            return Page(
                items=self._items(document, ask.kind, strictness(ask)),
                next=str(following) if more else "",
                total=total or None,
            )

        return read

    def _items(
        self,
        document: object,
        kind: Kind | None = None,
        level: int = 0,
    ) -> tuple[Item, ...]:
        data = rows(_sound(document).get("data"), "data")
        return whole_items(data, lambda each: self._item(each, kind, level))

    def _categories(self, document: object, level: int) -> tuple[Category, ...]:
        found: dict[str, Category] = {}
        for each in rows(_sound(document).get("data"), "data"):
            name = caption(each.get("name"), 80) if isinstance(each, dict) else ""
            if not name:
                continue
            try:
                item = self._item(each.get("gif"), None, level)
            except Broken:
                item = None
            found.setdefault(name, Category(name, name, item))
        return tuple(found.values())

    def _item(self, value: object, kind: Kind | None, level: int) -> Item:
        if not isinstance(value, dict) or not within(value.get("rating"), level):
            raise Broken
        said = value.get("type", "gif")
        if said not in ("gif", "sticker"):
            raise Broken  # clips with sound, text, advertisements
        sticker = said == "sticker" or value.get("is_sticker") in (1, True)
        renditions = tuple(self._renditions(value.get("images")))
        if not renditions:
            raise Broken
        return Item(
            upstream=self.name,
            id=number(value.get("id")),
            kind="sticker" if sticker else kind or "gif",
            title=caption(value.get("title")) or caption(value.get("alt_text")),
            tags=words(value.get("tags")),
            renditions=renditions,
            created=moment(value.get("import_datetime")),
            attribution="Powered by GIPHY",
        )

    def _renditions(self, images: object) -> Iterator[Rendition]:
        if not isinstance(images, dict):
            raise Broken
        found: dict[tuple[str, Size], Rendition] = {}
        for name, scale in RENDITIONS.items():
            image = images.get(name)
            if not isinstance(image, dict):
                continue
            for kind, address, size in _FILES:
                if not image.get(address) or (kind, scale) in found:
                    continue
                found[kind, scale] = Rendition(
                    type=kind,
                    scale=scale,
                    url=self._address(image[address]),
                    width=side(image.get("width")),
                    height=side(image.get("height")),
                    size=whole(image.get(size)),
                )
        return _each_file_once(found.values())


def _each_file_once(renditions: Iterable[Rendition]) -> Iterator[Rendition]:
    """GIPHY names the original again where it is small enough: fetch and screen it once."""
    seen: set[str] = set()
    for rendition in renditions:
        if rendition.url not in seen:
            seen.add(rendition.url)
            yield rendition


def _language(ask: Ask) -> dict[str, str | int]:
    match = _LANGUAGE.fullmatch(ask.locale)
    if match is None:
        return {}
    language, country = match[1].lower(), (match[2] or "").upper()
    return {"lang": f"zh-{country}" if language == "zh" and country in ("CN", "TW") else language}


def _sound(document: object) -> dict[str, Any]:
    """The document, unless its ``meta`` says that it is an error.

    An empty ``response_id`` marks an answer that GIPHY made up in place of a real one.
    """
    found = table(document, "the answer")
    meta = table(found.get("meta"), "meta")
    if meta.get("status") != 200 or meta.get("response_id") == "":
        raise WrongShape("its meta says that there was an error")
    return found


def _terms(document: object) -> tuple[str, ...]:
    return words(rows(_sound(document).get("data"), "data"))
