"""What the tests of clients, links, media and reports share."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from perisai.gateway.clients import Clients
from perisai.gateway.links import Links
from perisai.settings import GatewaySection
from perisai.storage.records import ApiKey
from perisai.terms import AgeBand

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = b"a secret of these tests, nowhere else used"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self, now: float = 1_000_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def api_key(name: str, band: str = "adult", **fields: Any) -> ApiKey:
    """A key whose text is its name."""
    given = {"dialects": frozenset({"tenor", "giphy"}), "per_minute": 600} | fields
    return ApiKey(
        name=name, digest=digest(name), band=AgeBand(band), shadow=False, webhook="",
        created=NOW, **given,
    )  # fmt: skip


class KeyTable:
    """Keys as the store offers them, in a dictionary."""

    def __init__(self, *keys: ApiKey) -> None:
        self.held = {key.name: key for key in keys}
        self.changes = 1
        self.read = 0

    async def generation(self) -> int:
        return self.changes

    async def keys(self) -> tuple[ApiKey, ...]:
        self.read += 1
        return tuple(self.held.values())

    def put(self, key: ApiKey) -> None:
        self.held[key.name] = key
        self.changes += 1

    def revoke(self, name: str) -> None:
        self.put(replace(self.held[name], revoked=NOW))


def links_at(clock: Callable[[], float], **options: Any) -> Links:
    return Links(SECRET, **{"seconds": 3600, "clock": clock} | options)


def clients_of(
    table: KeyTable, clock: Callable[[], float], links: Links | None = None, **settings: Any
) -> Clients:
    counted: list[str] = []
    made = Clients(
        table, SECRET, GatewaySection(**settings), links or links_at(clock),
        clock=clock, count=counted.append,
    )  # fmt: skip
    made.counted = counted
    return made


def request(
    path: str = "/", query: str = "", address: str = "192.0.2.1", **headers: str
) -> Request:
    """A request as the server hands it over; header names are written with underscores."""
    sent = {"host": "gif.example"} | {name.replace("_", "-"): headers[name] for name in headers}
    return Request(
        {
            "type": "http", "method": "GET", "path": path, "query_string": query.encode(),
            "scheme": "https", "server": ("127.0.0.1", 8000), "client": (address, 5000),
            "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in sent.items()],
        }
    )  # fmt: skip
