"""What a hash list is, and what may stand on one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from perisai.errors import ListError
from perisai.matching.pdq import MIN_QUALITY, RADIUS
from perisai.terms import Label

if TYPE_CHECKING:
    from datetime import date

LIST_LABELS = (Label.LISTED, Label.ABUSE)

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
_LENGTH = {"pdq": 32, "sha256": 32, "md5": 16}


class Sharing(StrEnum):
    """Who may be handed a copy of the list."""

    NONE = "none"
    """Nobody: the list never leaves this installation."""
    PARTNERS = "partners"
    """Organisations that the list's terms name."""
    PUBLIC = "public"
    """Anyone."""


class Kind(IntEnum):
    """What an entry is a hash of, and how. The numbers are stored; never change one."""

    PDQ = 1
    """One picture: 32 bytes, PDQ."""
    SHA256 = 2
    """A whole file, byte for byte."""
    MD5 = 3
    """A whole file, byte for byte; what many existing lists carry."""
    CLIP = 4
    """A sequence of frames: the JSON text of a :class:`perisai.matching.clips.ClipSignature`."""

    @property
    def word(self) -> str:
        """The name used in files and messages."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Kind:
        """The kind that a word names. Raises :class:`ListError` for any other word."""
        for kind in cls:
            if kind.word == word:
                return kind
        known = ", ".join(kind.word for kind in cls)
        raise ListError(f"'{word}' is no kind of entry; use one of: {known}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on a list.

    ``value`` is the bare hash, or for a clip its JSON text in UTF-8. ``quality`` (0..100) goes with
    PDQ only. ``picture`` numbers the pictures of one addition from 0: all crop variants of a
    picture carry the same number, and ``variant`` says which one this is. ``file`` is the SHA-256
    (32 bytes) of the file that the entry was made from, or empty for a bare hash.
    """

    kind: Kind
    value: bytes
    quality: int | None = None
    variant: str = ""
    picture: int | None = None
    file: bytes = b""

    @property
    def text(self) -> str:
        """The value as files and screens show it: lower-case hex, or JSON for a clip."""
        return self.value.decode() if self.kind is Kind.CLIP else self.value.hex()


@dataclass(frozen=True, slots=True)
class HashList:
    """One list as it stands: where it comes from, what it means, what it allows.

    ``expires`` is the last day (UTC) on which it matches; None: until it is removed. ``created_at``
    is ISO 8601 in UTC. ``counts`` holds the number of entries for each kind.
    """

    name: str
    source: str
    label: Label
    licence: str
    sharing: Sharing
    expires: date | None
    created_at: str
    counts: dict[Kind, int]

    @property
    def count(self) -> int:
        """Entries of all kinds."""
        return sum(self.counts.values())

    def expired(self, today: date) -> bool:
        """Whether the list matches nothing any more on this day."""
        return self.expires is not None and today > self.expires


def check_name(name: str) -> str:
    """Return the name if it is safe in file names, addresses and logs; else ListError."""
    if not _NAME.fullmatch(name):
        raise ListError(
            f"'{name[:80]}' cannot be a list's name; use 1 to 64 of a-z, 0-9, '-', '_' and '.', "
            "beginning and ending with a letter or digit"
        )
    return name


def check_text(what: str, text: str) -> str:
    """Return a source or licence if it is one short printable line; else :class:`ListError`."""
    if len(text) > 500 or not text.isprintable():
        raise ListError(f"the list's {what} must be one printable line of at most 500 characters")
    return text


def check_label(label: str) -> Label:
    """Only a hash list may say ``listed`` or ``abuse``, and it may say nothing else."""
    if label not in LIST_LABELS:
        words = " or ".join(LIST_LABELS)
        raise ListError(f"'{label}' is not what a list can say; use {words}")
    return Label(label)


def fault(entry: Entry) -> str | None:
    """Why this entry must not stand on a list, or None if it may."""
    if entry.kind is Kind.CLIP:
        return None  # what makes entries of clips checks them
    wanted = _LENGTH[entry.kind.word]
    if len(entry.value) != wanted:
        return f"{entry.kind.word} must be {2 * wanted} hex digits"
    if entry.kind is Kind.PDQ:
        return _pdq_fault(entry.value, entry.quality)
    return None


def _pdq_fault(value: bytes, quality: int | None) -> str | None:
    if quality is not None and not 0 <= quality <= 100:
        return f"quality {quality} is not in 0..100"
    if quality is not None and quality < MIN_QUALITY:
        return f"quality {quality} is under {MIN_QUALITY}: too flat to tell pictures apart"
    if not tells_apart(value):
        return "it is nearly the hash of a flat picture, and would match every one of those"
    return None


def tells_apart(pdq: bytes) -> bool:
    """Whether a PDQ hash (32 bytes) is far enough from that of a flat picture."""
    # A flat picture's PDQ is all zeros, so a hash this near to it (or to its inverse) would match
    # every plain sticker there is. A real hash has about half of its bits set.
    return RADIUS < int.from_bytes(pdq).bit_count() < 256 - RADIUS
