"""Letters: written, agreed to, sent, answered, heard."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.http import Http404

from perisai.desk.attachments.given import keep_with
from perisai.desk.attachments.services import store_in
from perisai.desk.cases.domain import read
from perisai.desk.cases.models import SummonsRow
from perisai.desk.permissions import Role
from perisai.desk.summons import domain, editions, replies, services
from perisai.desk.summons.letters.told import Told
from perisai.desk.web import forms
from perisai.desk.web.forms.fields import end_of
from perisai.desk.web.letter_files import file_of, proposed_number
from perisai.desk.web.reading import readable
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, Table
from perisai.desk.web.views import case_page
from perisai.desk.web.views.acting import (
    attempt,
    besides_of,
    bytes_of,
    change,
    known_case,
    scan_of,
    to_case,
)
from perisai.desk.web.wording import day, word
from perisai.errors import NotYet

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.cases.state import Case
    from perisai.desk.procedures import Language
    from perisai.desk.web.access import Request
    from perisai.storage.facts.records import NewFact

STANDINGS = (
    "draft", "approved", "sent", "acknowledged", "answered", "attended", "missed", "dropped",
)  # fmt: skip
DAYS = 3
"""Working days for the reply to a letter that names no day."""


def table(request: Request) -> Table[SummonsRow]:
    """The table of letters, as the address asks for it: ``standing``, ``platform``."""
    rows, asked = SummonsRow.objects.filter(case__in=readable(request).values("id")), request.GET
    if request.actor.role is Role.MINISTRY:  # as domain.letters_seen has it
        rows = rows.exclude(sent=None)
    if platform := asked.get("platform", ""):
        rows = rows.filter(platform=platform)
    if asked.get("standing") in STANDINGS:
        rows = rows.filter(standing=asked["standing"])
    columns = (
        Column("case", "case", lambda row: row.case),
        Column("letter", "summons", lambda row: row.summons),
        Column("letter-number", "number", lambda row: row.number),
        Column("recipient", "recipient", lambda row: row.recipient),
        Column("standing", "standing", lambda row: word(row.standing, "standing")),
        Column("sent", "sent", lambda row: day(row.sent)),
        Column("reply-by", "due", lambda row: day(row.due)),
    )
    return Table(request, rows, columns, "letters", first="-sent")


def listed(request: Request) -> HttpResponse:
    """The list of letters."""
    return page(request, "letters", table=table(request), standings=STANDINGS, asked=request.GET)


def as_csv(request: Request) -> HttpResponse:
    """The same list for a spreadsheet."""
    return table(request).csv()


def drafted(request: Request, key: str, letter: str = "") -> HttpResponse:
    """Write a letter, or write anew one that nobody has agreed to."""
    platforms, zones = known_case(key).platforms, desk().zones
    form = forms.Draft(request.POST, item=letter, platforms=platforms, zones=zones)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        told = _written(said)
        # The day that the letter names is the day on which the clock will ring.
        by = desk().calendar.after_working_days(desk().house.clock(), said["reply_days"])
        told["reply_by"] = by.date().isoformat()
        return domain.draft(case, request.actor, told, letter)

    return change(request, key, form, decide, done="drafted", at="letters")


def _written(said: dict[str, Any]) -> dict[str, Any]:
    """A letter as the form has it; what was written in English, too, is kept beside it."""
    told = {name: value for name, value in said.items() if value and not name.endswith("_en")}
    for name in ("agenda", "questions", "documents"):
        if said[f"{name}_en"]:
            told[name] = {"id": said[name], "en": said[f"{name}_en"]}
    if said["about_en"]:
        told["about"] = {"en": said["about_en"]}
    # The hour that was typed is that of the place where they meet.
    zone = Told(told, "id").zone(desk().settings.desk.zone)
    at = said["at"].replace(tzinfo=zone)
    told["at"] = at.isoformat()
    if said["until"]:
        until = at.replace(hour=said["until"].hour, minute=said["until"].minute)
        told["until"] = until.isoformat()
    return told


def agreed(request: Request, key: str, letter: str) -> HttpResponse:
    """A second person agrees."""
    form, at = forms.Agree(request.POST, item=letter), desk()

    def do(said: dict[str, Any]) -> HttpResponse:
        def number() -> str:
            # The log is held: what is free here is free until it is written.
            number = said["number"] or proposed_number()
            if SummonsRow.objects.filter(number=number).exists():
                raise NotYet("Another letter has this number already.")
            return str(number)

        editions.approve(
            at.house,
            store_in(at.settings),
            at.settings.desk,
            request.actor,
            key,
            letter,
            number=number,
            seen=said["seen"],
        )
        return to_case(key, "agreed", letter)

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def edited(request: Request, key: str, letter: str) -> HttpResponse:
    """What somebody edited in a word processor is the letter from now on."""
    form, at = forms.EditLetter(request.POST, request.FILES, item=letter), desk()

    def do(said: dict[str, Any]) -> HttpResponse:
        editions.edit(
            at.house,
            store_in(at.settings),
            at.settings.desk,
            request.actor,
            key,
            letter,
            said["tongue"],
            bytes_of(said["file"]),
            seen=said["seen"],
        )
        return to_case(key, "letter-edited", letter)

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def sent(request: Request, key: str, letter: str) -> HttpResponse:
    """It leaves the house. The page that follows shows the one-time link, and no other does."""
    form, house = forms.Send(request.POST, item=letter), desk().house

    def do(said: dict[str, Any]) -> HttpResponse:
        summons = known_case(key).summons.get(letter)
        named = summons.letter.get("reply_by") if summons else None
        reply_by = (
            end_of(date.fromisoformat(named))
            if named
            else desk().calendar.after_working_days(house.clock(), DAYS)
        )
        told = {"how": said["how"], "seen": said["seen"], "reply_by": reply_by}
        token = services.send(house, request.actor, key, letter, link=link_of, **told)
        goes = bool(desk().settings.mail.host and summons and summons.letter.get("email"))
        more = {"link": link_of(token), "link_of": letter, "goes": goes}
        return case_page.show(request, key, None, 201, **more)

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def downloaded(
    request: Request, key: str, letter: str, language: Language, form: str
) -> HttpResponse:
    """The letter as a file."""
    case = read(known_case(key), request.actor)
    if letter not in {each.id for each in domain.letters_seen(case, request.actor)}:
        raise Http404
    return file_of(case, case.summons[letter], language, form)


def link_of(token: str) -> str:
    """The address under which a platform answers without an account."""
    chosen = desk().settings.desk
    base = chosen.public_url or "http://127.0.0.1:8010"
    return f"{base.rstrip('/')}/jawab/{token}"


def acknowledged(request: Request, key: str, letter: str) -> HttpResponse:
    """The receiver said that it has the letter."""
    form = forms.Acknowledge(request.POST, item=letter)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.acknowledge_by_hand(case, request.actor, letter, said["how"])

    return change(request, key, form, decide, done="acknowledged", at=letter)


def answered(request: Request, key: str, letter: str) -> HttpResponse:
    """Enter what the receiver wrote on paper."""
    form, at = forms.LetterAnswer(request.POST, request.FILES, item=letter), desk()

    def do(said: dict[str, Any]) -> HttpResponse:
        scans, besides = scan_of(said), besides_of(said)
        keep_with(
            at.house,
            store_in(at.settings),
            request.actor,
            key,
            scans,
            lambda case, files: domain.record_answer(
                case, request.actor, letter, said["text"], said["how"], files, besides
            ),
            days=at.settings.desk.attachment_days,
        )
        return to_case(key, "letter-answered", letter)

    return attempt(form, do, lambda form, status: case_page.show(request, key, form, status))


def verified(request: Request, key: str, letter: str, number: str) -> HttpResponse:
    """A second person compared what was entered with the paper."""
    form = forms.Verify(request.POST, item=f"{letter}-{number}")

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        now = desk().house.clock()
        by = replies.until(now, desk().procedure, desk().calendar)
        return domain.verify_answer(
            case,
            request.actor,
            letter,
            int(number),
            same=said["same"] == "yes",
            reason=said["reason"],
            objection=replies.Besides(now, by, objects=True),
        )

    return change(request, key, form, decide, done="letter-verified", at=letter)


def objection(request: Request, key: str, letter: str) -> HttpResponse:
    """Whether the objection to a letter is right."""
    form = forms.Objection(request.POST, item=letter)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return replies.decide_objection(
            case, request.actor, letter, said["outcome"], said["reason"]
        )

    return change(request, key, form, decide, done="objection-decided", at=letter)


def attended(request: Request, key: str, letter: str) -> HttpResponse:
    """They came."""
    form = forms.Attended(request.POST, item=letter)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.attended(case, request.actor, letter, said["minutes"], said["points"])

    return change(request, key, form, decide, done="attended", at=letter)


def missed(request: Request, key: str, letter: str) -> HttpResponse:
    """Nobody came."""
    form = forms.Nothing(request.POST, item=f"missed-{letter}")

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:  # noqa: ARG001
        return domain.missed(case, request.actor, letter)

    return change(request, key, form, decide, done="missed", at=letter)


def dropped(request: Request, key: str, letter: str) -> HttpResponse:
    """It will not be sent."""
    form = forms.Drop(request.POST, item=letter)

    def decide(case: Case, said: dict[str, Any]) -> list[NewFact]:
        return domain.drop(case, request.actor, letter, said["reason"])

    return change(request, key, form, decide, done="dropped", at=letter)
