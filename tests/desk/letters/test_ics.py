from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from perisai.desk.summons.letters import ics
from perisai.errors import NotYet
from tests.desk.letters.hostile import HOSTILE
from tests.desk.letters.sample import APPROVED, CASE, DRAFT, HOUSE, letter


def event(made):
    calendar = Calendar.from_ical(made)
    (found,) = calendar.walk("VEVENT")
    assert not found.errors
    return found


def test_an_invitation():
    made = ics.render(letter())
    assert b"\r\n" in made
    calendar = Calendar.from_ical(made)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    found = event(made)
    assert found["UID"] == "K-2026-0001.s-1@komisi.invalid"
    assert found["SEQUENCE"] == 0
    assert found["SUMMARY"] == "Undangan klarifikasi: Contoh Pesan"
    assert found["LOCATION"] == "Kantor"
    assert found["ORGANIZER"] == "mailto:sekretariat@komisi.invalid"
    assert found["ORGANIZER"].params["CN"] == "Komisi Perlindungan Anak Contoh"
    assert found["ATTENDEE"] == "mailto:legal@pesan.example"
    assert found["ATTENDEE"].params["RSVP"] == "TRUE"
    assert found["DTSTAMP"].dt == datetime(2026, 11, 6, 5, tzinfo=UTC)
    assert "Surat nomor 012/KPA/XI/2026, perkara K-2026-0001." in found["DESCRIPTION"]
    assert "1. Sejak kapan?\n2. Berapa kali?" in found["DESCRIPTION"]


@pytest.mark.parametrize(
    ("zone", "offset", "name"),
    [("Asia/Jakarta", 7, "WIB"), ("Asia/Makassar", 8, "WITA"), ("Europe/Amsterdam", 1, "CET")],
)
def test_times_carry_their_zone(zone, offset, name):
    made = ics.render(letter(zone=zone))
    assert f"DTSTART;TZID={zone}:20261110T120000\r\n".encode() in made
    assert f"DTEND;TZID={zone}:20261110T140000\r\n".encode() in made
    (known,) = Calendar.from_ical(made).walk("VTIMEZONE")
    assert known["TZID"] == zone
    # The zone as the file itself describes it, not as this machine knows it.
    described = known.to_tz()
    there = datetime(2026, 11, 10, 12, tzinfo=described)
    assert (there.utcoffset(), there.tzname()) == (timedelta(hours=offset), name)


def test_without_an_end_it_lasts_two_hours():
    found = event(ics.render(letter(until="")))
    assert found["DTEND"].dt - found["DTSTART"].dt == timedelta(hours=2)


def test_a_change_keeps_its_name_and_counts():
    first, second = ics.render(letter()), ics.render(letter(place="Balai Kota"), sequence=1)
    assert event(first)["UID"] == event(second)["UID"]
    assert event(second)["SEQUENCE"] == 1
    assert event(ics.render(letter("en")))["UID"] == event(first)["UID"]
    other = letter(summons=replace(APPROVED, id="s-2"))
    assert event(ics.render(other))["UID"] != event(first)["UID"]
    with pytest.raises(ValueError, match="0 or more"):
        ics.render(letter(), sequence=-1)


def test_the_same_letter_gives_the_same_bytes():
    assert ics.render(letter()) == ics.render(letter())


def test_no_draft_leaves_the_house():
    with pytest.raises(NotYet, match="Two people"):
        ics.render(letter(summons=DRAFT))


def test_without_an_address_there_is_no_attendee():
    assert "ATTENDEE" not in event(ics.render(letter(email="")))


@pytest.mark.parametrize(
    "text", [*HOSTILE, "a;b,c\\d\"e'f:g", "x\r\nATTENDEE:mailto:y@z", "x" * 4_000]
)
def test_no_text_is_more_than_text(text):
    told = dict.fromkeys(("recipient", "agenda", "place", "online", "contact"), text)
    house = HOUSE.model_copy(update={"name": text})
    made = ics.render(letter(house=house, case=replace(CASE, platform=text), **told))
    assert max(map(len, made.split(b"\r\n"))) <= 75
    calendar = Calendar.from_ical(made)
    assert [each.name for each in calendar.walk()] == [
        "VCALENDAR", "VTIMEZONE", "STANDARD", "VEVENT",
    ]  # fmt: skip
    found = event(made)
    assert " ".join(found["LOCATION"].split()) == " ".join(text.split())
    assert found["ATTENDEE"] == "mailto:legal@pesan.example"
    assert set(found) == {
        "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "ATTENDEE", "CLASS",
        "DESCRIPTION", "LOCATION", "ORGANIZER", "STATUS",
    }  # fmt: skip
