"""What is to be imported: a place's files, or those that a CSV or JSON file describes."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, cast

from perisai.errors import PerisaiError, UpstreamError
from perisai.gateway.catalogue.places import FolderPlace, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from perisai.gateway.catalogue.places import Place
    from perisai.settings import Settings

INDEX_NAMES = ("catalogue.csv", "catalogue.json")
_FIELDS = frozenset(
    {"file", "id", "title", "tags", "kind", "collection", "attribution", "licence", "source"}
)
_LONGEST = 300
"""Characters of a title or tag."""
_MOST_TAGS = 50
_LARGEST = 256 * 1024 * 1024
"""Bytes of a description: some million entries."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file to import, and its words. ``name`` is its path within the place."""

    place: Place
    name: str
    title: str
    tags: tuple[str, ...] = ()
    kind: Literal["gif", "sticker"] = "gif"
    collection: str = ""
    attribution: str = ""
    licence: str = ""
    source: str = ""
    id: str = ""

    @property
    def path(self) -> PurePosixPath:
        """The name, taken apart."""
        return PurePosixPath(self.name)

    def read(self, most: int) -> bytes:
        """Read the file; TooLarge over ``most`` bytes, OSError or StorageError if it fails."""
        return self.place.read(self.name, most)


def listed_in(place: Path, collection: str = "") -> list[Listed]:
    """Return what a folder, a CSV or a JSON file names, in order.

    A folder with a ``catalogue.csv`` or ``catalogue.json`` in it is described by that file; of any
    other, every file not hidden is taken, and its name gives the title. Raises UpstreamError with
    file and line for a description that cannot be read.
    """
    if place.is_dir():
        return _listed(FolderPlace(place), "", collection)
    if not place.is_file():
        raise UpstreamError(f"{place}: there is no such file or folder.")
    return _listed(FolderPlace(place.parent), place.name, collection)


def listed_in_bucket(settings: Settings, address: str, collection: str = "") -> list[Listed]:
    """Do the same under ``s3://BUCKET/PREFIX``, or for the description that this ends in.

    Endpoint and region are those of the settings. Raises also StorageError if the bucket cannot be
    read, and SettingsError if its package is missing.
    """
    try:
        place, described_by = place_of(settings, address)
    except ValueError as error:
        raise UpstreamError(f"{address}: {error}.") from error
    return _listed(place, described_by, collection)


def _listed(place: Place, described_by: str, collection: str) -> list[Listed]:
    index = described_by or next((name for name in INDEX_NAMES if place.has(name)), "")
    if not index:
        return [_plain(place, name, collection) for name in place.names()]
    told = f"{place}/{index}"
    try:
        text = place.read(index, _LARGEST).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError, PerisaiError) as error:
        raise UpstreamError(f"{told}: cannot be read: {error}.") from error
    rows = _json_rows(told, text) if index.endswith(".json") else _csv_rows(told, text)
    described: list[Listed] = []
    seen: set[tuple[str, str]] = set()
    for where, row in rows:
        listed = _described(place, index, where, row, collection)
        key = ("", listed.id) if listed.id else (listed.collection, listed.name)
        if key in seen:
            raise UpstreamError(f"{where}: {key[1]!r} is there already; give each its own id.")
        seen.add(key)
        described.append(listed)
    return described


def _plain(place: Place, name: str, collection: str) -> Listed:
    words = PurePosixPath(name).stem.replace("_", " ").replace("-", " ").split()
    return Listed(place, name, " ".join(words)[:_LONGEST], tuple(words), collection=collection)


def _csv_rows(place: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.DictReader(text.splitlines())
    _check_names(f"{place}:1", reader.fieldnames or ())
    try:
        for row in reader:
            yield f"{place}:{reader.line_num}", {k: v for k, v in row.items() if v}
    except csv.Error as error:
        raise UpstreamError(f"{place}:{reader.line_num}: is no CSV: {error}.") from error


def _json_rows(place: str, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
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


def _described(
    place: Place, index: str, where: str, row: Mapping[str, Any], collection: str
) -> Listed:
    for key, value in row.items():
        if key != "tags" and not isinstance(value, str):
            raise UpstreamError(f"{where}: {key} must be text.")
    name = place.inside(row["file"]) if row.get("file") else ""
    if not name:
        raise UpstreamError(f"{where}: file must lie in the folder of {index}.")
    kind = row.get("kind") or "gif"
    if kind not in ("gif", "sticker"):
        raise UpstreamError(f"{where}: kind is {kind!r}; it must be gif or sticker.")
    return Listed(
        place,
        name,
        (row.get("title") or PurePosixPath(name).stem)[:_LONGEST],
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
