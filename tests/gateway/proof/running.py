"""The whole gateway in a thread of this process, over real HTTP, in a home of its own.

In a thread, so that a test can take one guard away and see that the oracle notices; decisions are
written from outside, through a store of the test's own, as the command line does.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn

from perisai import settings as settings_package
from perisai.gateway import create_app
from perisai.screening.service.local import Local
from perisai.storage.open import open_store
from tests.common import tinymodel

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from perisai.gateway.assembly import Gateway
    from perisai.settings import Settings
    from perisai.storage.ports import Store

YOUNG = '["3-5", "6-9", "10-12", "13-15", "16-17", "adult"]'


def written(folder: Path, port: int, *, deadline_ms: int = 1500) -> Path:
    """Write the settings: the catalogue, and the three shapes of the liar at this port."""
    model = tinymodel.write(folder)
    table = "".join(
        f'[gateway.upstreams.{name}]\ntype = "{name}"\n'
        f'base = "http://127.0.0.1:{port}/{name}/v/"\nprivate = true\n'
        f"timeout_seconds = 1.0\nper_second = 1000\n{more}\n"
        for name, more in (("tenor", f"bands = {YOUNG}"), ("giphy", ""), ("openverse", ""))
    )
    path = folder / "perisai.toml"
    path.write_text(
        f"{tinymodel.toml(model)}\n[gateway]\nanonymous_per_minute = 1000000\n"
        f"warm_minutes = 0\ndeadline_ms = {deadline_ms}\nmax_fetch_bytes = 200000\n"
        f'[gateway.upstreams.catalogue]\ntype = "catalogue"\n{table}'
    )
    return path


def loaded(folder: Path, port: int, **more: Any) -> Settings:
    """The settings of :func:`written`."""
    config = written(folder, port, **more)
    env = {"PERISAI_HOME": str(folder / "home"), "PERISAI_CONFIG": str(config)}
    return settings_package.load(env=env | {"PERISAI_SCREENING__JOBS": "2"})


@dataclass
class Running:
    """A gateway that runs: its address without a slash at the end, and its insides."""

    base: str
    settings: Settings
    store: Store
    local: Local
    gateway: Gateway
    loop: asyncio.AbstractEventLoop

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the gateway's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """Start the gateway, and stop it after."""
    local = Local(settings)
    app = create_app(settings, local)
    loop = asyncio.new_event_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))

        async def serve() -> None:
            await server.serve(sockets=[listener])
            await local.close()

        thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the gateway did not start"
                thread.join(0.02)
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            store = open_store(settings)
            yield Running(base, settings, store, local, app.state.gateway, loop)
            store.close()
        finally:
            server.should_exit = True
            thread.join(30)
            loop.close()
