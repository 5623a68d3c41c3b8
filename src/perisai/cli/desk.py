"""``perisai desk``: the pages of those who work on complaints and cases."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from perisai.desk.house import House
    from perisai.settings import Settings

EVERY_SECONDS = 60
CONNECTIONS = 500
_LOG = logging.getLogger("perisai.desk")


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port.  [default: 8020]")
def desk(host: str | None, port: int | None) -> int:
    """Serve the desk: complaints, cases, letters and results, until stopped with Ctrl-C."""
    from perisai import settings

    chosen = settings.load()
    given: dict[str, object] = {"host": host, "port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    section = chosen.desk.model_copy(update=changed)
    return _serve(chosen.model_copy(update={"desk": section}))


def _serve(chosen: Settings) -> int:
    from perisai.cli.serving import Server, bound, configured
    from perisai.desk.site import configure_site

    listener = bound(chosen, ("desk", "port"), chosen.desk.host, chosen.desk.port)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    configure_site(chosen, "desk")

    from perisai.desk.opening import open_house
    from perisai.desk.samples import ByService
    from perisai.desk.web import running
    from perisai.desk.web.asgi import application
    from perisai.desk.web.configuring import ROOM_FOR_FORM

    house, looking, stop = open_house(chosen), ByService(chosen), threading.Event()
    running.use(running.Desk.of(chosen, house, looking))
    ticking = threading.Thread(target=_tick, args=(house, stop), daemon=True)
    ticking.start()
    app = application(chosen.desk.sample_bytes + ROOM_FOR_FORM)
    config = configured(app, connections=CONNECTIONS)
    server = Server(config, what="The desk is", started=_nothing, stopping=lambda: None)
    try:
        with listener, asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[listener]))
        return 0 if server.started else 2
    finally:
        stop.set()
        ticking.join(timeout=EVERY_SECONDS)
        looking.close()


def _nothing(port: int) -> None:
    pass


def _tick(house: House, stop: threading.Event) -> None:
    """Write down what ran out, each minute; the first time what did while nobody looked."""
    from django.db import Error, close_old_connections

    from perisai.errors import PerisaiError

    while True:
        try:
            house.tick()
        except (PerisaiError, Error) as error:
            _LOG.error("clocks could not be looked at: %s", type(error).__name__)  # noqa: TRY400 - no traceback
        finally:
            close_old_connections()
        if stop.wait(EVERY_SECONDS):
            return
