"""``perisai notices``: the machines that may send signed notices."""

from __future__ import annotations

import click


@click.group()
def notices() -> None:
    """Let machines send signed notices to the public page."""


@notices.command()
@click.argument("name")
def secret(name: str) -> None:
    """Show the secret of the client NAME, which stands in `desk.notice_clients`."""
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    if name not in chosen.desk.notice_clients:
        raise click.ClickException(f"{name} is no client: write it into desk.notice_clients first.")
    configure_site(chosen, "public")
    from perisai.desk.intake.signing import secret as secret_of
    from perisai.desk.opening import people_key
    from perisai.storage.facts.people import People

    click.echo(secret_of(People(people_key(chosen)), name))
