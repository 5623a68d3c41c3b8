"""What a message says: made from the facts when it is sent, and kept nowhere besides.

Another package adds a kind of message by ``MAKERS["KIND"] = make``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from perisai.desk import procedures
from perisai.desk.attachments.services import store_in
from perisai.desk.attachments.sniffing import DOCX
from perisai.desk.procedures import LANGUAGES
from perisai.desk.summons import editions
from perisai.desk.summons.letters import Letter, ics, pdf
from perisai.desk.summons.letters.dates import Dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.desk.outbox.state import Message
    from perisai.desk.procedures import Language
    from perisai.desk.summons.state import Summons
    from perisai.settings import Settings

    Maker = Callable[["Settings", House, Message, str], "Content"]
    """Settings, house, message, and what was sealed with it."""

WORDS = Path(__file__).with_name("words.toml")


@dataclass(frozen=True, slots=True)
class File:
    """Something attached: its name, kind (``application/pdf``) and bytes."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """A text for people with files, and data for programs."""

    text: str
    files: tuple[File, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


def make(settings: Settings, house: House, message: Message, secret: str) -> Content:
    """Make what is sent. Raises PerisaiError."""
    return MAKERS.get(message.kind, plain)(settings, house, message, secret)


def plain(settings: Settings, house: House, message: Message, secret: str) -> Content:  # noqa: ARG001
    """The payload as it is; ``text`` in it is for people. What was sealed is for programs alone."""
    data = {**message.payload, **({"document": secret} if secret else {})}
    return Content(str(message.payload.get("text", "")), (), data)


def letter(settings: Settings, house: House, message: Message, secret: str) -> Content:
    """A letter of invitation in both languages, its calendar entry, and the one-time link."""
    case = house.case(message.about["case"])
    summons = case.summons[message.about["item"]]
    made = {each: Letter.of(settings.desk, case, summons, each) for each in LANGUAGES}
    files = [_letter_file(settings, house, case, summons, each) for each in LANGUAGES]
    invitation = ics.render(made["id"])
    files.append(File("undangan.ics", "text/calendar", invitation))
    said = {"number": made["id"].number, "house": settings.desk.name, "link": secret}
    return Content(_both("letter", lambda _: said), tuple(files), {"link": secret})


def withdrawal(settings: Settings, house: House, message: Message, secret: str) -> Content:  # noqa: ARG001
    """That the seal of what was referred was undone: for people in both languages."""
    said = {**message.payload, "house": settings.desk.name}
    said["withdraws"] = ", ".join(said["withdraws"])
    return Content(_both("withdrawal", lambda _: said), (), {**message.payload, "document": secret})


def version(settings: Settings, house: House, message: Message, secret: str) -> Content:  # noqa: ARG001
    """That there is a new version of the house's block list: which one, and nothing of it."""
    return Content(_both("list", lambda _: message.payload), (), message.payload)


def request(settings: Settings, house: House, message: Message, secret: str) -> Content:
    """What an agency is asked, in both languages, and the one-time link."""
    known = house.case(message.about["case"]).improvements[message.about["item"]]
    procedure = procedures.load(settings.desk.procedure)
    told = {"agency": known.agency, "what": known.what, "house": settings.desk.name, "link": secret}

    def said(language: Language) -> dict[str, str]:
        dates = Dates(procedure, language, ZoneInfo(settings.desk.zone))
        return {**told, "due": dates.day(known.due)}

    return Content(_both("request", said), (), {"link": secret})


def objection(settings: Settings, house: House, message: Message, secret: str) -> Content:  # noqa: ARG001
    """What was decided on an agency's objection to a request, in both languages."""
    known = house.case(message.about["case"]).improvements[message.about["request"]]
    decided = message.payload
    told = {"agency": known.agency, "what": known.what, "house": settings.desk.name}
    told["reason"] = decided["reason"]

    def said(language: Language) -> dict[str, str]:
        return {**told, "outcome": _words()[language][decided["outcome"]]}

    return Content(_both("objection", said), (), decided)


def _letter_file(
    settings: Settings, house: House, case: Case, summons: Summons, language: Language
) -> File:
    """The PDF, or the document where somebody edited the letter by hand."""
    edited = editions.file_of(house, store_in(settings), case, summons, language)
    name = f"{case.id}-{summons.id}-{language}"
    if edited is not None:
        return File(f"{name}.docx", DOCX, edited)
    letter = Letter.of(settings.desk, case, summons, language)
    return File(f"{name}.pdf", "application/pdf", pdf.render(letter))


def _both(name: str, said: Callable[[Language], Mapping[str, Any]]) -> str:
    """A text of ours in one language after the other; ``said`` is what is filled in."""
    texts = [_words()[each][name].strip().format_map(said(each)) for each in LANGUAGES]
    return "\n\n--\n\n".join(texts)


@cache
def _words() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return found


MAKERS: dict[str, Maker] = {
    "letter": letter,
    "list": version,
    "objection": objection,
    "referral": plain,
    "referral-withdrawn": withdrawal,
    "request": request,
}
"""Who makes which kind of message; every other kind is sent as it was put."""
