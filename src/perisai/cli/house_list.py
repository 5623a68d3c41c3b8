"""``perisai lists export-house``: what the house agreed to let others block."""

from __future__ import annotations

from pathlib import Path

import click

from perisai.cli.list_output import in_words, write_whole


@click.command("export-house")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@click.pass_obj
def export_house(home: Path | None, file: Path, *, overwrite: bool) -> None:
    """Write the list that two people at the desk agreed on to FILE, for `perisai lists import`.

    It holds hashes alone. Each export is a fact in the log of the desk.
    """
    if file.exists() and not overwrite:
        raise click.UsageError(f"{file} is there already; name another file, or add --overwrite.")
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load(home=home)
    configure_site(chosen, "desk")
    from perisai.desk.listing.services import export
    from perisai.desk.opening import open_house

    data, count = export(open_house(chosen), chosen, None)
    write_whole(file, iter([data.decode()]))
    click.echo(f"Wrote the house's list with {in_words(count, 'sample')} to {file}.", err=True)
