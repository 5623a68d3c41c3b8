"""An upload check, real but for the disk: tiny model, memory store, requests over ASGI."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx2 as httpx
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from perisai.errors import ServiceBusy
from perisai.gateway.clients import Clients
from perisai.gateway.counting import Counting
from perisai.gateway.links import Links
from perisai.gateway.operation import Metrics
from perisai.gateway.search.verdicts import Verdicts
from perisai.gateway.uploads import UploadCheck
from perisai.policy import Policy
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.memory import MemoryStore
from perisai.storage.records import ApiKey
from perisai.terms import AgeBand
from tests.common import screening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

    from perisai.screening.service.local import Local
    from perisai.screening.service.port import Looked
    from perisai.settings import Settings
    from perisai.storage.ports import Store

SECRET = b"a secret of this test, long enough to sign with"
PATH = "/v1/screen"
APP, OTHER = "app-key", "other-key"
ASYNC = {"Prefer": "respond-async"}


def idem(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


class Gate:
    """Real screening behind a gate: shut, files wait; ``busy`` ones are turned away instead."""

    def __init__(self, local: Local) -> None:
        self.local = local
        self.open = asyncio.Event()
        self.open.set()
        self.busy = 0
        self.looked = 0

    async def basis(self) -> str:
        return await self.local.basis()

    async def screen(self, data: bytes, name: str = "", *, urgent: bool = False) -> Looked:
        return (await self.look(data, name, urgent=urgent))[0]

    async def look(self, data: bytes, name: str = "", *, urgent: bool = False) -> Any:
        if self.busy:
            self.busy -= 1
            raise ServiceBusy("full", 0.1)
        self.looked += 1
        await self.open.wait()
        return await self.local.look(data, name, urgent=urgent)

    async def close(self) -> None:
        await self.local.close()


def api_key(
    name: str,
    band: AgeBand = AgeBand.AGE_6_9,
    *,
    shadow: bool = False,
    webhook: str = "",
    dialects: frozenset[str] = frozenset({"screen"}),
) -> ApiKey:
    """The key ``NAME-key`` of the client NAME."""
    digest = hashlib.sha256(f"{name}-key".encode()).hexdigest()
    made = datetime(2026, 11, 1, tzinfo=UTC)
    return ApiKey(name, digest, band, dialects, 100_000, shadow, webhook, made)


@dataclass
class House:
    """All parts, and a clock that can be set forward."""

    check: UploadCheck
    store: AsyncStore
    verdicts: Verdicts
    clients: Clients
    gate: Gate
    http: httpx.AsyncClient
    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    async def send(self, sent: bytes | None = None, key: str = "", **more: Any) -> httpx.Response:
        """POST a file; ``more`` goes to httpx."""
        headers = dict(more.pop("headers", {}))
        if key:
            headers["X-Perisai-Key"] = key
        if sent is not None:
            more["content"] = sent
        return await self.http.post(PATH, headers=headers, **more)

    async def ask(self, number: str, key: str) -> httpx.Response:
        return await self.http.get(f"{PATH}/{number}", headers={"X-Perisai-Key": key})

    async def outcome(self, number: str, key: str) -> dict[str, Any]:
        """Ask until it is decided."""
        for _ in range(400):
            answer = await self.ask(number, key)
            if answer.status_code != 202:
                return answer.json()
            await asyncio.sleep(0.02)
        raise AssertionError("nothing became of it")

    async def counts(self) -> list[dict[str, Any]]:
        """What was counted, once it is written."""
        await asyncio.sleep(1.3)
        found = await self.store.counts("uploads", datetime(2020, 1, 1, tzinfo=UTC).date())
        return [{**each.labels, "n": each.n} for each in found]


@asynccontextmanager
async def open_house(
    folder: Path,
    local: Local,
    *keys: ApiKey,
    store: Store | None = None,
    working: bool = False,
    **settings: object,
) -> AsyncIterator[House]:
    """Open an upload check; with ``working`` its background work goes on, too."""
    chosen = chosen_settings(folder, **settings)
    kept = AsyncStore(store or MemoryStore())
    known = {key.digest for key in await kept.keys()}
    for key in keys:
        if key.digest not in known:
            await kept.add_key(key)
    ahead = [timedelta()]

    def clock() -> datetime:
        return datetime.now(UTC) + ahead[0]

    gate = Gate(local)
    verdicts = Verdicts(kept, gate, Policy.load("id"), reviewers=False, clock=clock)
    await verdicts.refresh()
    links = Links(SECRET, seconds=3600)
    clients = Clients(kept, SECRET, chosen.gateway, links)
    await clients.refresh()
    count = Counting(kept, Metrics(), clock).upload
    check = UploadCheck(kept, gate, verdicts, clients, SECRET, chosen, clock=clock, count=count)
    app = Starlette(routes=check.routes())
    app.router.redirect_slashes = False  # as the gateway's own
    tasks = [asyncio.create_task(each) for each in check.work()] if working else []
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gif.test") as http:
        try:
            yield House(check, kept, verdicts, clients, gate, http, ahead)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            gate.open.set()
            await check.close()
            await kept.close()


def chosen_settings(folder: Path, **settings: object) -> Settings:
    """The settings of :func:`open_house`."""
    return screening.settings(folder, **{f"GATEWAY__{k}".upper(): v for k, v in settings.items()})


class Receiver:
    """A webhook: a real HTTP server that answers with ``statuses`` in turn, the last for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses or (204,))
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.app = Starlette(routes=[Route("/hook", self._hear, methods=["POST"])])

    async def _hear(self, request: Request) -> Response:
        self.heard.append((dict(request.headers), await request.body()))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(status_code=status, headers={"Location": "/elsewhere"})
