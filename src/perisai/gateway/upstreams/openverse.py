"""Openverse: openly licensed pictures of many collections, each with its attribution.

Source of the shape: https://api.openverse.org/v1/ . Openverse indexes what others host, explicit
files among it; ``mature=false`` leaves out only what somebody has marked.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.items import Item, Page, Rendition, Size
from perisai.gateway.upstreams.reading import (
    LARGEST_SIDE,
    Broken,
    caption,
    moment,
    number,
    rows,
    table,
    text,
    whole,
    words,
)
from perisai.gateway.upstreams.remote import Remote, in_order, whole_items
from perisai.gateway.upstreams.token import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from perisai.gateway.items import Ask, Category
    from perisai.settings.gateway import RemoteUpstream

MOST = 20
"""Larger pages are refused (401) to those who have no token."""
DEEPEST = 240
"""Results beyond this one are refused to them, too."""
LONGEST_TEXT = 200
BEGINNING = "animation"
"""What is searched for when a picker opens: Openverse has no list of what is trending."""
TYPES = {"gif": "gif", "webp": "webp"}
AT_ONCE = 4
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_CURSOR = re.compile(r"([1-9][0-9]{0,3})x([1-9][0-9]?)", re.ASCII)


class OpenverseUpstream(Remote):
    """An :class:`~perisai.gateway.upstreams.port.Upstream` of openly licensed media.

    It has neither stickers nor groups nor suggestions.
    """

    MEDIA: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "openverse.org": (
            "upload.wikimedia.org",
            "live.staticflickr.com",
            "images.metmuseum.org",
            "ids.si.edu",
            "images.rawpixel.com",
        )
    }

    def _token(self, section: RemoteUpstream, key: str) -> Token | None:
        identity = getattr(section, "client_id", "")
        if not identity:
            return None
        base = section.base.rstrip("/")
        return Token(self.name, f"{base}/auth_tokens/token/", identity, key, time.monotonic)

    async def search(self, ask: Ask) -> Page:
        """Animations for ``ask.text``."""
        if ask.kind == "sticker":
            return Page()
        page, size = self._place(ask)
        parameters: dict[str, str | int] = {
            "q": ask.text[:LONGEST_TEXT] or BEGINNING,
            "extension": ",".join(TYPES),
            # `unstable__include_sensitive_results` says the same, but both together are refused.
            "mature": "false",
            "page": page,
            "page_size": size,
        }
        return await self._http.ask("images/", parameters, self._page(page, size))

    async def items(self, ids: Sequence[str]) -> tuple[Item, ...]:
        """The items with these ids, asked for one by one, a few at a time."""
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(number: str) -> Item | None:
            async with turn:
                try:
                    return await self._http.ask(f"images/{number}/", {}, self._one)
                except FetchRefused:  # unknown
                    return None

        known = [each for each in dict.fromkeys(ids) if _ID.fullmatch(each)]
        found = await asyncio.gather(*(one(each) for each in known))
        return in_order((item for item in found if item), ids)

    async def categories(self, ask: Ask) -> tuple[Category, ...]:  # noqa: ARG002 - has none
        """None."""
        return ()

    async def suggest(self, ask: Ask) -> tuple[str, ...]:  # noqa: ARG002 - has none
        """None."""
        return ()

    def _place(self, ask: Ask) -> tuple[int, int]:
        """Page and page size; the cursor holds both, since pages of other sizes do not line up."""
        if not ask.cursor:
            return 1, max(1, min(ask.limit, MOST))
        match = _CURSOR.fullmatch(ask.cursor)
        if match is None:
            raise UpstreamError(f"{self.name} does not know this page; start from the first one.")
        return int(match[1]), min(int(match[2]), MOST)

    def _page(self, page: int, size: int) -> Callable[[Any], Page]:
        def read(document: object) -> Page:
            found = table(document, "the answer")
            results = rows(found.get("results"), "results")
            more = page < whole(found.get("page_count")) and (page + 1) * size <= DEEPEST
            return Page(
                items=whole_items(results, self._item),
                next=f"{page + 1}x{size}" if results and more else "",
                total=whole(found.get("result_count")),
            )

        return read

    def _one(self, document: object) -> Item | None:
        return next(iter(whole_items([table(document, "the answer")], self._item)), None)

    def _item(self, value: object) -> Item:
        if not isinstance(value, dict) or value.get("mature") or value.get("unstable__sensitivity"):
            raise Broken
        address = self._address(value.get("url"))
        kind = TYPES.get(text(value.get("filetype")).lower() or _ending(address))
        licence, attribution = _licence(value), caption(value.get("attribution"), 500)
        if kind is None or not licence or not attribution:
            raise Broken  # without its attribution nobody may show it
        width, height = whole(value.get("width")), whole(value.get("height"))
        if max(width, height) > LARGEST_SIDE:
            raise Broken
        identity = number(value.get("id"))
        if not _ID.fullmatch(identity):
            raise Broken
        return Item(
            upstream=self.name,
            id=identity,
            kind="gif",
            title=caption(value.get("title")),
            tags=words(value.get("tags")),
            renditions=(
                Rendition(
                    kind, Size.ORIGINAL, address, width, height, whole(value.get("filesize"))
                ),
            ),
            created=moment(value.get("indexed_on")),
            attribution=attribution,
            licence=licence,
            source=_link(value.get("foreign_landing_url")),
        )


def _licence(value: dict[str, Any]) -> str:
    """The licence as people write it: ``CC BY-SA 4.0``."""
    short = text(value.get("license"), 40).lower()
    version = text(value.get("license_version"), 20)
    names = {"": "", "pdm": "Public Domain Mark", "cc0": "CC0"}
    return f"{names.get(short, f'CC {short.upper()}')} {version}".strip() if short else ""


def _ending(address: str) -> str:
    return urlsplit(address).path.rpartition(".")[2].lower()


def _link(value: object) -> str:
    """A web address that may be shown; empty for anything else."""
    link = text(value, 1000)
    return link if re.fullmatch(r"https?://[^\s\"'<>\\]+", link) else ""
