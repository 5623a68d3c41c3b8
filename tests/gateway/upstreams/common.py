"""What the tests of the upstreams share: a server on loopback, and an upstream that asks it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from perisai import settings
from perisai.gateway.items import Ask
from perisai.gateway.upstreams.build import build_upstreams
from perisai.settings.model import Settings
from perisai.terms import AgeBand
from tests.gateway.fetching.servers import Server, answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

KEY = "k3y-0f-the-operator"


def told(document: Any, **options: Any) -> bytes:
    """A JSON answer."""
    return answer(orjson.dumps(document), **options)


def chosen(**sections: Mapping[str, Any]) -> Settings:
    """Settings with these upstreams."""
    loaded = settings.load(env={})
    gateway = {"upstreams": {name: dict(section) for name, section in sections.items()}}
    return Settings.model_validate(loaded.model_dump() | {"gateway": gateway})


@asynccontextmanager
async def upstream(
    kind: str, handlers: Mapping[str, Any], path: str = "/v/", **section: Any
) -> AsyncIterator[tuple[Any, Server]]:
    """An upstream of this type beside the server that it asks, both on loopback."""
    async with Server(handlers) as server:
        fields = {"type": kind, "base": f"{server.base}{path}", "private": True, "key": KEY}
        made = build_upstreams(chosen(it=fields | section), None, None, env={})["it"]
        try:
            yield made, server
        finally:
            await made.close()


def run(body: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(body(), 30))


def adult(text: str = "", **options: Any) -> Ask:
    return Ask(band=AgeBand.ADULT, text=text, **options)


def child(text: str = "", **options: Any) -> Ask:
    return Ask(band=AgeBand.AGE_6_9, text=text, **options)
