"""Lists come in from files and go out to files, under the rule that the list carries."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perisai.errors import ListError
from perisai.matching.lists.clip_values import vpdq_from_clip
from perisai.matching.lists.formats import COLUMNS, FORMATS, JSON_VERSION, SIGNALS, ListFile
from perisai.matching.lists.model import Entry, HashList, Kind, Sharing
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from perisai.matching.lists.formats import Facts
    from perisai.matching.lists.store import ListStore

SHOWN_PROBLEMS = 20
_SIGNAL_NAMES = {kind: name for name, kind in SIGNALS.items()}
_EVERY = 4096  # lines between two reports of progress


@dataclass(slots=True)
class Imported:
    """What an import did: entries ``added``, ``known`` before, and lines ``skipped`` as bad.

    ``problems`` names the first 20 of the skipped lines, each as "file:line: what is wrong".
    """

    added: int = 0
    known: int = 0
    skipped: int = 0
    created: bool = False
    problems: list[str] = field(default_factory=list)


def import_file(
    store: ListStore,
    name: str,
    path: Path,
    form: str = "auto",
    *,
    kind: Kind | None = None,
    skip_bad: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Put the entries of a file on a list: all of them, or none and a :class:`ListError`.

    ``kind`` says what bare hashes are. ``skip_bad`` goes on over bad lines and counts them; without
    it the first one ends the import. ``progress`` is told bytes read and bytes in all. A JSON file
    brings its own description: the list is made from it if there is none of that name.
    """
    result = Imported()
    with path.open("rb") as file:
        source = ListFile(path, file, form, kind)
        if source.facts is not None:
            _check_fits(store, name, source.facts)

        def entries() -> Iterator[Entry]:
            for number, item in enumerate(source.entries()):
                if progress and number % _EVERY == 0:
                    progress(source.position, source.size)
                if isinstance(item, Entry):
                    yield item
                    continue
                if not skip_bad:
                    raise source.error(f"{item}. Nothing was imported")
                result.skipped += 1
                if len(result.problems) < SHOWN_PROBLEMS:
                    result.problems.append(f"{path}:{source.line}: {item}")

        done = store.add_checked(
            name,
            entries(),
            "import",
            lambda: {"file": path.name, "form": source.form, "skipped": result.skipped},
            source.facts.row() if source.facts else None,
        )
    if progress:
        progress(source.size, source.size)
    result.added, result.known, result.created = done.added, done.known, done.created
    return result


def _check_fits(store: ListStore, name: str, facts: Facts) -> None:
    """Joining two lists must neither change what an entry means nor loosen who may have it."""
    there = next((found for found in store.all() if found.name == name), None)
    if there is None:
        return
    if there.label is not facts.label:
        raise ListError(
            f"the file says '{facts.label}' and the list '{name}' says '{there.label}'; "
            "import it under another name"
        )
    order = list(Sharing)
    if order.index(facts.sharing) < order.index(there.sharing):
        raise ListError(
            f"the file may be shared with '{facts.sharing}' and the list '{name}' with "
            f"'{there.sharing}'; import it under another name"
        )


def check_export(found: HashList, *, share_abuse: bool) -> None:
    """Raise :class:`ListError` unless this list may leave this installation."""
    if found.sharing is Sharing.NONE:
        raise ListError(
            f"'{found.name}' may not be shared (sharing: none), and so is not exported. If its "
            f"source allows it: `perisai lists edit {found.name} --sharing partners`"
        )
    if found.label is Label.ABUSE and not share_abuse:
        raise ListError(
            f"'{found.name}' lists suspected child abuse. Such hashes never go into a public feed; "
            "only someone with a mandate may hand them to an authorised body, and says so with "
            "--i-am-authorised-to-share-abuse-hashes"
        )


def export_lines(
    store: ListStore, name: str, form: str, *, share_abuse: bool = False
) -> Iterator[str]:
    """The list as lines of text in one of :data:`formats.FORMATS`; logged as a hand-over.

    Raises :class:`ListError` if its sharing rule forbids that. Suspected abuse needs
    ``share_abuse`` as well, which stands for a person's explicit word.
    """
    if form not in FORMATS:
        raise ListError(f"'{form}' is not a format; use one of: {', '.join(FORMATS)}")
    found = store.get(name)
    check_export(found, share_abuse=share_abuse)
    store.log_export(name, {"form": form, "entries": found.count})
    entries = (entry for _, entry in store.entries(name))
    if form == "json":
        return _json_lines(found, entries)
    return _csv_lines(entries) if form == "csv" else _signal_lines(entries)


def _signal_lines(entries: Iterator[Entry]) -> Iterator[str]:
    for entry in entries:
        clip = entry.kind is Kind.CLIP
        yield f"{_SIGNAL_NAMES[entry.kind]} {vpdq_from_clip(entry.text) if clip else entry.text}\n"


def _csv_lines(entries: Iterator[Entry]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        row = (entry.quality, entry.variant, entry.picture, entry.file.hex())
        writer.writerow((entry.kind.word, entry.text, *row))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()  # the header of an empty list


def _json_lines(found: HashList, entries: Iterator[Entry]) -> Iterator[str]:
    facts = {
        "name": found.name,
        "source": found.source,
        "label": found.label,
        "licence": found.licence,
        "sharing": found.sharing,
        "expires": found.expires.isoformat() if found.expires else None,
        "created_at": found.created_at,
    }
    yield f'{{"perisai_list": {JSON_VERSION},\n'
    for key, value in facts.items():
        yield f'"{key}": {json.dumps(value, ensure_ascii=False)},\n'
    yield '"entries": ['
    before = "\n"
    for entry in entries:
        yield before + json.dumps(_json_entry(entry), ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def _json_entry(entry: Entry) -> dict[str, Any]:
    fields: dict[str, Any] = {"kind": entry.kind.word}
    fields["value"] = json.loads(entry.text) if entry.kind is Kind.CLIP else entry.text
    for key in ("quality", "variant", "picture"):
        value = getattr(entry, key)
        if value not in (None, ""):
            fields[key] = value
    if entry.file:
        fields["file"] = entry.file.hex()
    return fields
