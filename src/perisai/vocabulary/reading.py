"""Read lexicon files: which words, of which class and weight, who answers for them, until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date  # noqa: TC003 - pydantic looks it up when it runs
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from perisai.errors import LexiconError
from perisai.settings import toml
from perisai.settings.problems import first_problem
from perisai.vocabulary.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from perisai.settings.toml import Document, Key


class TermClass(StrEnum):
    """What a word means for a search."""

    EXPLICIT = "explicit"
    """Asks for pornography. Blocks, written plainly."""
    AMBIGUOUS = "ambiguous"
    """Has an innocent meaning, too: results are filtered more strictly; several add up."""
    IDENTITY = "identity"
    """Who somebody is. Weighs nothing, ever."""
    HELP = "help"
    """Health, danger, distress: weighs nothing, and a help card is shown."""


WEIGHS = {TermClass.EXPLICIT: (0.8, 1.0), TermClass.AMBIGUOUS: (0.1, 0.6)}
"""Least and greatest weight of a class. The other classes weigh nothing."""

CARDS = ("body", "concern", "danger", "distress", "pregnancy")
"""The help cards there are; lexicon/cards.toml holds what they say."""

Words = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Term(_Table):
    text: Words
    spellings: tuple[Words, ...] = ()
    allow: tuple[Words, ...] = ()
    inside: bool | None = None
    joined: bool = True
    reversed: bool = True
    leet: bool = True
    typos: bool = True
    endings: bool | None = None


class _Group(_Table):
    kind: TermClass = Field(alias="class")
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    owner: Words
    reason: Words
    review: date
    card: Words | None = None
    inside: bool = False
    endings: bool = True
    terms: tuple[_Term, ...] = Field(min_length=1)

    @field_validator("terms", mode="before")
    @classmethod
    def _bare_words(cls, value: object) -> object:
        """A bare word is short for a table with nothing but that word."""
        if not isinstance(value, list):
            return value
        return [{"text": each} if isinstance(each, str) else each for each in value]


class _File(_Table):
    language: Words
    glue: tuple[Words, ...] = ()
    group: tuple[_Group, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the lexicon.

    ``text`` is the word or phrase in folded letters and ``spellings`` further ways to write it.
    ``allow`` are innocent phrases that contain it. ``weight`` lies in 0..1. The switches say which
    disguises are looked through: ``inside`` longer words, ``joined`` pieces, ``reversed`` letters,
    ``leet`` digits for letters, ``typos`` (swapped and missing letters), grammatical ``endings``.
    """

    text: str
    kind: TermClass
    weight: float
    language: str
    owner: str
    reason: str
    review: date
    card: str | None
    spellings: tuple[str, ...]
    allow: tuple[str, ...]
    inside: bool
    joined: bool
    reversed: bool
    leet: bool
    typos: bool
    endings: bool


@dataclass(frozen=True)
class Lexicon:
    """All terms, and the ``glue``: harmless words that people write together with others."""

    terms: tuple[Term, ...]
    glue: frozenset[str]


def plain_words(text: str) -> str:
    """Write a term as it is compared: folded, single spaces, emoji apart, no signs."""
    return " ".join(re.findall(r"[a-z0-9]+|[^\x00-\x7f]", fold(text)[0].replace("'", "")))


def read_lexicon(files: Iterable[Path | Traversable]) -> Lexicon:
    """Read several files as one lexicon.

    Raises LexiconError with file, line and key: for what is no TOML or not of the form, for a term
    that stands twice (also in another file), and for one that would let an identity word block.
    """
    seen: dict[str, str] = {}
    read = [_read(file) for file in files]
    places = [place for document, file in read for place in _places(document, file)]
    for each in places:
        each.check(seen)
    identity = [each.text for each in places if each.group.kind is TermClass.IDENTITY]
    for each in places:
        each.check_identity(identity)
    glue = {plain_words(word) for _, file in read for word in file.glue}
    return Lexicon(tuple(each.term() for each in places), frozenset(glue))


def _read(file: Path | Traversable) -> tuple[Document, _File]:
    document = toml.parse(_text(file), str(file), LexiconError)
    try:
        return document, _File.model_validate(document.data)
    except ValidationError as error:
        raise document.problem(*first_problem(error, _File)) from error


def _text(file: Path | Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as reason:
        why = reason.strerror or str(reason)
        raise LexiconError(f"{file}: cannot be read ({why}); check the path") from reason
    except UnicodeDecodeError as reason:
        raise LexiconError(f"{file}: is not UTF-8 text; save the file as UTF-8") from reason


def _places(document: Document, file: _File) -> Iterator[_Place]:
    for number, group in enumerate(file.group):
        _check_group(document, ("group", number), group)
        for position, entry in enumerate(group.terms):
            key: Key = ("group", number, "terms", position)
            yield _Place(document, file.language, group, entry, key)


def _check_group(document: Document, key: Key, group: _Group) -> None:
    low, high = WEIGHS.get(group.kind, (0.0, 0.0))
    if not low <= group.weight <= high:
        need = f"from {low} to {high}" if high else "0: these words never count towards a block"
        raise document.problem((*key, "weight"), f"must be {need} for class '{group.kind}'")
    if group.kind is TermClass.HELP and group.card is None:
        raise document.problem(key, f"needs a card, one of {', '.join(CARDS)}")
    if group.card is not None and group.card not in CARDS:
        raise document.problem((*key, "card"), f"must be one of {', '.join(CARDS)}")


@dataclass(frozen=True)
class _Place:
    """A term and where it stands, until everything about it is checked."""

    document: Document
    language: str
    group: _Group
    entry: _Term
    key: Key

    @property
    def text(self) -> str:
        return plain_words(self.entry.text)

    def check(self, seen: dict[str, str]) -> None:
        """Every writing must say something and must be the only one of its kind."""
        for written in (self.entry.text, *self.entry.spellings):
            plain = plain_words(written)
            if not plain:
                raise self.document.problem(self.key, f"{written!r} holds no letter; remove it")
            if plain in seen:
                raise self.document.problem(
                    self.key, f"{written!r} stands in {seen[plain]} already; remove one of them"
                )
            seen[plain] = f"{self.document.name}:{self.document.line(self.key)}"
        for phrase in self.entry.allow:
            if not plain_words(phrase):
                raise self.document.problem(self.key, f"allow: {phrase!r} holds no letter")

    def check_identity(self, identity: list[str]) -> None:
        """A phrase around an identity word would block people for who they are."""
        if self.group.kind not in WEIGHS:
            return
        for written in (self.entry.text, *self.entry.spellings):
            padded = f" {plain_words(written)} "
            for word in identity:
                if f" {word} " in padded:
                    raise self.document.problem(
                        self.key,
                        f"{written!r} contains the identity word {word!r}, which never counts; "
                        "class what stands beside it instead",
                    )

    def term(self) -> Term:
        """The entry with what its group says."""
        group, entry = self.group, self.entry
        own: dict[str, Any] = {
            name: getattr(entry, name) for name in ("joined", "reversed", "leet", "typos")
        }
        return Term(
            text=self.text,
            kind=group.kind,
            weight=group.weight,
            language=self.language,
            owner=group.owner,
            reason=group.reason,
            review=group.review,
            card=group.card,
            spellings=tuple(map(plain_words, entry.spellings)),
            allow=tuple(map(plain_words, entry.allow)),
            inside=group.inside if entry.inside is None else entry.inside,
            endings=group.endings if entry.endings is None else entry.endings,
            **own,
        )
