"""Hash lists as files: python-threatexchange's local file, CSV, and JSON (docs/lists.md).

Readers stream: they hold one line, or one JSON value, at a time. What they cannot use they report
with its line, and whoever reads decides whether to go on.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from perisai.errors import ListError, MatchingError
from perisai.matching.lists.clip_values import canonical_clip, clip_from_vpdq
from perisai.matching.lists.json_stream import JsonStream
from perisai.matching.lists.model import Entry, Kind, Sharing, check_label, check_text, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from perisai.terms import Label

FORMATS = ("threatexchange", "csv", "json")
COLUMNS = ("kind", "value", "quality", "variant", "picture", "file")
MAX_LINE = 4 << 20
"""Longest line or JSON value read, in characters: a clip of 50,000 frames."""
JSON_VERSION = 1

# python-threatexchange's names for signal types. It has none for SHA-256; that one is ours.
SIGNALS = {"pdq": Kind.PDQ, "video_md5": Kind.MD5, "sha256": Kind.SHA256, "vpdq": Kind.CLIP}
HEX_DIGITS = {Kind.PDQ: 64, Kind.SHA256: 64, Kind.MD5: 32}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a JSON file says about its list."""

    name: str
    source: str
    label: Label
    licence: str
    sharing: Sharing
    expires: date | None
    created_at: str

    def row(self) -> dict[str, str | None]:
        """The same as plain text."""
        return {
            "name": self.name,
            "source": check_text("source", self.source),
            "label": self.label.value,
            "licence": check_text("licence", self.licence),
            "sharing": self.sharing.value,
            "expires": self.expires.isoformat() if self.expires else None,
            "created_at": self.created_at,
        }


class ListFile:
    """A list in a file, read from the beginning to the end, once.

    :meth:`entries` yields what it reads: an :class:`Entry`, or a sentence that says what is wrong
    with line :attr:`line`. ``position`` and ``size`` are in bytes.
    """

    def __init__(self, path: Path, file: BinaryIO, form: str, kind: Kind | None = None) -> None:
        """``form`` "auto" looks at the first line; ``kind`` is that of bare hashes.

        Raises :class:`ListError` where the beginning is not of that form.
        """
        self.path = path
        self.size = path.stat().st_size
        self.kind = kind
        self.facts: Facts | None = None
        self._file = file
        self._line = 0
        first = file.readline(MAX_LINE)
        file.seek(0)
        self.form = _sniff(first) if form == "auto" else form
        if self.form not in FORMATS:
            raise ListError(f"'{form}' is not a format; use one of: {', '.join(FORMATS)}")
        self._json = JsonStream(path, file, MAX_LINE)
        if self.form == "json":
            self.facts = self._json_head()

    @property
    def line(self) -> int:
        """Where the reader stands, from 1."""
        return self._json.line if self.form == "json" else self._line

    @property
    def position(self) -> int:
        """How many bytes were read."""
        return self._json.position if self.form == "json" else self._file.tell()

    def entries(self) -> Iterator[Entry | str]:
        """Everything in the file, in order. Raises :class:`ListError` where it cannot go on."""
        if self.form == "json":
            return self._json_entries()
        return self._csv_entries() if self.form == "csv" else self._signals()

    def error(self, problem: str) -> ListError:
        """Name file and line in front of what is wrong there."""
        return ListError(f"{self.path}:{self.line}: {problem}")

    def _lines(self) -> Iterator[str]:
        encoding = "utf-8-sig"  # spreadsheets put a byte order mark in front
        while raw := self._file.readline(MAX_LINE):
            self._line += 1
            if len(raw) == MAX_LINE:
                raise self.error(f"longer than {MAX_LINE >> 20} MB: this is not a list of hashes")
            yield raw.decode(encoding, "replace")
            encoding = "utf-8"

    # The local file of python-threatexchange (exchanges/impl/file_api.py): one signal per line,
    # behind its type and a space, or bare where the type was given.

    def _signals(self) -> Iterator[Entry | str]:
        for text in self._lines():
            signal = text.strip()
            if not signal:
                continue
            word, _, value = signal.partition(" ")
            kind = SIGNALS.get(word)
            if kind is None and self.kind is not None:
                kind, value = self.kind, signal
            if kind is None:
                yield (
                    f"'{word[:40]}' is not a signal type that is matched here "
                    f"({', '.join(SIGNALS)}); for bare hashes give their kind"
                )
            elif kind is Kind.CLIP:
                yield _clip(clip_from_vpdq, value, b"")
            else:
                yield _hash(kind, value)

    # CSV: a header names the columns; kind and value must be there.

    def _csv_entries(self) -> Iterator[Entry | str]:
        csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))
        reader = csv.reader(self._lines(), strict=True)
        header = self._csv_header(reader)
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                yield f"not CSV: {error}"
                continue
            if row is None:
                return
            if not row:
                continue
            if len(row) != len(header):
                yield f"{len(row)} fields under {len(header)} columns"
                continue
            yield _entry({k: v for k, v in zip(header, row, strict=True) if v != ""})

    def _csv_header(self, reader: Iterator[list[str]]) -> list[str]:
        try:
            header = [column.strip().lower() for column in next(reader, [])]
        except csv.Error as error:
            raise self.error(f"not CSV: {error}") from error
        unknown = [column for column in header if column not in COLUMNS]
        whole = "kind" in header and "value" in header and len(set(header)) == len(header)
        if whole and not unknown:
            return header
        what = f"column '{unknown[0][:40]}' is not known" if whole else "the header is not whole"
        raise self.error(
            f"{what}; the first line must name columns, each once, of: {', '.join(COLUMNS)} "
            "(kind and value always)"
        )

    # JSON: the facts first and the entries last, so that it can be read as a stream.

    def _json_head(self) -> Facts:
        stream = self._json
        stream.take("{")
        found: dict[str, Any] = {}
        while True:
            key = str(stream.value())
            stream.take(":")
            if key == "entries":
                break
            found[key] = stream.value()
            stream.take(",", "'entries' is missing; it must be the last key")
        stream.take("[")
        if found.pop("perisai_list", None) != JSON_VERSION:
            raise self.error(f"not a list for this Perisai: perisai_list must be {JSON_VERSION}")
        try:
            return _facts(found)
        except (TypeError, ValueError, ListError) as error:
            raise self.error(f"the list's description is not whole: {error}") from error

    def _json_entries(self) -> Iterator[Entry | str]:
        stream = self._json
        if stream.peek() != "]":
            while True:
                value = stream.value()
                yield _entry(value) if isinstance(value, dict) else "an entry must be an object"
                if stream.peek() != ",":
                    break
                stream.take(",")
        stream.take("]", "expected a comma or the end of 'entries'")
        stream.take("}", "'entries' must be the last key")
        if stream.peek():
            raise self.error("there is something behind the end of the list")


