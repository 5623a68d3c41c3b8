"""``perisai lists``: keep hash lists."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perisai.cli.house_list import export_house
from perisai.cli.list_output import (
    described,
    entries_in_words,
    facts,
    in_words,
    progress,
    show_entries,
    tell,
    tell_added,
    tell_failed,
    write_whole,
)
from perisai.errors import MediaError

if TYPE_CHECKING:
    from perisai.matching.lists import ListStore
    from perisai.settings import Settings

SHARING = ("none", "partners", "public")
KINDS = ("pdq", "sha256", "md5", "clip")


class Day(click.ParamType[date | str]):
    """A day as 2026-12-31, or the word "never"."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date | str:
        """Read the text that was typed."""
        if value == "never":
            return "never"
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is no day; write it as 2026-12-31, or never", param, ctx)


@click.group()
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of all state.  [default: PERISAI_HOME]",
)
@click.pass_context
def lists(ctx: click.Context, home: Path | None) -> None:
    """Keep hash lists: what is known, from whom, and until when."""
    ctx.obj = home


json_option = click.option("--json", "as_json", is_flag=True, help="For programs: JSON lines.")


@lists.command()
@click.argument("name")
@click.option(
    "--label",
    type=click.Choice(["listed", "abuse"]),
    required=True,
    help="listed: blocked for every child. abuse: suspected child abuse, sealed for everyone.",
)
@click.option("--source", required=True, help="Where the list comes from.")
@click.option("--licence", default="", help="Its licence or terms.")
@click.option(
    "--sharing",
    type=click.Choice(SHARING),
    default="none",
    show_default=True,
    help="Who may be given a copy.",
)
@click.option("--expires", type=Day(), default="never", help="Last day (UTC) on which it matches.")
@json_option
@click.pass_obj
def create(
    home: Path | None,
    name: str,
    label: str,
    source: str,
    licence: str,
    sharing: str,
    expires: date | str,
    as_json: bool,
) -> None:
    """Make an empty list called NAME."""
    from perisai.matching.lists import Sharing
    from perisai.terms import Label

    store, _ = _open(home)
    made = store.create(
        name,
        source=source,
        label=Label(label),
        licence=licence,
        sharing=Sharing(sharing),
        expires=None if isinstance(expires, str) else expires,
    )
    tell(as_json, facts(made), f"Made the list '{name}'.")


@lists.command()
@click.argument("name")
@click.option("--source", help="Where the list comes from.")
@click.option("--licence", help="Its licence or terms.")
@click.option("--sharing", type=click.Choice(SHARING), help="Who may be given a copy.")
@click.option("--expires", type=Day(), help="Last day (UTC) on which it matches, or never.")
@json_option
@click.pass_obj
def edit(
    home: Path | None,
    name: str,
    source: str | None,
    licence: str | None,
    sharing: str | None,
    expires: date | str | None,
    as_json: bool,
) -> None:
    """Change what is said about the list NAME, or renew it. The change is logged."""
    from perisai.matching.lists import Sharing

    if source is licence is sharing is expires is None:
        raise click.UsageError("Say what to change: --source, --licence, --sharing or --expires.")
    day = "keep" if expires is None else None if expires == "never" else expires
    store, _ = _open(home)
    found = store.edit(
        name,
        source=source,
        licence=licence,
        sharing=None if sharing is None else Sharing(sharing),
        expires=day,
    )
    tell(as_json, facts(found), f"Changed the list '{name}'.")


@lists.command()
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_obj
def add(home: Path | None, name: str, files: tuple[Path, ...], as_json: bool) -> int:
    """Put every distinct frame of FILES on the list NAME, and the files as a whole."""
    from perisai.matching.lists import entries_of
    from perisai.screening.fingerprint import Fingerprinter

    store, settings = _open(home)
    store.get(name)
    failed = 0
    with Fingerprinter(settings) as many, progress("Adding", len(files)) as advance:
        for path, prints in many.each(files):
            if isinstance(prints, MediaError):
                failed += 1
                tell_failed(as_json, name, path, prints)
            else:
                done = store.add(name, entries_of(prints), file=prints.sha256)
                tell_added(as_json, name, path, prints, done)
            advance(1)
    return 2 if failed else 0


@lists.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "threatexchange", "csv", "json"]),
    default="auto",
    show_default=True,
    help="How FILE is written.",
)
@click.option("--kind", type=click.Choice(KINDS), help="What bare hashes in FILE are.")
@click.option("--skip-bad", is_flag=True, help="Go on over bad lines, and count them.")
@json_option
@click.pass_obj
def import_(
    home: Path | None,
    name: str,
    file: Path,
    form: str,
    kind: str | None,
    skip_bad: bool,
    as_json: bool,
) -> None:
    """Put the hashes in FILE on the list NAME: all of them, or none."""
    from perisai.matching.lists import Kind

    store, _ = _open(home)
    with progress("Importing", file.stat().st_size, in_bytes=True) as advance:
        before = 0

        def on(done: int, _: int) -> None:
            nonlocal before
            advance(done - before)
            before = done

        done = store.import_file(
            name,
            file,
            form,
            kind=None if kind is None else Kind.of(kind),
            skip_bad=skip_bad,
            progress=on,
        )
    for bad in done.problems:
        click.echo(f"Skipped: {bad}", err=True)
    if done.skipped > len(done.problems):
        click.echo(f"Skipped: {done.skipped - len(done.problems)} more lines", err=True)
    made = f"Made the list '{name}'. " if done.created else ""
    tell(
        as_json,
        {
            "list": name,
            "added": done.added,
            "known": done.known,
            "skipped": done.skipped,
            "created": done.created,
            "problems": done.problems,
        },
        f"{made}{in_words(done.added, 'new entry', 'new entries')} on '{name}', {done.known} were "
        f"there already, {done.skipped} skipped.",
    )


