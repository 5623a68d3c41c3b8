"""What ``perisai lists`` prints and writes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perisai.screening.names import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from perisai.errors import MediaError
    from perisai.matching.lists import Added, HashList, ListStore
    from perisai.screening.fingerprint import Fingerprint


def facts(found: HashList) -> dict[str, Any]:
    """What is known of a list, for programs."""
    return {
        "name": found.name,
        "label": found.label,
        "source": found.source,
        "licence": found.licence,
        "sharing": found.sharing,
        "expires": found.expires.isoformat() if found.expires else None,
        "expired": found.expired(datetime.now(UTC).date()),
        "created_at": found.created_at,
        "counts": {kind.word: count for kind, count in found.counts.items()},
    }


def described(found: HashList) -> str:
    """The same in two lines for people."""
    counts = ", ".join(f"{n} {kind.word}" for kind, n in found.counts.items() if n) or "empty"
    until = f"until {found.expires}" if found.expires else "without end"
    if found.expired(datetime.now(UTC).date()):
        until = (
            f"EXPIRED on {found.expires}: it matches nothing "
            f"(renew: perisai lists edit {found.name} --expires DATE)"
        )
    licence = f", licence: {found.licence}" if found.licence else ""
    return (
        f"{found.name}: {found.label}, {counts}, {until}\n"
        f"    source: {found.source}{licence}, sharing: {found.sharing}"
    )


def show_entries(store: ListStore, name: str, *, as_json: bool) -> None:
    """Without the hashes: to look is not to export."""
    for number, entry in store.entries(name):
        fields: dict[str, Any] = {
            "entry": number,
            "kind": entry.kind.word,
            "picture": entry.picture,
            "variant": entry.variant,
            "quality": entry.quality,
            "file": entry.file.hex()[:12],
        }
        said = (f"{key} {value}" for key, value in fields.items() if value not in (None, ""))
        tell(as_json, fields, "  ".join(said))


def write_whole(file: Path, lines: Iterator[str]) -> None:
    """Whole or not at all, and for nobody else's eyes."""
    handle, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=".export-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.writelines(lines)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def tell(as_json: bool, record: dict[str, Any], text: str) -> None:
    """Print one line: JSON for programs, or text for people."""
    if as_json:
        click.echo(json.dumps(record))
    elif text:
        click.echo(text)


def tell_added(as_json: bool, name: str, path: Path, prints: Fingerprint, done: Added) -> None:
    """Say what of a file is on the list now."""
    pictures = len(prints.pictures)
    flat = f"; {prints.unhashable} too flat to hash" if prints.unhashable else ""
    tell(
        as_json,
        {
            "file": str(path),
            "list": name,
            "sha256": prints.sha256,
            "pictures": pictures,
            "unhashable": prints.unhashable,
            "clip": prints.clip is not None,
            "added": done.added,
            "known": done.known,
            "error": None,
        },
        f"{printable(str(path))}: {in_words(pictures, 'picture')}{flat}; "
        f"{in_words(done.added, 'new entry', 'new entries')}.",
    )


def tell_failed(as_json: bool, name: str, path: Path, error: MediaError) -> None:
    """Say why nothing of a file is on the list; to people in any case."""
    problem = {"code": error.code, "message": str(error)}
    tell(as_json, {"file": str(path), "list": name, "error": problem}, "")
    click.echo(f"Error: {printable(str(path))}: {error}", err=True)


def entries_in_words(count: int) -> str:
    """So many entries."""
    return in_words(count, "entry", "entries")


def in_words(count: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{count} {one if count == 1 else many or one + 's'}"


@contextmanager
def progress(what: str, total: int, *, in_bytes: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress as bars
    from rich.console import Console

    amount = (
        (bars.DownloadColumn(), bars.TransferSpeedColumn())
        if in_bytes
        else (bars.MofNCompleteColumn(),)
    )
    columns = (bars.TextColumn(what), bars.BarColumn(), *amount, bars.TimeRemainingColumn())
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
