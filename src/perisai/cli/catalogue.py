"""``perisai catalogue``: import, approve, withdraw, list, remove and judge items of your own."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perisai.cli.list_output import progress
from perisai.screening.names import printable
from perisai.terms import AgeBand, Decision, Label

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from perisai.gateway.catalogue.importing import Outcome
    from perisai.gateway.catalogue.listing import Listed
    from perisai.settings import Settings
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.records import Approval, CatalogueEntry

MARKS = {"added": "✓", "kept": "=", "withheld": "✗", "failed": "!"}
json_option = click.option("--json", "as_json", is_flag=True, help="For programs: JSON lines.")
name_option = click.option(
    "--name", default="catalogue", show_default=True, help="The upstream's name in the settings."
)
by_option = click.option(
    "--by", required=True, help="Who decided, as it shall stand in the record."
)
reason_option = click.option("--reason", default="", help="Why, for those who come later.")


class Bands(click.ParamType[frozenset[AgeBand]]):
    """Age bands between commas, or the word "all"."""

    name = "BANDS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[AgeBand]:
        """Read the text that was typed."""
        if value == "all":
            return frozenset(AgeBand)
        try:
            return frozenset(AgeBand(each.strip()) for each in str(value).split(","))
        except ValueError:
            known = ", ".join(AgeBand)
            self.fail(f"'{value}' names no age bands; write {known}, or all", param, ctx)


class Place(click.ParamType["Path | str"]):
    """A file or folder that is there, or an address in a bucket."""

    name = "PLACE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        """Read the text that was typed."""
        if str(value).startswith("s3://"):
            return str(value)
        return click.Path(path_type=Path, exists=True).convert(str(value), param, ctx)


@click.group()
def catalogue() -> None:
    """Keep a catalogue of GIFs and stickers that the gateway searches."""


@catalogue.command("import")
@click.argument("place", type=Place())
@click.option("--collection", default="", help="Collection of what names none itself.")
@name_option
@json_option
def import_(place: Path | str, collection: str, name: str, as_json: bool) -> int:
    """Screen the files of PLACE and take in what somebody may see.

    PLACE is a folder, or a CSV or JSON file that describes files beside it (columns: file, title,
    tags, kind, collection, attribution, licence, source, id), or the same as s3://BUCKET/PREFIX,
    with endpoint and region of the settings. An import that was broken off goes on
    where it stopped. Exit status 1 if something was withheld, 3 if something could not be taken in.
    """
    from perisai import settings
    from perisai.gateway.catalogue.listing import listed_in, listed_in_bucket

    if isinstance(place, Path):
        files = listed_in(place, collection)
    else:
        files = listed_in_bucket(settings.load(), place, collection)
    outcomes = asyncio.run(_import(name, files, as_json=as_json))
    states = [outcome.state for outcome in outcomes]
    if not as_json:
        words = ", ".join(f"{states.count(s)} {s}" for s in MARKS if s in states)
        click.echo(f"\n{len(states)} files: {words or 'nothing to take in'}.")
        if "added" in states:
            click.echo(
                "Under 13 only what a person approved is shown: perisai catalogue approve --help"
            )
    if "failed" in states:
        return 3
    return 1 if "withheld" in states else 0


async def _import(name: str, files: list[Listed], *, as_json: bool) -> list[Outcome]:
    from perisai.gateway.catalogue.importing import Importer
    from perisai.gateway.workbench import now, open_workbench
    from perisai.screening.service import connect

    chosen = _settings_with(name)
    found: list[Outcome] = []
    async with AsyncExitStack() as stack:
        screening = await connect(chosen)
        stack.push_async_callback(screening.close)
        bench = await stack.enter_async_context(open_workbench(chosen, screening))
        most = chosen.media.max_bytes
        importer = Importer(
            name, bench.store, bench.verdicts, bench.intake, max_bytes=most, clock=now
        )
        with progress("Importing", len(files)) as advance:
            async with aclosing(importer.run(files)) as outcomes:
                async for outcome in outcomes:
                    found.append(outcome)
                    _tell(outcome, as_json=as_json)
                    advance(1)
    return found


def _settings_with(name: str) -> Settings:
    """The settings; SettingsError unless they have a catalogue of this name."""
    from perisai import settings
    from perisai.errors import SettingsError
    from perisai.settings.gateway import CatalogueUpstream

    chosen = settings.load()
    upstreams = chosen.gateway.upstreams
    if not isinstance(upstreams.get(name), CatalogueUpstream):
        known = [n for n, each in upstreams.items() if isinstance(each, CatalogueUpstream)]
        raise SettingsError(
            f"--name {name}: the settings have no catalogue of this name; "
            + (f"use {' or '.join(known)}" if known else "add one as [gateway.upstreams.NAME]")
        )
    return chosen


def _tell(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        verdicts = {band.value: decision.value for band, decision in outcome.decisions.items()}
        line = {
            "file": outcome.listed.name,
            "id": outcome.id,
            "state": outcome.state,
            "verdicts": verdicts,
            "reason": outcome.reason,
        }
        click.echo(json.dumps(line, ensure_ascii=False))
        return
    kept_from = [b.value for b, d in outcome.decisions.items() if d is not Decision.ALLOW]
    whom = f"not for {', '.join(kept_from)}: " if outcome.state != "withheld" and kept_from else ""
    reason = f"  {whom}{outcome.reason}" if outcome.reason else ""
    mark = MARKS[outcome.state]
    click.echo(f"{mark} {outcome.state:<9} {outcome.id}  {printable(outcome.listed.name)}{reason}")


@catalogue.command()
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--collection", help="A whole collection instead, with all that comes into it.")
@click.option("--bands", type=Bands(), required=True, help="For whom: 3-5,6-9,10-12, or all.")
@by_option
@reason_option
@name_option
def approve(
    ids: tuple[str, ...],
    collection: str | None,
    bands: frozenset[AgeBand],
    by: str,
    reason: str,
    name: str,
) -> int:
    """Find items fit for age bands, after a person has looked at them.

    An item is approved with the very bytes that it has now: other bytes need another look.
    """
    return asyncio.run(_approve(ids, collection, bands, by, reason, name))


@catalogue.command()
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--collection", help="A whole collection instead.")
@by_option
@reason_option
@name_option
def withdraw(ids: tuple[str, ...], collection: str | None, by: str, reason: str, name: str) -> int:
    """Take an approval back."""
    return asyncio.run(_approve(ids, collection, frozenset(), by, reason, name))


async def _approve(
    ids: tuple[str, ...],
    collection: str | None,
    bands: frozenset[AgeBand],
    by: str,
    reason: str,
    name: str,
) -> int:
    from perisai.gateway.workbench import now
    from perisai.storage.records import Approval

    if bool(ids) == bool(collection):
        raise click.UsageError("Name items, or one --collection.")
    async with _store() as store:
        if collection:
            kind, shas = "collection", {collection: ""}
        else:
            kind, shas = "item", {key: e.sha256 for key, e in (await _known(store, ids)).items()}
        for key, sha256 in shas.items():
            await store.approve(
                Approval(name, kind, key, bands, sha256, by, reason, now())  # type: ignore[arg-type]
            )
    words = ", ".join(band for band in AgeBand if band in bands) or "nobody"
    click.echo(f"{len(shas)} {kind}{'s' if len(shas) != 1 else ''} approved for {words}.")
    return 0


@catalogue.command("list")
@click.option("--collection", help="Only this one.")
@click.option(
    "--pending",
    is_flag=True,
    help="Only what waits for a person: nobody has approved or withdrawn it, or its collection, "
    "or it has other bytes since.",
)
@name_option
@json_option
def list_(collection: str | None, pending: bool, name: str, as_json: bool) -> int:
    """Show what is in the catalogue."""
    return asyncio.run(_list(collection, name, pending=pending, as_json=as_json))


async def _list(collection: str | None, name: str, *, pending: bool, as_json: bool) -> int:
    after, count, there = "", 0, False
    async with _store() as store:
        said: dict[tuple[str, str], Approval] = {
            (each.kind, each.key): each
            for each in (await store.all_approvals() if pending else ())
            if each.upstream == name
        }
        while entries := await store.entries(after, 500):
            after, there = entries[-1].id, True
            for entry in entries:
                if collection in (None, entry.collection) and not (pending and _said(entry, said)):
                    count += 1
                    click.echo(_line(entry, as_json=as_json))
    if not count and not as_json:
        none = "Nothing waits for a person." if pending else "There is no such collection."
        click.echo(none if there else "Nothing is there yet: perisai catalogue import FOLDER")
    return 0


def _said(entry: CatalogueEntry, said: Mapping[tuple[str, str], Approval]) -> bool:
    """Whether a person has decided on the entry with the bytes that it has now."""
    own = said.get(("item", entry.id))
    if own is not None:
        return not own.bands or own.sha256 in ("", entry.sha256)
    return ("collection", entry.collection) in said


def _line(entry: CatalogueEntry, *, as_json: bool) -> str:
    if as_json:
        names = ("id", "kind", "title", "tags", "collection", "sha256", "type", "width", "height")
        return json.dumps({name: getattr(entry, name) for name in names}, ensure_ascii=False)
    where = f"  [{entry.collection}]" if entry.collection else ""
    size = f"{entry.type} {entry.width}x{entry.height}"
    return f"{entry.id}  {entry.kind:<7} {size:<14} {printable(entry.title)}{where}"


@catalogue.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def remove(ids: tuple[str, ...]) -> int:
    """Take items out of the catalogue."""

    async def run() -> int:
        from perisai.gateway.workbench import now

        async with _store() as store:
            await _known(store, ids)
            return await store.remove_entries(ids, now())

    click.echo(f"{asyncio.run(run())} removed.")
    return 0


@catalogue.command()
@click.argument("item", metavar="ID|SHA256")
@click.option(
    "--label",
    type=click.Choice([each.value for each in Label if each is not Label.ABUSE]),
    default=Label.EXPLICIT.value,
    show_default=True,
    help="What the decision is about.",
)
@click.option("--confirm/--clear", default=None, help="It is that, or it is not.")
@by_option
@reason_option
def decide(item: str, label: str, confirm: bool | None, by: str, reason: str) -> int:
    """Record what a person decided about a picture; it counts everywhere within seconds."""
    if confirm is None:
        raise click.UsageError("Say --confirm or --clear.")

    async def run() -> str:
        from perisai.gateway.workbench import now
        from perisai.storage.records import Opinion

        async with _store() as store:
            entry = (await store.entry([item])).get(item)
            sha256 = entry.sha256 if entry else item.lower()
            if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
                raise click.UsageError(f"{item} is neither an item nor a SHA-256.")
            score = 1.0 if confirm else 0.0
            await store.add_opinion(Opinion(sha256, Label(label), score, by, reason, now()))
            return sha256

    sha256 = asyncio.run(run())
    click.echo(f"{sha256}: {label} {'confirmed' if confirm else 'cleared'} by {by}.")
    return 0


async def _known(store: AsyncStore, ids: tuple[str, ...]) -> dict[str, CatalogueEntry]:
    """The entries with these ids; all must be there."""
    entries: dict[str, Any] = await store.entry(ids)
    missing = [key for key in ids if key not in entries or entries[key].removed]
    if missing:
        raise click.UsageError(f"{missing[0]} is not in the catalogue; see perisai catalogue list.")
    return entries


@asynccontextmanager
async def _store() -> AsyncIterator[AsyncStore]:
    from perisai import settings
    from perisai.storage.asynchronous import AsyncStore
    from perisai.storage.open import open_store

    store = AsyncStore(await asyncio.to_thread(open_store, settings.load()))
    try:
        yield store
    finally:
        await store.close()
