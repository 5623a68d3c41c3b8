"""What can be kept in every kind of database, checked before any of them sees it.

PostgreSQL takes no NUL in a text and no index entry over 2.7 KB, SQLite takes both, and neither
takes half a surrogate pair: names from strangers must not work in one and fail in the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar, cast

from perisai.errors import StorageError
from perisai.terms import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NAME = 500
"""Characters of a text that is looked up by; at most 2,000 bytes."""

NAMES = frozenset(
    {
        "upstream",
        "item",
        "rendition",
        "key",
        "name",
        "digest",
        "client",
        "idempotency",
        "id",
        "event",
    }
)
_DIGESTS = {"Made": ("sha256", "source")}
_MAY_LACK_BYTES = frozenset({"Approval", "ItemReport", "Upload", "Outcome"})
Record = TypeVar("Record")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LARGEST = 2**63
_fields_of: dict[type, tuple[str, ...]] = {}


def checked(record: Record) -> Record:
    """Return the record, or raise StorageError that says which field cannot be kept and why."""
    kind = type(record).__name__
    for name in _names(record):
        value = getattr(record, name)
        if name in _DIGESTS.get(kind, ("sha256",)):
            if not (value == "" and kind in _MAY_LACK_BYTES):
                check_sha256(value)
        else:
            _check(f"{kind}.{name}", value, name in NAMES)
    return record


def check_sha256(text: str) -> None:
    """Raise StorageError unless the text is 64 lower-case hexadecimal digits."""
    if not _SHA256.fullmatch(text):
        raise StorageError(
            f"{text[:80]!r} is no SHA-256: it needs 64 lower-case hexadecimal digits"
        )


def findable(names: Iterable[str]) -> list[str]:
    """The names that could be kept at all, each once: the others cannot be found either."""
    return [name for name in dict.fromkeys(names) if not _wrong(name, is_name=True)]


def _names(record: object) -> tuple[str, ...]:
    kind = type(record)
    if kind not in _fields_of:
        _fields_of[kind] = tuple(field.name for field in fields(cast("Finding", record)))
    return _fields_of[kind]


def _check(place: str, value: object, is_name: bool) -> None:
    wrong = ""
    if isinstance(value, str):
        wrong = _wrong(value, is_name=is_name)
    elif isinstance(value, datetime):
        wrong = "" if value.tzinfo else "has no time zone"
    elif isinstance(value, int):
        wrong = "" if -_LARGEST <= value < _LARGEST else "has more than 63 bits"
    elif value is not None and not isinstance(value, (float, date)):
        _check_each(place, value, is_name)
    if wrong:
        raise StorageError(f"{place} {wrong}: it cannot be kept")


def _check_each(place: str, value: object, is_name: bool) -> None:
    """Check what a value holds: findings, texts, labels."""
    if isinstance(value, Finding):
        for name in _names(value):
            _check(f"{place}.{name}", getattr(value, name), is_name=False)
    elif isinstance(value, (tuple, frozenset)):
        for each in value:
            _check(place, each, is_name)
    elif isinstance(value, Mapping):
        _check(place, " ".join(f"{key} {text}" for key, text in value.items()), is_name=True)
    else:
        raise StorageError(f"{place} is a {type(value).__name__}: it cannot be kept")


def _wrong(text: str, *, is_name: bool) -> str:
    if "\0" in text:
        return "holds a NUL"
    if is_name and len(text) > LONGEST_NAME:
        return f"has {len(text)} characters, more than {LONGEST_NAME}"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds half a surrogate pair"
    return ""
