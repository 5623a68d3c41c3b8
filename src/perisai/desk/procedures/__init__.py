"""What differs from country to country: holidays, laws, the words of letters. A file each."""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from perisai.desk.clocks.spans import Span
from perisai.errors import SettingsError
from perisai.settings import toml
from perisai.settings.kinds import Number, Section, Text, Whole
from perisai.settings.problems import first_problem

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = ("id", "en")
URGENCIES = ("ordinary", "urgent", "very-urgent")
"""How urgent a letter may be (*sifat*), mildest first."""

FILLED = {
    "date": "day month year",
    "weekday_date": "weekday day month year",
    "time": "hour minute zone",
    "from_until": "start end",
    "from": "start",
    "opening_none": "house case platform title",
    "opening_one": "house case platform title",
    "opening_many": "house case platform title count",
    "measure": "words day time band withheld count",
    "sample": "seen day time bands",
    "fingerprint": "sha256",
    "more": "count",
    "band": "band",
    "reply": "contact",
    "reply_by": "contact day",
    "page": "page pages",
    "invitation_title": "platform",
    "invitation_letter": "number case",
}
"""The words of letters into which something is filled, and what."""
PLAIN = (
    "draft",
    "draft_note",
    "number",
    "urgency",
    "attachments",
    "no_attachments",
    "subject",
    "subject_line",
    "to",
    "greeting",
    "invitation",
    "when_day",
    "when_time",
    "where",
    "online",
    "agenda",
    "basis",
    "findings",
    "questions",
    "documents",
    "withheld_link",
    "band_adult",
    "all_ages",
    "and",
    "closing",
    "farewell",
    "copies",
)
MAY_BE_EMPTY = ("farewell",)


class _Calendar(Section):
    country: Text
    zones: tuple[Text, ...] = ()


class _Pair(Section):
    id: Text
    en: Text


class Law(_Pair):
    """One law that letters are based on, in both languages, from the letters of ``year`` on."""

    year: Whole


class _Step(_Pair):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
    span: Text
    warn: Number = Field(0.75, gt=0, lt=1)
    source: Text


class _Names(Section):
    id: tuple[Text, ...]
    en: tuple[Text, ...]


class _Letters(Section):
    id: dict[str, str]
    en: dict[str, str]


class _File(Section):
    calendar: _Calendar
    months: _Names
    weekdays: _Names
    laws: tuple[Law, ...] = Field(min_length=1)
    urgency: dict[str, _Pair]
    steps: tuple[_Step, ...] = ()
    letter: _Letters


@dataclass(frozen=True)
class Step:
    """One step that the law gives a time: its key, its names, and where the time stands.

    ``warn`` is the share of the time, 0 to 1, after which its clock warns.
    """

    key: str
    names: dict[Language, str]
    span: Span
    warn: float
    source: str


@dataclass(frozen=True)
class Procedure:
    """A file that has been read and checked. ``country`` is that of the holidays (ISO 3166)."""

    country: str
    laws: tuple[Law, ...]
    months: dict[Language, tuple[str, ...]]
    weekdays: dict[Language, tuple[str, ...]]
    urgency: dict[str, dict[Language, str]]
    words: dict[Language, dict[str, str]]
    steps: dict[str, Step] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    """Time zones that are proposed for a meeting."""

    def basis(self, language: Language, year: int) -> tuple[str, ...]:
        """The laws that a letter of this year is based on."""
        return tuple(getattr(law, language) for law in self.laws if law.year <= year)


def shipped() -> tuple[str, ...]:
    """Names of the procedures that come with Perisai."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


@cache
def load(source: str) -> Procedure:
    """Read a procedure: a shipped name (``id``) or the path of a TOML file.

    Raises SettingsError; the message names file, line and key and says what to do.
    """
    if source in shipped():
        file = resources.files(__name__) / f"{source}.toml"
        document = toml.parse(file.read_text(encoding="utf-8"), file.name)
    else:
        document = toml.read(Path(source).expanduser())
    return _checked(document)


def _checked(document: toml.Document) -> Procedure:
    try:
        file = _File.model_validate(document.data)
    except ValidationError as error:
        raise document.problem(*first_problem(error, _File)) from error
    for language in LANGUAGES:
        for name, many in (("months", 12), ("weekdays", 7)):
            if len(getattr(getattr(file, name), language)) != many:
                raise document.problem((name, language), f"must be {many} names")
        _check_words(document, language, getattr(file.letter, language))
    if set(file.urgency) != set(URGENCIES):
        raise document.problem(("urgency",), f"must have the keys {', '.join(URGENCIES)}")
    return Procedure(
        file.calendar.country,
        file.laws,
        {"id": file.months.id, "en": file.months.en},
        {"id": file.weekdays.id, "en": file.weekdays.en},
        {name: {"id": each.id, "en": each.en} for name, each in file.urgency.items()},
        {"id": file.letter.id, "en": file.letter.en},
        _steps(document, file.steps),
        file.calendar.zones,
    )


def _steps(document: toml.Document, steps: tuple[_Step, ...]) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for number, each in enumerate(steps):
        if each.key in found:
            raise document.problem(("steps", number, "key"), "is there twice")
        try:
            span = Span.read(each.span)
        except SettingsError as error:
            raise document.problem(("steps", number, "span"), f"{error}") from error
        names: dict[Language, str] = {"id": each.id, "en": each.en}
        found[each.key] = Step(each.key, names, span, each.warn, each.source)
    return found


def _check_words(document: toml.Document, language: Language, words: dict[str, str]) -> None:
    place = ("letter", language)
    known = {*FILLED, *PLAIN}
    if missing := sorted(known - set(words)):
        raise document.problem(place, f"lacks the key {missing[0]!r}")
    for name, text in words.items():
        if name not in known:
            raise document.problem((*place, name), "is not a known key; take it out")
        if not text.strip() and name not in MAY_BE_EMPTY:
            raise document.problem((*place, name), "must not be empty")
        if problem := _fault(text, FILLED.get(name, "").split()):
            raise document.problem((*place, name), problem)


def _fault(text: str, names: list[str]) -> str:
    """What is wrong with the braces of a line; empty if nothing is."""
    samples: dict[str, int | str] = dict.fromkeys(names, "x")
    samples |= {name: 1 for name in ("hour", "minute", "page", "pages", "count") if name in names}
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        if unknown := [name for name in fields if name not in names]:
            raise KeyError(unknown[0])
        text.format_map(samples)
    except KeyError as error:
        return f"fills in {{{error.args[0]}}}; known here: {', '.join(names) or 'nothing'}"
    except (ValueError, IndexError, AttributeError) as error:
        return f"has braces that cannot be filled in ({error})"
    return ""
