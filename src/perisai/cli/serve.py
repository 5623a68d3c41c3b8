"""``perisai serve``: the GIF search and the upload check over HTTP."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    import uvicorn
    from starlette.applications import Starlette

    from perisai.settings import Settings

GRACE_SECONDS = 30
"""How long requests that were begun may take to end."""


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port.  [default: 8000]")
@click.option("--demo", is_flag=True, help="With the page /demo, for this machine.")
def serve(host: str | None, port: int | None, *, demo: bool) -> int:
    """Offer the GIF search and the upload check over HTTP, until stopped with Ctrl-C."""
    from perisai import settings

    chosen = settings.load()
    given: dict[str, object] = {"host": host, "port": port}
    if demo and chosen.gateway.demo == "off":
        given["demo"] = "here"
    changed = {name: value for name, value in given.items() if value is not None}
    gateway = chosen.gateway.model_copy(update=changed)
    return _serve(chosen.model_copy(update={"gateway": gateway}))


def _serve(chosen: Settings) -> int:
    from perisai.gateway import create_app
    from perisai.gateway.operation import configure
    from perisai.gateway.operation.connections import allow_open_files

    listener = _bound(chosen)
    configure(level=chosen.gateway.log_level)
    allow_open_files(chosen.gateway.connections)
    app = create_app(chosen)
    config = web_server(app, chosen)
    with listener, asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        return runner.run(_run(app, config, listener))


def web_server(app: Starlette, chosen: Settings) -> uvicorn.Config:
    """Return how any application is served here; ``make bench`` serves another one so."""
    import uvicorn

    from perisai.gateway.operation.connections import Connection

    return uvicorn.Config(
        app,
        # Names and addresses of those who ask are nobody's business: no access log.
        access_log=False,
        log_config=None,
        http=Connection,
        log_level="warning",  # what it says of itself is said by _server
        server_header=False,
        lifespan="off",  # opened by _run: what is wrong is one line, before it listens
        limit_concurrency=chosen.gateway.connections,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _bound(chosen: Settings) -> socket.socket:
    """Take the address before anything slow is begun; raises SettingsError if it is not free."""
    host, port = chosen.gateway.host, chosen.gateway.port
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        why = (error.strerror or str(error)).lower()
        raise chosen.problem(
            ("gateway", "port"),
            f"cannot listen on {host}:{port}: {why}; take another --port or --host",
        ) from error
    return listener


async def _run(app: Starlette, config: uvicorn.Config, listener: socket.socket) -> int:
    from perisai import __version__
    from perisai.gateway.operation import log

    async with app.router.lifespan_context(app):
        server = _server(app, config)
        await server.serve(sockets=[listener])
    log("stopped", version=__version__)
    return 0 if server.started else 2


def _server(app: Starlette, config: uvicorn.Config) -> uvicorn.Server:
    import uvicorn

    from perisai import __version__
    from perisai.gateway.operation import log

    class Server(uvicorn.Server):
        """Says where it listens when it does, with the port that it was given."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and sockets:
                place = sockets[0].getsockname()
                host = f"[{place[0]}]" if ":" in place[0] else place[0]
                click.echo(f"Perisai listens on http://{host}:{place[1]}  (Ctrl-C stops)", err=True)
                log("started", port=place[1], version=__version__)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.gateway.health.stopping = True
            await super().shutdown(sockets)

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # Uvicorn would raise the signal again once it has stopped serving, in the middle of
            # closing what was opened: here the first one only ends the serving.
            loop = asyncio.get_running_loop()
            signals = (signal.SIGINT, signal.SIGTERM)
            for each in signals:
                loop.add_signal_handler(each, self.handle_exit, each, None)
            try:
                yield
            finally:
                for each in signals:
                    loop.remove_signal_handler(each)

    return Server(config)
