"""What an officer wrote for a letter: read field by field, and refused where it cannot stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from perisai.desk.procedures import LANGUAGES, URGENCIES
from perisai.desk.summons.letters import plain
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.procedures import Language

LONGEST_TEXT = 4_000
LONGEST_LETTER = 20_000
"""Characters of all that was written, in one language: some eight pages."""
MOST_ITEMS = 30
MOST_LINES = 12
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
BESIDES = (
    "about", "attachments", "contact", "copies", "email", "online", "reply_by", "subject", "until",
    "urgency", "zone",
)  # fmt: skip
"""What a letter may hold besides what it must; Letter.of says what each is."""
_PARAGRAPHS = ("agenda", "place")
_LINES = ("about", "online", "subject", "attachments", "contact")
_ITEMS = ("questions", "documents", "copies")


def check(letter: Mapping[str, Any]) -> None:
    """Raise NotYet for what no letter could be made of; Letter.of says which fields there are."""
    for language in LANGUAGES:
        told = Told(letter, language)
        told.meeting(told.zone("UTC"))
        told.day("reply_by")
        told.urgency()
        told.email()
        told.lines("recipient")
        told.lines("address")
        texts = [told.paragraph(name) for name in (*_PARAGRAPHS, *_LINES)]
        texts += [each for name in _ITEMS for each in told.items(name)]
        if sum(map(len, texts)) > LONGEST_LETTER:
            raise NotYet(f"The letter is longer than {LONGEST_LETTER:,} characters; shorten it.")
        for name in ("recipient", "agenda", "place"):
            if not told.line(name):
                raise NotYet(f"The letter lacks: {name}.")
        for name in ("questions", "documents"):
            if not told.items(name):
                raise NotYet(f"The letter lacks: {name}.")


@dataclass(frozen=True, slots=True)
class Told:
    """What was written, in one language. Every look at it raises NotYet for what cannot be."""

    letter: Mapping[str, Any]
    language: Language

    def _value(self, name: str) -> object:
        value = self.letter.get(name)
        if isinstance(value, dict):
            value = value.get(self.language) or next(filter(None, value.values()), None)
        return value

    def own(self, name: str) -> str:
        """A text in this language; empty if there is one in the other only."""
        value = self.letter.get(name)
        there = not isinstance(value, dict) or value.get(self.language)
        return self.line(name) if there else ""

    def paragraph(self, name: str) -> str:
        """A text that may have several lines; empty if there is none."""
        value = self._value(name)
        return self._text(name, "" if value is None else str(value))

    def line(self, name: str) -> str:
        """A text as one line."""
        return " ".join(self.paragraph(name).split())

    def lines(self, name: str) -> tuple[str, ...]:
        """The lines of a text."""
        found = plain.lines(self.paragraph(name))
        if len(found) > MOST_LINES:
            raise NotYet(f"{name}: has more than {MOST_LINES} lines; write fewer.")
        return found

    def items(self, name: str) -> tuple[str, ...]:
        """The entries of a list; a single text is a list of one."""
        value = self._value(name)
        if value is None:
            return ()
        items = cast("list[object]", value) if isinstance(value, list | tuple) else [value]
        if len(items) > MOST_ITEMS:
            raise NotYet(f"{name}: more than {MOST_ITEMS}; leave some for the meeting.")
        return tuple(text for each in items if (text := self._text(name, str(each))))

    def _text(self, name: str, text: str) -> str:
        if len(text) > LONGEST_TEXT:
            raise NotYet(f"{name}: is longer than {LONGEST_TEXT:,} characters; shorten it.")
        return plain.paragraph(text)

    def zone(self, otherwise: str) -> ZoneInfo:
        """The time zone of the meeting."""
        try:
            return ZoneInfo(self.line("zone") or otherwise)
        except (OSError, ValueError, KeyError) as error:
            raise NotYet("The time zone is not known; write one like Asia/Makassar.") from error

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A time, in the zone of the meeting."""
        text = self.line(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
        except (ValueError, OverflowError) as error:
            raise NotYet(f"{name}: write day and time as in 2026-11-10T12:00.") from error

    def day(self, name: str) -> date | None:
        """A day."""
        text = self.line(name)
        try:
            return date.fromisoformat(text[:10]) if text else None
        except ValueError as error:
            raise NotYet(f"{name}: write the day as in 2026-11-10.") from error

    def meeting(self, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
        """When it begins and, if that is said, ends."""
        start, end = self.moment("at", zone), self.moment("until", zone)
        if start is None:
            raise NotYet("The letter lacks the day and time of the meeting.")
        if end is not None and end <= start:
            raise NotYet("The meeting ends before it begins; choose a later end.")
        return start, end

    def urgency(self) -> str:
        """How urgent it is: one of URGENCIES."""
        urgency = self.line("urgency") or URGENCIES[0]
        if urgency not in URGENCIES:
            raise NotYet(f"How urgent is the letter? One of: {', '.join(URGENCIES)}.")
        return urgency

    def email(self) -> str:
        """The receiver's address; empty if it is not known."""
        address = self.line("email")
        if address and not _ADDRESS.fullmatch(address):
            raise NotYet("Write the receiver's e-mail address as in office@example.id.")
        return address
