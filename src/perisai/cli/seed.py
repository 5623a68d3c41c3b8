"""``perisai seed``: a sample incident to try the desk with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from perisai.desk.house import House
    from perisai.settings import Settings


LARGE = 100_000


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--password",
    help="Make an account for each role as well, all with this password: for a trial only.",
)
@click.option(
    "--large", is_flag=True, help=f"Lay {LARGE:,} complaints, for measuring; needs no FILE."
)
@click.option(
    "--complaints",
    type=click.IntRange(10, 1_000_000),
    help="So many instead; a tenth as many cases and ten times as many facts belong to them.",
)
@click.option("--draw", type=int, default=1, show_default=True, help="Another number, other data.")
def seed(
    file: Path | None, password: str | None, *, large: bool, complaints: int | None, draw: int
) -> None:
    """Lay a sample incident in an empty house: a case that is over, one in the middle, a queue.

    FILE is screened for the case in the middle, as an officer would have it screened; take a
    harmless stand-in that is on one of your hash lists. The people in it do not exist. With --large
    or --complaints a long history of made up cases is laid instead, which fills some gigabytes.
    """
    from perisai import settings
    from perisai.desk.site import configure_site

    if (file is None) is not (large or complaints is not None):
        raise click.UsageError("Give either a FILE, or --large or --complaints.")
    chosen = settings.load()
    configure_site(chosen, "desk")
    from perisai.desk import sample
    from perisai.desk.opening import open_house
    from perisai.desk.previews import services as previews
    from perisai.desk.sample_names import NAMES

    house = open_house(chosen)
    if file is None:
        _lay_many(house, complaints or LARGE, draw)
    else:
        found = _looked(chosen, file)
        made = sample.lay(house, found)
        previews.keep(house, chosen, sample.REVIEWER, made[-1], file.read_bytes(), found)
        click.echo(f"Laid: {', '.join(made)}, and a queue of complaints.")
    if password:
        _accounts(password)
        for role, name in NAMES.items():
            click.echo(f"  {name:<12} {role}")


def _lay_many(house: House, complaints: int, draw: int) -> None:
    from perisai.cli.progress import bar
    from perisai.desk import large
    from perisai.desk.rebuilding import rebuild

    with bar("Complaints", complaints) as told:
        facts = large.lay(house, complaints, draw, told)
    with bar("Rows from facts", facts) as told:
        rebuild(house, write=True, told=told)
    click.echo(f"Laid: {complaints:,} complaints, {facts:,} facts.")


def _looked(chosen: Settings, file: Path) -> dict[str, Any]:
    from perisai.desk.samples import ByService

    looking = ByService(chosen)
    try:
        return looking.look(file.read_bytes(), file.name, prints=True)
    finally:
        looking.close()


def _accounts(password: str) -> None:
    from django.contrib.auth.models import User
    from django.db import transaction

    from perisai.desk import sample
    from perisai.desk.people.models import Member
    from perisai.desk.permissions import Role
    from perisai.desk.sample_names import NAMES

    with transaction.atomic():
        for role, name in NAMES.items():
            if User.objects.filter(username=name).exists():
                raise click.ClickException(f"{name} has an account already; a trial needs its own.")
            platform = sample.PLATFORM if role is Role.PLATFORM else ""
            user = User.objects.create_user(name, password=password)
            Member.objects.create(user=user, role=role.value, platform=platform)
