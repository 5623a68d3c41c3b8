"""What is to be imported: a folder's files, or those that a CSV or JSON file describes."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from perisai.errors import TooLarge, UpstreamError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INDEX_NAMES = ("catalogue.csv", "catalogue.json")
_FIELDS = frozenset(
    {"file", "id", "title", "tags", "kind", "collection", "attribution", "licence", "source"}
)
_LONGEST = 300
"""Characters of a title or tag."""
_MOST_TAGS = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One file to import, and its words. ``name`` is its path within the folder."""

    path: Path
    name: str
    title: str
    tags: tuple[str, ...] = ()
    kind: Literal["gif", "sticker"] = "gif"
    collection: str = ""
    attribution: str = ""
    licence: str = ""
    source: str = ""
    id: str = ""

    def read(self, most: int) -> bytes:
        """Read the file; raises TooLarge over ``most`` bytes, OSError if it cannot be read."""
        with self.path.open("rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise TooLarge(f"The file is over {most:,} bytes, the limit.")
        return data


def listed_in(place: Path, collection: str = "") -> list[Listed]:
    """Return what a folder, a CSV or a JSON file names, in order.

    A folder with a ``catalogue.csv`` or ``catalogue.json`` in it is described by that file; of any
    other, every file not hidden is taken, and its name gives the title. Raises UpstreamError with
    file and line for a description that cannot be read.
    """
    if place.is_dir():
        for name in INDEX_NAMES:
            if (place / name).is_file():
                return listed_in(place / name, collection)
        return [_plain(file, place, collection) for file in _files(place)]
    if not place.is_file():
        raise UpstreamError(f"{place}: there is no such file or folder.")
    try:
        text = place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UpstreamError(f"{place}: cannot be read: {error}.") from error
    rows = _json_rows(place, text) if place.suffix == ".json" else _csv_rows(place, text)
    described: list[Listed] = []
    seen: set[tuple[str, str]] = set()
    for where, row in rows:
        listed = _described(place, where, row, collection)
        key = ("", listed.id) if listed.id else (listed.collection, listed.name)
        if key in seen:
            raise UpstreamError(f"{where}: {key[1]!r} is there already; give each its own id.")
        seen.add(key)
        described.append(listed)
    return described


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(parent) / name


def _plain(file: Path, folder: Path, collection: str) -> Listed:
    words = file.stem.replace("_", " ").replace("-", " ").split()
    name = file.relative_to(folder).as_posix()
    return Listed(file, name, " ".join(words)[:_LONGEST], tuple(words), collection=collection)


def _csv_rows(place: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(text.splitlines())
    _check_names(f"{place}:1", reader.fieldnames or ())
    try:
        for row in reader:
            yield f"{place}:{reader.line_num}", {k: v for k, v in row.items() if v}
    except csv.Error as error:
        raise UpstreamError(f"{place}:{reader.line_num}: is no CSV: {error}.") from error


def _json_rows(place: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise UpstreamError(f"{place}: is no JSON: {error}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UpstreamError(f"{place}: must hold a list of objects, one for each file.")
    for number, row in enumerate(rows, 1):
        _check_names(f"{place}: entry {number}", row)
        yield f"{place}: entry {number}", row


def _check_names(where: str, names: Any) -> None:  # noqa: ANN401 - any collection of keys
    if "file" not in names:
        raise UpstreamError(f"{where}: 'file' is missing; add it.")
    unknown = sorted(set(map(str, names)) - _FIELDS)
    if unknown:
        known = ", ".join(sorted(_FIELDS))
        raise UpstreamError(f"{where}: {unknown[0]!r} is not known; known are {known}.")


def _described(place: Path, where: str, row: Mapping[str, Any], collection: str) -> Listed:
    for name, value in row.items():
        if name != "tags" and not isinstance(value, str):
            raise UpstreamError(f"{where}: {name} must be text.")
    path = (place.parent / row["file"]).resolve() if row.get("file") else place.parent
    if not path.is_relative_to(place.parent.resolve()) or path == place.parent:
        raise UpstreamError(f"{where}: file must lie in the folder of {place.name}.")
    kind = row.get("kind") or "gif"
    if kind not in ("gif", "sticker"):
        raise UpstreamError(f"{where}: kind is {kind!r}; it must be gif or sticker.")
    return Listed(
        path,
        path.relative_to(place.parent.resolve()).as_posix(),
        (row.get("title") or path.stem)[:_LONGEST],
        _tags(where, row.get("tags") or ()),
        cast("Literal['gif', 'sticker']", kind),
        (row.get("collection") or collection)[:_LONGEST],
        row.get("attribution", ""),
        row.get("licence", ""),
        row.get("source", ""),
        row.get("id", ""),
    )


def _tags(where: str, value: Any) -> tuple[str, ...]:  # noqa: ANN401 - as it stands in the file
    if isinstance(value, str):
        value = value.replace(";", ",").split(",")
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
        raise UpstreamError(f"{where}: tags must be a list of texts, or text with commas.")
    tags = dict.fromkeys(each.strip()[:_LONGEST] for each in value)
    return tuple(tag for tag in tags if tag)[:_MOST_TAGS]
