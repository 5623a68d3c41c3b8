"""``perisai audit``: whether the log of facts is what was written."""

from __future__ import annotations

import json

import click


@click.group()
def audit() -> None:
    """Verify the log of facts."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(*, as_json: bool) -> int:
    """Compute the whole chain again and name the first broken link.

    Exit status 1 if the log is not what was written.
    """
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load()
    configure_site(chosen, "desk")
    from perisai.desk.opening import open_house

    log = open_house(chosen).log
    number, link = log.end()
    broken = log.verify()
    if as_json:
        told = {
            "facts": number,
            "link": link,
            "whole": broken is None,
            "broken": None
            if broken is None
            else {"number": broken.number, "stream": broken.stream, "what": broken.what},
        }
        click.echo(json.dumps(told))
    elif broken is None:
        click.echo(f"{number} facts, each as it was written. The last link is {link}.")
    else:
        where = f" ({broken.stream})" if broken.stream else ""
        click.echo(f"Broken at fact {broken.number}{where}: {broken.what}.")
    return 0 if broken is None else 1
