"""``perisai serve``: the upload check over HTTP."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port.  [default: 8000]")
def serve(host: str | None, port: int | None) -> int:
    """Offer POST /v1/screen over HTTP, until stopped with Ctrl-C."""
    import uvicorn

    from perisai import settings
    from perisai.gateway import create_app

    chosen = settings.load()
    host, port = host or chosen.gateway.host, chosen.gateway.port if port is None else port
    config = uvicorn.Config(
        create_app(chosen),
        host=host,
        port=port,
        # Names and addresses of those who ask are nobody's business: no access log.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )
    server = uvicorn.Server(config)
    click.echo(f"Perisai listens on http://{host}:{port}  (Ctrl-C stops)", err=True)
    server.run()
    return 0 if server.started else 2
