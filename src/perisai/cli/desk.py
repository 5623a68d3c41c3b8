"""``perisai desk``: the pages of those who work on complaints and cases."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from perisai.desk.house import House
    from perisai.desk.measuring import Measured
    from perisai.desk.web.running import Desk
    from perisai.settings import Settings
    from perisai.terms import AgeBand

EVERY_SECONDS = 60
CONNECTIONS = 200
"""At a time; each page that is being made has a thread of its own."""
UNKNOWN = "not-looked-at"
"""Stands among the rules for results that could not be looked at, and so are withheld."""
_LOG = logging.getLogger("perisai.desk")


@click.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port.  [default: 8020]")
def desk(host: str | None, port: int | None) -> int:
    """Serve the desk: complaints, cases, letters and results, until stopped with Ctrl-C.

    It makes the tables that it needs, each minute writes down which clocks ran out, delivers what
    is in the outbox, and takes in what was reported at the gateway. Accounts are made with
    `perisai people add`.
    """
    from perisai import settings

    chosen = settings.load()
    given: dict[str, object] = {"host": host, "port": port}
    changed = {name: value for name, value in given.items() if value is not None}
    return _serve(chosen.model_copy(update={"desk": chosen.desk.model_copy(update=changed)}))


def _serve(chosen: Settings) -> int:
    from perisai.cli.serving import Server, bound, configured

    with bound(chosen, ("desk", "port"), chosen.desk.host, chosen.desk.port) as listener:
        from perisai import __version__
        from perisai.desk.samples import ByService
        from perisai.desk.web.asgi import open_desk
        from perisai.gateway.operation import configure, log

        configure(level=chosen.gateway.log_level)
        looking, stop = ByService(chosen), threading.Event()
        app, opened = open_desk(chosen, looking, ByPatrol(chosen))
        working = _working(chosen, opened, stop)
        config = configured(app, connections=CONNECTIONS)

        def started(taken: int) -> None:
            log("started", port=taken, version=__version__)
            for each in working:
                each.start()

        server = Server(config, what="The desk is", started=started, stopping=stop.set)
        try:
            with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
                runner.run(server.serve(sockets=[listener]))
        finally:
            stop.set()
            for each in filter(threading.Thread.is_alive, working):
                each.join(timeout=EVERY_SECONDS)
            looking.close()
            opened.gateway.close()
        log("stopped", version=__version__)
        return 0 if server.started else 2


def _working(chosen: Settings, opened: Desk, stop: threading.Event) -> list[threading.Thread]:
    """Add what other packages show at the desk, and make what goes on beside its pages."""
    from perisai.desk import panels
    from perisai.desk.intake.gateway import Gateway
    from perisai.desk.outbox.channels import open_channels
    from perisai.desk.outbox.delivering import Deliverer
    from perisai.patrol.panel import LAST_SEEN

    house = opened.house
    panels.register(LAST_SEEN)
    outbox = Deliverer(chosen, house, open_channels(chosen, house.clock), random.random)
    return [
        threading.Thread(target=_tick, args=(house, chosen, stop), daemon=True),
        threading.Thread(target=outbox.always, args=(stop,), daemon=True),
        threading.Thread(
            target=Gateway(chosen, house, opened.gateway).always, args=(stop,), daemon=True
        ),
    ]


class ByPatrol:
    """Measures as ``perisai patrol measure`` does: what the gateway's upstreams would show."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def measure(self, words: str, band: AgeBand) -> Measured:
        """Search, and count. What could not be looked at counts as withheld."""
        from perisai.desk.measuring import Measured
        from perisai.errors import NotYet
        from perisai.patrol.measuring import measure

        (found,) = asyncio.run(measure(self._settings, words, [band]))
        if found.blocked:
            raise NotYet("These words alone end a search here; nothing was asked for.")
        unknown = {UNKNOWN: found.unknown} if found.unknown else {}
        return Measured(found.fit, found.unfit + found.unknown, {**found.rules, **unknown})


def _tick(house: House, settings: Settings, stop: threading.Event) -> None:
    """Write down what ran out, each minute; the first time what did while nobody looked.

    The log says when that is done, and how many clocks had run out.
    """
    from django.db import Error, close_old_connections

    from perisai.desk.attachments import services as attachments
    from perisai.desk.previews import services as previews
    from perisai.desk.triage import duplicates, locks
    from perisai.errors import PerisaiError
    from perisai.gateway.operation import log

    store = attachments.store_in(settings)

    caught_up = False
    while not stop.is_set():
        try:
            late = house.tick(lambda: not stop.is_set())
            if not (caught_up or stop.is_set()):
                log("caught up", count=late)
                caught_up = True
            locks.lapse(house)
            duplicates.settle(house)
            attachments.purge_due(house, store)
            previews.purge_due(house, settings)
        except (PerisaiError, Error) as error:
            _LOG.warning("clocks could not be looked at: %s", type(error).__name__)
        finally:
            close_old_connections()
        stop.wait(EVERY_SECONDS)
