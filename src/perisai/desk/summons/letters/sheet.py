"""The letter as it lies on the sheet: every word in its place. PDF and document both follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict
from zoneinfo import ZoneInfo

from perisai.desk import procedures
from perisai.desk.summons.letters.dates import Dates

if TYPE_CHECKING:
    from perisai.desk.summons.letters.letter import Letter

PENDING = "…"


class Part(TypedDict):
    """A list with a heading; ``style`` is ``1`` for numbers, ``a`` for letters."""

    title: str
    style: str
    items: list[str]


class Sheet(TypedDict):
    """Plain JSON. Pairs are of a label and a value."""

    language: str
    title: str
    author: str
    date: list[int]
    draft: str
    draft_note: str
    house: str
    letterhead: list[str]
    place_date: str
    references: list[tuple[str, str]]
    to: str
    recipient: list[str]
    greeting: str
    opening: list[str]
    meeting: list[tuple[str, str]]
    parts: list[Part]
    closing: list[str]
    farewell: str
    signer_title: str
    signer_name: str
    copies_title: str
    copies: list[str]
    page: str


def laid_out(letter: Letter) -> Sheet:
    """Lay a letter out. Raises SettingsError if its procedure cannot be read."""
    procedure = procedures.load(letter.procedure)
    words = procedure.words[letter.language]
    dates = Dates(procedure, letter.language, ZoneInfo(letter.zone))
    number = letter.number or PENDING
    return Sheet(
        language=letter.language,
        title=f"{letter.subject} {number}",
        author=letter.house,
        date=[letter.written.year, letter.written.month, letter.written.day],
        draft=words["draft"] if letter.draft else "",
        draft_note=words["draft_note"] if letter.draft else "",
        house=letter.house,
        letterhead=list(letter.letterhead),
        place_date=f"{letter.city}, {dates.of(letter.written.date())}",
        references=[
            (words["number"], number),
            (words["urgency"], letter.urgency),
            (words["attachments"], letter.attachments or words["no_attachments"]),
            (words["subject"], letter.subject),
        ],
        to=words["to"],
        recipient=list(letter.recipient),
        greeting=words["greeting"],
        opening=_opening(letter, words),
        meeting=_meeting(letter, words, dates),
        parts=_parts(letter, words),
        closing=[_reply(letter, words, dates), words["closing"]],
        farewell=words["farewell"],
        signer_title=letter.signer_title,
        signer_name=letter.signer_name,
        copies_title=words["copies"],
        copies=list(letter.copies),
        page=words["page"],
    )


def _opening(letter: Letter, words: dict[str, str]) -> list[str]:
    many = {0: "none", 1: "one"}.get(letter.complaints, "many")
    said: dict[str, Any] = {
        "house": letter.house,
        "case": letter.case,
        "platform": letter.platform,
        "title": letter.title,
        "count": letter.complaints,
    }
    return [words[f"opening_{many}"].format(**said), words["invitation"]]


def _meeting(letter: Letter, words: dict[str, str], dates: Dates) -> list[tuple[str, str]]:
    pairs = [
        (words["when_day"], dates.weekday(letter.start.date())),
        (words["when_time"], dates.from_until(letter.start, letter.end)),
        (words["where"], letter.place),
        (words["online"], letter.online),
        (words["agenda"], letter.agenda),
    ]
    return [(label, value) for label, value in pairs if value]


def _parts(letter: Letter, words: dict[str, str]) -> list[Part]:
    parts = (
        Part(title=words["findings"], style="1", items=list(letter.findings)),
        Part(title=words["questions"], style="1", items=list(letter.questions)),
        Part(title=words["documents"], style="a", items=list(letter.documents)),
        Part(title=words["basis"], style="a", items=list(letter.basis)),
    )
    return [part for part in parts if part["items"]]


def _reply(letter: Letter, words: dict[str, str], dates: Dates) -> str:
    if letter.reply_by is None:
        return words["reply"].format(contact=letter.contact)
    return words["reply_by"].format(contact=letter.contact, day=dates.of(letter.reply_by))
