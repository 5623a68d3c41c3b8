"""Fetchers and servers that they ask: what several tests need."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from perisai.gateway.fetching import Fetcher, MemoryResolver
from tests.gateway.fetching.servers import (
    Elsewhere,
    Server,
    answer,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


LIMIT = 100_000


def run(body: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(body(), 20))


def at_home(server: Server, **options: Any) -> Fetcher:
    """A fetcher that may reach this very server on loopback."""
    return Fetcher((f"127.0.0.1:{server.port}",), private=True, **options)


def asked(handlers: dict[str, Any], url: str = "/a.gif", **options: Any) -> Any:
    """What a private fetcher takes from a server with these handlers."""

    async def body() -> bytes:
        async with Server(handlers) as server:
            fetcher = at_home(server, **options)
            try:
                return await fetcher.take(f"{server.base}{url}", LIMIT)
            finally:
                await fetcher.close()

    return run(body)


def public(server: Server, resolver: MemoryResolver, tls: Any = None) -> tuple[Fetcher, Elsewhere]:
    network = Elsewhere(server.port)
    return Fetcher(resolver=resolver, tls=tls, dial=network), network


def packed(data: bytes, encoding: str = "gzip") -> bytes:
    return answer(data, headers=f"Content-Encoding: {encoding}\r\n")
