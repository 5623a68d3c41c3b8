"""What commands that serve over HTTP share: the address first, one line, a clean end."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
import uvicorn

from perisai.gateway.operation.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from perisai.settings import Settings
    from perisai.settings.toml import Key

GRACE_SECONDS = 30
"""How long requests that were begun may take to end."""


def bound(chosen: Settings, key: Key, host: str, port: int) -> socket.socket:
    """Take the address before anything slow is begun; raises SettingsError if it is not free.

    ``key`` is the setting of the port, which the message names.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        why = (error.strerror or str(error)).lower()
        raise chosen.problem(
            key, f"cannot listen on {host}:{port}: {why}; take another --port or --host"
        ) from error
    return listener


def configured(app: Any, *, connections: int) -> uvicorn.Config:  # noqa: ANN401 - any ASGI app
    """How all of them are served: names and addresses of those who ask are nobody's business."""
    return uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        http=Connection,
        log_level="warning",  # what it says of itself is said below
        server_header=False,
        lifespan="off",  # opened before: what is wrong with a choice is one line
        limit_concurrency=connections,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


class Server(uvicorn.Server):
    """Says where it listens when it does, with the port that it was given."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        what: str,
        started: Callable[[int], None],
        stopping: Callable[[], None],
    ) -> None:
        """``started`` is told the port, ``stopping`` that no more is answered from now on."""
        super().__init__(config)
        self._what = what
        self._told = started
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        if self.started and sockets:
            place = sockets[0].getsockname()
            host = f"[{place[0]}]" if ":" in place[0] else place[0]
            click.echo(f"{self._what} on http://{host}:{place[1]}  (Ctrl-C stops)", err=True)
            self._told(place[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say so first, then end."""
        self._stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let the first signal only end the serving.

        Uvicorn would raise it again once it has stopped, in the middle of closing what was opened.
        """
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for each in signals:
            loop.add_signal_handler(each, self.handle_exit, each, None)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)