def _sniff(first: bytes) -> str:
    text = first.decode("utf-8-sig", "replace").strip()
    if text.startswith("{"):
        return "json"
    columns = {column.strip(' "').lower() for column in text.split(",")}
    return "csv" if {"kind", "value"} <= columns else "threatexchange"


def _facts(found: dict[str, Any]) -> Facts:
    expires = found.pop("expires", None)
    facts = Facts(
        **{key: str(value) for key, value in found.items() if key not in ("label", "sharing")},
        label=check_label(str(found.get("label"))),
        sharing=Sharing(str(found.get("sharing"))),
        expires=None if expires is None else date.fromisoformat(expires),
    )
    datetime.fromisoformat(facts.created_at)
    return facts


def _entry(fields: Mapping[str, Any]) -> Entry | str:
    """Make an entry of named values: text as in CSV, or numbers and objects as in JSON."""
    if unknown := fields.keys() - set(COLUMNS):
        return f"'{min(map(str, unknown))[:40]}' is not known here"
    try:
        kind, value = Kind.of(str(fields["kind"])), fields["value"]
        quality, picture = _number(fields, "quality"), _number(fields, "picture")
        file = bytes.fromhex(str(fields.get("file", "")))
    except KeyError as error:
        return f"{str(error).strip(chr(39))} is missing"
    except (ListError, ValueError) as error:
        return str(error)
    variant = str(fields.get("variant", ""))
    if len(file) not in (0, 32):
        return "file must be a SHA-256 (64 hex digits)"
    if len(variant) > 80 or not variant.isprintable():
        return "variant must be a printable phrase of at most 80 characters"
    if picture is not None and not 0 <= picture < 2**40:
        return f"picture {picture} is out of range; number pictures from 0"
    if kind is not Kind.CLIP:
        return _hash(kind, str(value), quality, variant, picture, file)
    return _clip(canonical_clip, value if isinstance(value, str) else json.dumps(value), file)


def _number(fields: Mapping[str, Any], key: str) -> int | None:
    value = fields.get(key)
    if value is None:
        return None
    text = str(value)  # so that 1.0, true and 1e9 are refused, as text and as JSON
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ValueError(f"{key} '{text[:40]}' is not a whole number from 0")
    return int(text)


def _hash(
    kind: Kind,
    text: str,
    quality: int | None = None,
    variant: str = "",
    picture: int | None = None,
    file: bytes = b"",
) -> Entry | str:
    try:
        value = bytes.fromhex(text) if len(text) == HEX_DIGITS[kind] else b""
    except ValueError:
        value = b""
    entry = Entry(kind, value, quality, variant, picture, file)
    return fault(entry) or entry


def _clip(read: Callable[[str], str], text: str, file: bytes) -> Entry | str:
    try:
        return Entry(Kind.CLIP, read(text).encode(), file=file)
    except MatchingError as error:
        return str(error)
