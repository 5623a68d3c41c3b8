"""``perisai shadow``: what would have been withheld of the uploads of keys in shadow mode."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import date

    from perisai.gateway.uploads.shadow import Shadow
    from perisai.policy import Language

DAYS = 30


@click.group()
def shadow() -> None:
    """Report on keys in shadow mode, whose uploads are judged and counted, and not withheld."""


@shadow.command()
@click.option("--key", help="Only this client.  [default: every key in shadow mode]")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help=f"First day, in UTC.  [default: {DAYS} days ago]",
)
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="A page with a chart."
)
@click.option("--lang", type=click.Choice(["en", "id"]), default="en", help="Language.")
def report(
    key: str | None, since: datetime | None, as_json: bool, html: Path | None, lang: str
) -> None:
    """Say what would have been withheld: in all, by rule, age band, media type and day."""
    from perisai import settings
    from perisai.gateway.uploads.shadow import NAME
    from perisai.gateway.uploads.shadow import report as add_up
    from perisai.storage.open import open_store

    if html and not html.absolute().parent.is_dir():
        raise click.UsageError(f"The folder of {html} does not exist.")
    now = datetime.now(UTC)
    first = (since or now - timedelta(days=DAYS)).date()
    store = open_store(settings.load())
    try:
        every = store.keys()
        if key is not None and key not in {each.name for each in every}:
            raise click.UsageError(f"No key was ever called '{key}'; see `perisai keys list`.")
        found = add_up(store.counts(NAME, first), key)
    finally:
        store.close()
    if html:
        from perisai.gateway.uploads.shadow_page import to_html

        page = to_html(found, since=first, made=now, language="id" if lang == "id" else "en")
        html.write_text(page, encoding="utf-8")
    if as_json:
        told = {"since": first.isoformat(), **found.to_json()}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(found, first, lang)


def _show(found: Shadow, since: date, lang: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from perisai.gateway.uploads.shadow import DECISIONS
    from perisai.gateway.uploads.shadow_page import WORDS, share
    from perisai.gateway.uploads.standing import UNSCREENED

    language: Language = "id" if lang == "id" else "en"
    word = {name: text.into(language) for name, text in WORDS.items()}
    console = Console(highlight=False)
    if not found.total:
        console.print(word["none"], markup=False)
        return
    console.print(
        f"{word['since']} {since}: {found.judged} {word['judged']}; {found.withheld} "
        f"({share(found.total, language)}) {word['would']}.",
        markup=False,
        soft_wrap=True,
    )
    if found.total[UNSCREENED]:
        console.print(f"{found.total[UNSCREENED]} {word['unscreened']}.", markup=False)
    decisions = [name for name in DECISIONS if found.total[name]]
    days = {day.isoformat(): counts for day, counts in sorted(found.by_day.items())}
    tables = (("rule", found.by_rule), ("band", found.by_band), ("type", found.by_type))
    for title, rows in (*tables, ("day", days)):
        table = Table(title=word[title], title_justify="left")
        table.add_column("")
        for name in (word["uploads"], *decisions, word["share"]):
            table.add_column(name, justify="right")
        for name, counts in rows.items():
            numbers = [str(counts[decision]) for decision in decisions]
            table.add_row(name, str(counts.total()), *numbers, share(counts, language))
        console.print(table)
