"""``perisai serve``: the GIF search and the upload check over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import socket

    import uvicorn
    from starlette.applications import Starlette

    from perisai.settings import Settings


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
    from perisai.cli.serving import bound
    from perisai.gateway import create_app
    from perisai.gateway.operation import configure
    from perisai.gateway.operation.connections import allow_open_files

    gateway = chosen.gateway
    listener = bound(chosen, ("gateway", "port"), gateway.host, gateway.port)
    configure(level=gateway.log_level)
    allow_open_files(gateway.connections)
    app = create_app(chosen)
    config = web_server(app, chosen)
    with listener, asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        return runner.run(_run(app, config, listener))


def web_server(app: Starlette, chosen: Settings) -> uvicorn.Config:
    """Return how any application is served here; ``make bench`` serves another one so."""
    from perisai.cli.serving import configured

    return configured(app, connections=chosen.gateway.connections)


async def _run(app: Starlette, config: uvicorn.Config, listener: socket.socket) -> int:
    from perisai import __version__
    from perisai.cli.serving import Server
    from perisai.gateway.operation import log

    def stopping() -> None:
        app.state.gateway.health.stopping = True

    async with app.router.lifespan_context(app):
        server = Server(
            config,
            what="Perisai listens",
            started=lambda port: log("started", port=port, version=__version__),
            stopping=stopping,
        )
        await server.serve(sockets=[listener])
    log("stopped", version=__version__)
    return 0 if server.started else 2
