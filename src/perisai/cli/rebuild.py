"""``perisai rebuild``: what cases and complaints are looked up by, made anew from the facts."""

from __future__ import annotations

import click

SHOWN = 20


@click.command()
@click.option("--check", is_flag=True, help="Compare only, write nothing.")
def rebuild(*, check: bool) -> int:
    """Make every queue, status and clock anew from the log of facts.

    Exit status 1 with --check if something differs.
    """
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    configure_site(chosen, "desk")
    from perisai.cli.progress import bar
    from perisai.desk.opening import open_house
    from perisai.desk.rebuilding import rebuild as made_anew

    house = open_house(chosen)
    with bar("Facts", house.log.end()[0]) as told:
        different = made_anew(house, write=not check, told=told)
    for each in different[:SHOWN]:
        click.echo(each)
    if len(different) > SHOWN:
        click.echo(f"… and {len(different) - SHOWN} more")
    if not different:
        click.echo("Every row is what the facts add up to.")
    elif check:
        click.echo(f"{len(different)} rows differ; `perisai rebuild` makes them anew.")
    else:
        click.echo("Made anew.")
    return 1 if different and check else 0
