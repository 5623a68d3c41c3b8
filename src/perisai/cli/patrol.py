"""``perisai patrol``: measure what a child finds."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from perisai.terms import AgeBand

if TYPE_CHECKING:
    from perisai.patrol.measuring import Measurement


@click.group()
def patrol() -> None:
    """Measure how exposed a child is."""


@patrol.command()
@click.argument("words")
@click.option(
    "--age-band",
    "bands",
    type=click.Choice([each.value for each in AgeBand]),
    multiple=True,
    help="Whose search; several are allowed.  [default: all]",
)
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object a line.")
def measure(words: str, bands: tuple[str, ...], *, as_json: bool) -> int:
    """Search for WORDS in the upstreams of the gateway, and count what is unfit for each age.

    Everything that is found is screened; approvals play no part, since what is measured is what the
    upstreams would show. Exit status 1 if something is unfit.
    """
    from perisai import settings
    from perisai.patrol.measuring import measure as measured

    asked = [AgeBand(each) for each in bands] or list(AgeBand)
    found = asyncio.run(measured(settings.load(), words, asked))
    for each in found:
        click.echo(
            json.dumps(asdict(each) | {"exposure": each.exposure}) if as_json else line(each)
        )
    return 1 if any(each.unfit for each in found) else 0


def line(found: Measurement) -> str:
    """One line for people."""
    if found.blocked:
        return f"{found.band:<6} the words alone end this search"
    if found.exposure is None:
        return f"{found.band:<6} nothing found"
    rules = ", ".join(f"{rule} {n}" for rule, n in sorted(found.rules.items()))
    unknown = f"; {found.unknown} could not be looked at" if found.unknown else ""
    total = found.fit + found.unfit
    told = f"{found.unfit} of {total} unfit ({found.exposure:.0%})"
    return f"{found.band:<6} {told}{': ' if rules else ''}{rules}{unknown}"
