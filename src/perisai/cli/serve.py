"""``perisai serve``: the GIF search and the upload check over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from socket import socket

    import uvicorn

    from perisai.screening.service.local import Local


CONNECTIONS = 64


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port.  [default: 8000]")
@click.option("--demo", is_flag=True, help="With the page /demo, for this machine.")
def serve(host: str | None, port: int | None, *, demo: bool) -> int:
    """Offer the GIF search and the upload check over HTTP, until stopped with Ctrl-C."""
    import uvicorn

    from perisai import settings
    from perisai.gateway import create_app
    from perisai.screening.service.local import Local

    chosen = settings.load()
    if demo and chosen.gateway.demo == "off":
        gateway = chosen.gateway.model_copy(update={"demo": "here"})
        chosen = chosen.model_copy(update={"gateway": gateway})
    host, port = host or chosen.gateway.host, chosen.gateway.port if port is None else port
    # Made here, not by the server: what is wrong with a choice is one line, before it listens.
    local = Local(chosen)
    try:
        config = uvicorn.Config(
            create_app(chosen, local=local),
            host=host,
            port=port,
            # Names and addresses of those who ask are nobody's business: no access log.
            access_log=False,
            log_level="warning",
            server_header=False,
            # Waiting uploads are held in memory: beyond this, 503 and "try again".
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=30,
        )
        server = _server(config, local)
        try:
            server.run()
        except SystemExit:  # it could not listen, and has said why
            return 2
        except KeyboardInterrupt:  # the way to stop it
            return 0
    finally:
        asyncio.run(local.close())
    return 0 if server.started else 2


def _server(config: uvicorn.Config, local: Local) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        """Says where it listens when it does, with the port that it was given."""

        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                place = self.servers[0].sockets[0].getsockname()
                host = f"[{place[0]}]" if ":" in place[0] else place[0]
                click.echo(f"Perisai listens on http://{host}:{place[1]}  (Ctrl-C stops)", err=True)

        async def shutdown(self, sockets: list[socket] | None = None) -> None:
            await super().shutdown(sockets)
            # In this loop, in which it has worked: another one would not hear that it is done.
            await local.close()

    return Server(config)