@lists.command()
@click.argument("name")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--format",
    "form",
    type=click.Choice(["threatexchange", "csv", "json"]),
    default="json",
    show_default=True,
    help="How to write it; only json keeps everything.",
)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@click.option(
    "--i-am-authorised-to-share-abuse-hashes",
    "share_abuse",
    is_flag=True,
    help="Hand out hashes of suspected abuse. Never into a public feed.",
)
@click.pass_obj
def export(
    home: Path | None, name: str, file: Path | None, form: str, overwrite: bool, share_abuse: bool
) -> None:
    """Write the list NAME to FILE or standard output, if its sharing rule allows."""
    store, _ = _open(home)
    if file is None or str(file) == "-":
        for line in store.export_lines(name, form, share_abuse=share_abuse):
            click.echo(line, nl=False)
        return
    if file.exists() and not overwrite:
        raise click.UsageError(f"{file} is there already; name another file, or add --overwrite.")
    write_whole(file, store.export_lines(name, form, share_abuse=share_abuse))
    click.echo(f"Wrote '{name}' to {file}.", err=True)


@lists.command()
@click.argument("name", required=False)
@click.option("--entries", is_flag=True, help="Also every entry, with the number to remove it by.")
@click.option("--log", "log_", is_flag=True, help="Also every change: when, who, what.")
@json_option
@click.pass_obj
def show(home: Path | None, name: str | None, entries: bool, log_: bool, as_json: bool) -> None:
    """Show all lists, or the list NAME."""
    store, _ = _open(home)
    if entries and name is None:
        raise click.UsageError("--entries needs the NAME of a list.")
    found = store.all() if name is None else [store.get(name)]
    if not found and not as_json:
        click.echo("There are no hash lists. Make one with `perisai lists create`.")
    for one in found:
        tell(as_json, facts(one), described(one))
    if entries and name is not None:
        show_entries(store, name, as_json=as_json)
    if log_:
        for event in store.events(name):
            detail = json.dumps(event.detail)
            tell(
                as_json,
                {
                    "event": event.seq,
                    "at": event.at,
                    "who": event.who,
                    "action": event.action,
                    "list": event.list_name,
                    "detail": event.detail,
                },
                f"{event.at}  {event.who}  {event.action}  {event.list_name}  {detail}",
            )


@lists.command()
@click.argument("name")
@click.option("--entry", "ids", type=int, multiple=True, help="Only this entry (repeatable).")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Only what was made from this file (repeatable).",
)
@click.option("--sha256", "hashes", multiple=True, help="The same, for a file that is gone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def remove(
    home: Path | None,
    name: str,
    ids: tuple[int, ...],
    files: tuple[Path, ...],
    hashes: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Remove the list NAME, or some of its entries. The removal is logged.

    An entry goes with all variants of the picture it belongs to.
    """
    from perisai.matching.digests import digest

    store, _ = _open(home)
    found = store.get(name)
    digests = [_sha256(text) for text in hashes] + [digest(path).sha256 for path in files]
    whole = not (ids or digests)
    count = entries_in_words(found.count)
    what = f"the list '{name}' with {count}" if whole else f"from '{name}'"
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Add --yes to remove without being asked.")
        click.confirm(f"Remove {what}?", abort=True, err=True)
    gone = store.remove(name) if whole else 0
    gone += store.remove_entries(name, ids) if ids else 0
    gone += sum(store.remove_file(name, sha256) for sha256 in digests)
    tell(
        as_json,
        {"list": name, "removed": gone, "whole": whole},
        f"Removed {what}." if whole else f"Removed {entries_in_words(gone)} from '{name}'.",
    )


@lists.command("rebuild-index")
@json_option
@click.pass_obj
def rebuild_index(home: Path | None, as_json: bool) -> None:
    """Make the index of large lists anew. Never needed, unless a message asks for it."""
    store, _ = _open(home)
    count = store.rebuild_index()
    tell(as_json, {"entries": count}, f"The index is made anew, with {entries_in_words(count)}.")


lists.add_command(export_house)


def _open(home: Path | None) -> tuple[ListStore, Settings]:
    from perisai import settings
    from perisai.matching.lists import ListStore

    chosen = settings.load(home=home)
    return ListStore(chosen.home), chosen


def _sha256(text: str) -> str:
    if len(text) != 64 or not set(text.lower()) <= set("0123456789abcdef"):
        raise click.UsageError(f"'{text[:80]}' is no SHA-256 (64 hex digits).")
    return text.lower()
