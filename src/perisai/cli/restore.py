"""``perisai restore``: everything back from one file, into an empty home."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def restore(file: Path, *, as_json: bool) -> None:
    """Put back what `perisai backup` wrote, into an empty home folder and an empty database.

    Every part is compared with its SHA-256, the chain of facts is computed again, and the rows are
    compared with the facts, before anything is used. Copy the keys into the home folder first,
    unless they are in the backup. Who was erased stays erased.
    """
    from perisai import settings
    from perisai.cli.progress import bar
    from perisai.desk.site import configure_site

    chosen = settings.load()
    # No key is made in the home folder: the one of the desk may be in FILE.
    configure_site(chosen, "desk", secret=secrets.token_bytes())
    from perisai.desk.backing_up import restore as put_back

    with bar("Bytes", file.stat().st_size) as told:
        found = put_back(chosen, file, told)
    if as_json:
        click.echo(json.dumps({"home": str(chosen.home), **asdict(found)}))
        return
    click.echo(f"Restored what was backed up on {found.made}: {found.parts} parts, all whole.")
    click.echo(f"{found.facts} facts, each as it was written. The last link is {found.link}.")
    if not found.compared:
        click.echo(
            "The key of people is not here: what they told cannot be read, nor rows compared."
        )
    elif found.different:
        click.echo(f"{len(found.different)} rows were not what the facts add up to: made anew.")
    else:
        click.echo("Every row is what the facts add up to.")
    if found.previews:
        click.echo(
            f"Previews that were kept then: {found.previews}. No backup has them; they are gone."
        )
    if found.erased:
        click.echo(f"Keys of {found.erased} people who were erased were in it; they are gone.")
