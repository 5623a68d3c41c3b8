"""The same web server without screening: it passes an upstream's stored bytes straight through.

``python -m bench.gateway.passthrough FOLDER`` answers each request with the file of FOLDER that
``index.json`` names for its path and query, held in memory. Web framework, server, event loop, HTTP
parser, number of processes and all options are those of ``perisai serve``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from perisai import settings
from perisai.cli.serve import web_server

if TYPE_CHECKING:
    from starlette.requests import Request


def application(folder: Path) -> Starlette:
    """Return the ASGI application."""
    index: dict[str, str] = json.loads((folder / "index.json").read_text())
    stored = {target: (folder / name).read_bytes() for target, name in index.items()}

    async def answer(request: Request) -> Response:
        body = stored.get(f"{request.scope['path']}?{request.scope['query_string'].decode()}")
        if body is None:
            return Response(status_code=404)
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/{path:path}", answer)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = web_server(application(folder), settings.load())
        print(listener.getsockname()[1], flush=True)
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
