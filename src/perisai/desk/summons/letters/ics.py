"""The invitation as a calendar entry (RFC 5545, 5546), for whatever calendar the receiver keeps."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from perisai.desk import procedures
from perisai.errors import NotYet

if TYPE_CHECKING:
    from perisai.desk.summons.letters.letter import Letter

MAKER = "-//Perisai//Desk//EN"
WITHOUT_END = timedelta(hours=2)
"""How long a meeting is taken to last if the letter does not say."""


def render(letter: Letter, sequence: int = 0) -> bytes:
    """Return the invitation as ICS; the same letter and sequence give the same bytes.

    ``sequence`` counts the changes of this invitation, 0 for the first: calendars put a higher one
    in the place of a lower one of the same letter. Raises NotYet for a draft, which nobody outside
    the house may get, and ValueError for a negative sequence.
    """
    if letter.draft:
        raise NotYet("Two people are needed before an invitation leaves the house.")
    if sequence < 0:
        raise ValueError(f"sequence {sequence}: must be 0 or more")
    words = procedures.load(letter.procedure).words[letter.language]
    zone = ZoneInfo(letter.zone)
    event = Event()
    event.add("uid", uid(letter))
    event.add("sequence", sequence)
    event.add("dtstamp", letter.written.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", letter.start.astimezone(zone).replace(microsecond=0))
    end = letter.end or letter.start + WITHOUT_END
    event.add("dtend", end.astimezone(zone).replace(microsecond=0))
    event.add("summary", words["invitation_title"].format(platform=letter.platform))
    event.add("location", letter.place)
    event.add("description", _description(letter, words))
    event.add("organizer", _address(letter.email, letter.house))
    if letter.guest:
        guest = _address(letter.guest, letter.recipient[0] if letter.recipient else letter.platform)
        guest.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"})
        event.add("attendee", guest)
    event.add("status", "CONFIRMED")
    event.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", MAKER)
    calendar.add("method", "REQUEST")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def uid(letter: Letter) -> str:
    """What names this invitation everywhere, in both languages and after every change."""
    return f"{letter.case}.{letter.summons}@{letter.email.partition('@')[2]}"


def _description(letter: Letter, words: dict[str, str]) -> str:
    parts = [
        words["invitation_letter"].format(number=letter.number, case=letter.case),
        letter.agenda,
        *([letter.online] if letter.online else []),
        _listed(words["questions"], letter.questions),
        _listed(words["documents"], letter.documents),
        letter.contact,
    ]
    return "\n\n".join(part for part in parts if part)


def _listed(title: str, items: tuple[str, ...]) -> str:
    return "\n".join([f"{title}:", *(f"{n}. {item}" for n, item in enumerate(items, 1))])


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    # Quotes cannot be escaped in a parameter, so they are left out.
    address.params["CN"] = vText(name.replace('"', "'"))
    return address
