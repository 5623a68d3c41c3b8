"""``perisai backup``: everything that is kept, in one file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--with-keys",
    is_flag=True,
    help="Put the keys in as well: whoever has the file can then read everything.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def backup(file: Path, *, with_keys: bool, as_json: bool) -> None:
    """Write facts, accounts, the gateway's database, lists and files into FILE, while all runs.

    Without --with-keys nobody can read what people told, you neither, unless the keys are kept
    elsewhere: copy the *.key files of the home folder once, to another place than the backups.
    """
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    configure_site(chosen, "desk")
    from rich.console import Console

    from perisai.desk.backing_up import back_up

    with Console(stderr=True).status("Backup") as shown:
        found = back_up(
            chosen, file, with_keys=with_keys, told=lambda name: shown.update(f"Backup: {name}")
        )
    if as_json:
        click.echo(json.dumps({"file": str(file), **asdict(found)}))
        return
    click.echo(f"{file}: {found.parts} parts, {found.bytes:,} bytes, {found.facts} facts.")
    click.echo(f"The last link is {found.link}.")
    if not with_keys:
        click.echo(f"Its keys are not in it: keep {chosen.home}/*.key in another place.")
