"""``perisai public``: the page on which people report, follow and read results."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from perisai.settings import Settings

CONNECTIONS = 200
"""At a time; each page that is being made has a thread of its own."""


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port.  [default: 8010]")
def public(host: str | None, port: int | None) -> int:
    """Offer the public page: help lines, complaints, results; until stopped with Ctrl-C.

    It makes the tables that it needs. Nothing of who asks is written down.
    """
    from perisai import settings

    chosen = settings.load()
    given: dict[str, object] = {"public_host": host, "public_port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    return _serve(chosen.model_copy(update={"desk": chosen.desk.model_copy(update=changed)}))


def _serve(chosen: Settings) -> int:
    from perisai.cli.serving import Server, bound, configured

    desk = chosen.desk
    listener = bound(chosen, ("desk", "public_port"), desk.public_host, desk.public_port)
    with listener:
        from perisai import __version__
        from perisai.desk.public.opening import application
        from perisai.gateway.operation import configure, log

        configure(level=chosen.gateway.log_level)
        config = configured(application(chosen), connections=CONNECTIONS)
        server = Server(
            config,
            what="The public page is",
            started=lambda taken: log("started", port=taken, version=__version__),
            stopping=lambda: None,
        )
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[listener]))
        log("stopped", version=__version__)
        return 0 if server.started else 2
