"""What a letter of invitation says, before it is laid out as PDF, document or calendar entry."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from perisai.desk import procedures
from perisai.desk.summons.letters import findings, plain
from perisai.desk.summons.letters.dates import Dates
from perisai.errors import NotYet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.cases.state import Case, Summons
    from perisai.desk.procedures import Language
    from perisai.settings import DeskSection

LONGEST_TEXT = 4_000
MOST_ITEMS = 30
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language. The same letter gives the same files, byte for byte.

    ``written`` is when it was agreed to, or drafted as long as it is a draft; ``zone`` is that of
    the meeting. ``findings`` are texts, of which one may have two lines.
    """

    language: Language
    procedure: str
    house: str
    letterhead: tuple[str, ...]
    city: str
    zone: str
    written: datetime
    draft: bool
    case: str
    summons: str
    platform: str
    title: str
    complaints: int
    number: str
    urgency: str
    attachments: str
    subject: str
    recipient: tuple[str, ...]
    basis: tuple[str, ...]
    findings: tuple[str, ...]
    agenda: str
    questions: tuple[str, ...]
    documents: tuple[str, ...]
    place: str
    online: str
    start: datetime
    end: datetime | None
    reply_by: date | None
    contact: str
    email: str
    guest: str
    signer_name: str
    signer_title: str
    copies: tuple[str, ...]

    @classmethod
    def of(cls, house: DeskSection, case: Case, summons: Summons, language: Language) -> Letter:
        """Build the letter from the house's settings and the facts of the case.

        ``summons.letter`` has ``recipient``, ``address``, ``agenda``, ``questions``, ``documents``,
        ``place`` and ``at`` (ISO 8601; without a zone, that of the house) and may have ``until``,
        ``zone``, ``online``, ``urgency``, ``attachments``, ``subject``, ``copies``, ``contact``,
        ``email`` (of the receiver) and ``reply_by`` (a day). A text or list may be one for each
        language, as ``{"id": ..., "en": ...}``.

        Findings are those of the day on which it was drafted, so that what was agreed to is what
        is sent. Raises NotYet for what is missing, too long or cannot be read, and SettingsError.
        """
        told = _Told(summons.letter, language)
        procedure = procedures.load(house.procedure)
        zone = told.zone(house.zone)
        start, end = told.moment("at", zone), told.moment("until", zone)
        if start is None:
            raise NotYet("The letter lacks the day and time of the meeting.")
        if end is not None and end <= start:
            raise NotYet("The meeting ends before it begins; choose a later end.")
        written = (summons.approved or summons.drafted).astimezone(ZoneInfo(house.zone))
        words = procedure.words[language]
        dates = Dates(procedure, language, ZoneInfo(house.zone))
        urgency = told.line("urgency") or "ordinary"
        if urgency not in procedure.urgency:
            raise NotYet(f"How urgent the letter is: {', '.join(procedure.urgency)}.")
        return cls(
            language=language,
            procedure=house.procedure,
            house=plain.line(house.name),
            letterhead=tuple(map(plain.line, house.letterhead)),
            city=plain.line(house.city),
            zone=zone.key,
            written=written,
            draft=not summons.approved_by,
            case=case.id,
            summons=summons.id,
            platform=plain.line(case.platform),
            title=_sentence(case.title),
            complaints=len(case.complaints),
            number=plain.line(summons.number),
            urgency=procedure.urgency[urgency][language],
            attachments=told.line("attachments"),
            subject=told.line("subject") or words["subject_line"],
            recipient=told.lines("recipient") + told.lines("address"),
            basis=procedure.basis(language, written.year),
            findings=findings.told(case, summons.drafted, words, dates),
            agenda=told.paragraph("agenda"),
            questions=told.items("questions"),
            documents=told.items("documents"),
            place=told.paragraph("place"),
            online=told.line("online"),
            start=start,
            end=end,
            reply_by=told.day("reply_by"),
            contact=told.line("contact") or plain.line(house.contact),
            email=house.email,
            guest=told.line("email"),
            signer_name=plain.line(house.signer_name),
            signer_title=plain.line(house.signer_title),
            copies=told.items("copies") or tuple(map(plain.line, house.copies)),
        )

    def data(self) -> dict[str, Any]:
        """Everything as plain JSON, to be kept: :meth:`read` gives the same letter again."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Letter:
        """The letter that :meth:`data` was made from."""
        made: dict[str, Any] = {each.name: data[each.name] for each in fields(cls)}
        for name, value in made.items():
            if isinstance(value, list):
                made[name] = tuple(value)
            elif value is not None and name in ("written", "start", "end"):
                made[name] = datetime.fromisoformat(value)
        if made["reply_by"] is not None:
            made["reply_by"] = date.fromisoformat(made["reply_by"])
        return cls(**made)


def _sentence(text: str) -> str:
    """A title that fits into a sentence, without a stop of its own."""
    return plain.quoted(plain.line(text), 300).rstrip(". ")


@dataclass(frozen=True, slots=True)
class _Told:
    """What the officer wrote, in one language; each look at it checks how much it is."""

    letter: Mapping[str, Any]
    language: Language

    def _value(self, name: str) -> object:
        value = self.letter.get(name)
        if isinstance(value, dict):
            value = value.get(self.language) or next(filter(None, value.values()), None)
        return value

    def paragraph(self, name: str) -> str:
        value = self._value(name)
        return self._text(name, "" if value is None else str(value))

    def line(self, name: str) -> str:
        return " ".join(self.paragraph(name).split())

    def lines(self, name: str) -> tuple[str, ...]:
        found = plain.lines(self.paragraph(name))
        if len(found) > MOST_LINES:
            raise NotYet(f"{name}: has more than {MOST_LINES} lines; write fewer.")
        return found

    def items(self, name: str) -> tuple[str, ...]:
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
        try:
            return ZoneInfo(self.line("zone") or otherwise)
        except (OSError, ValueError, KeyError) as error:
            raise NotYet("The time zone is not known; write one like Asia/Makassar.") from error

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """A time in the zone of the meeting. Raises NotYet if it cannot be read."""
        text = self.line(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
        except (ValueError, OverflowError) as error:
            raise NotYet(f"{name}: write day and time as in 2026-11-10T12:00.") from error

    def day(self, name: str) -> date | None:
        text = self.line(name)
        try:
            return date.fromisoformat(text[:10]) if text else None
        except ValueError as error:
            raise NotYet(f"{name}: write the day as in 2026-11-10.") from error
