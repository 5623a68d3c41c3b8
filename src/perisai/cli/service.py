"""``perisai service``: the one process of a machine that looks at files."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from perisai.screening.service.place import Claim
    from perisai.settings import Settings

EPILOG = """
Exit status: 0 stopped, or with --status it runs; 1 with --status, it does not run or runs with
other settings; 2 it could not start.
"""


@click.command(epilog=EPILOG)
@click.option("--status", is_flag=True, help="Say what the running service is doing, and leave.")
@click.option("--json", "as_json", is_flag=True, help="With --status: one JSON object.")
def service(status: bool, as_json: bool) -> int:
    """Screen for all programs of this machine, until stopped with Ctrl-C.

    Gateway, desk, patrol and `perisai screen` use it when it runs, so that the models are in memory
    once and urgent files go first.
    """
    from perisai import settings

    if as_json and not status:
        raise click.UsageError("--json needs --status.")
    chosen = settings.load()
    return asyncio.run(_status(chosen, as_json=as_json)) if status else _serve(chosen)


def _serve(chosen: Settings) -> int:
    from perisai.screening.service.local import Local
    from perisai.screening.service.place import Claim, socket_path

    # First the right to serve: a second one says so at once, before it loads any model.
    with Claim(socket_path(chosen)) as claim:
        local = Local(chosen)
        return asyncio.run(_run(claim, local))


async def _run(claim: Claim, local: Any) -> int:  # noqa: ANN401 - a heavy import
    from perisai.screening.service.server import Server

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def finish() -> None:
        stop.set()
        for each in signals:  # once is to finish what runs; twice is at once
            loop.remove_signal_handler(each)

    for each in signals:
        loop.add_signal_handler(each, finish)
    assert claim.socket is not None  # noqa: S101 - bound when it was claimed
    try:
        ready = f"Perisai screens for this machine at {claim.path}  (Ctrl-C stops)"
        await Server(local).run(claim.socket, stop, lambda: click.echo(ready, err=True))
    finally:
        await local.close()
    return 0


async def _status(chosen: Settings, *, as_json: bool) -> int:
    from perisai.errors import ServiceError
    from perisai.screening.service.client import Client

    async with Client(chosen) as client:
        try:
            found = await client.status()
        except ServiceError as error:
            click.echo(json.dumps({"running": False}) if as_json else str(error))
            return 1
    if as_json:
        click.echo(json.dumps({"running": True} | found))
        return 0
    click.echo(
        f"Runs since {found['seconds']:.0f} s as process {found['process']}: "
        f"{found['looking']} being looked at, {found['waiting']} waiting, {found['done']} done, "
        f"{found['connections']} connections\n"
        f"  models  {', '.join(found['models'])}\n"
        f"  policy  {found['policy']}\n"
        f"  lists   {found['lists']}"
    )
    return 0
