"""``perisai outbox``: what leaves the house, delivered and listed."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from perisai.desk.house import House
    from perisai.desk.outbox.models import MessageRow
    from perisai.settings import Settings


@click.group()
def outbox() -> None:
    """Deliver what is to leave the house, and say what has not arrived."""


@outbox.command()
@click.option("--now", is_flag=True, help="Also what waits after a failure.")
def deliver(*, now: bool) -> int:
    """Try everything that is due once. `perisai desk` does the same every few seconds.

    Exit status 1 if something could not be delivered.
    """
    chosen, house = _open()
    from perisai.desk.outbox.channels import open_channels
    from perisai.desk.outbox.delivering import Deliverer

    channels = open_channels(chosen, house.clock)
    if not channels:
        click.echo("Neither [mail] nor [receivers.NAME] is set up; everything is carried by hand.")
    counts = Deliverer(chosen, house, channels, random.random).once(now=now)
    for standing, count in sorted(counts.items()):
        click.echo(f"{standing}: {count}")
    if channels and not counts:
        click.echo("Nothing is due.")
    return 1 if counts["failed"] else 0


@outbox.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what has arrived.")
@click.option("--json", "as_json", is_flag=True, help="For programs: JSON lines.")
def list_(*, everything: bool, as_json: bool) -> int:
    """Show what has not arrived, what needs somebody most first.

    Exit status 1 if there is something.
    """
    _, house = _open()
    from perisai.desk.outbox.models import MessageRow
    from perisai.desk.outbox.state import OVER

    rows = MessageRow.objects.using(house.alias).order_by("rank", "put", "id")
    found = list(rows if everything else rows.exclude(standing__in=OVER))
    for row in found:
        click.echo(_line(row, as_json=as_json))
    if not found and not as_json:
        click.echo("Everything that left the house has arrived.")
    return 1 if any(row.standing not in OVER for row in found) else 0


def _open() -> tuple[Settings, House]:
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    configure_site(chosen, "desk")
    from perisai.desk.opening import open_house

    return chosen, open_house(chosen)


def _line(row: MessageRow, *, as_json: bool) -> str:
    if as_json:
        told = {
            "id": row.id,
            "standing": row.standing,
            "channel": row.channel,
            "kind": row.kind,
            "receiver": row.receiver,
            "subject": row.subject,
            "case": row.case,
            "put": row.put.isoformat(),
            "attempts": row.attempts,
            "next_try": row.due.isoformat() if row.due else None,
            "why": row.why,
        }
        return json.dumps(told, ensure_ascii=False)
    why = f": {row.why}" if row.why else ""
    return f"{row.id} {row.standing} {row.kind} to {row.receiver} {row.subject}{why}"
