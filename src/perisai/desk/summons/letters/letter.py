"""What a letter of invitation says, before it is laid out as PDF, document or calendar entry."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from perisai.desk import procedures
from perisai.desk.summons.letters import findings, plain
from perisai.desk.summons.letters.dates import Dates
from perisai.desk.summons.letters.told import Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.cases.state import Case
    from perisai.desk.procedures import Language
    from perisai.desk.summons.state import Summons
    from perisai.settings import DeskSection


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
        ``email`` (of the receiver), ``reply_by`` (a day) and ``about`` (in place of the case's
        title). A text or list may be one for each language, as ``{"id": ..., "en": ...}``.

        Findings are those of the day on which it was drafted, so that what was agreed to is what
        is sent. Raises NotYet for what is missing, too long or cannot be read, and SettingsError.
        """
        told = Told(summons.letter, language)
        procedure = procedures.load(house.procedure)
        zone = told.zone(house.zone)
        start, end = told.meeting(zone)
        written = (summons.approved or summons.drafted).astimezone(ZoneInfo(house.zone))
        words = procedure.words[language]
        dates = Dates(procedure, language, ZoneInfo(house.zone))
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
            platform=plain.line(case.platform_of(summons)),
            title=_sentence(told.own("about") or case.title),
            complaints=len(case.complaints),
            number=plain.line(summons.number),
            urgency=procedure.urgency[told.urgency()][language],
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
            guest=told.email(),
            signer_name=plain.line(house.signer_name),
            signer_title=plain.line(
                house.signer_title if language == "id" else house.signer_title_en
            ),
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
