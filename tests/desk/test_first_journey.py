"""Claim, confirmation, summons, answer, measured again, public result: by the domain alone."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from perisai.desk.cases import domain as cases
from perisai.desk.complaints import domain as complaints
from perisai.desk.complaints import services
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.complaints.receipts import Receipt
from perisai.desk.results import domain as results
from perisai.desk.summons import domain as summons
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.people import People
from tests.desk.conftest import COMMISSIONER, INTAKE, NOW, OFFICER, REVIEWER

pytestmark = pytest.mark.on_both

TOLD = {"app": "WhatsApp", "words": "kucing", "what": "GIF yang tidak pantas"}
SAMPLE = {
    "sha256": "ab" * 32, "seen": "GIF search: kucing", "rule": "on-a-list",
    "decisions": {"3-5": "block"}, "findings": [],
}  # fmt: skip
LETTER = {
    "recipient": "Contoh Pesan", "address": "Jakarta", "agenda": "GIF dalam pencarian",
    "questions": ["Sejak kapan?"], "documents": ["Kebijakan"], "place": "Kantor",
    "at": "2026-11-10T12:00:00+07:00",
}  # fmt: skip
TEXTS = {"id": "Sudah ditangani.", "en": "It was dealt with."}


def measure(withheld: int) -> dict[str, object]:
    return {
        "words": "kucing",
        "band": "6-9",
        "shown": 20 - withheld,
        "withheld": withheld,
        "rules": {},
    }


def send(case, clock, door=""):
    due = clock() + timedelta(days=2)
    return summons.send(case, OFFICER, "s-1", clock(), how="mail", door=door, reply_by=due)


def test_a_complaint_becomes_a_public_result(house, clock):
    receipt = Receipt.new()
    complaint = house.receive(TOLD, reporter="Ibu Ani, 0812", receipt=receipt)
    case = house.open_case(
        INTAKE, title="GIF di pencarian", platform="Contoh Pesan", words=["kucing"],
        promised=NOW + timedelta(days=4),
    )  # fmt: skip
    key = case.id
    assert key == "K-2026-0001"
    house.join(key, complaint.id, INTAKE)
    house.change_case(key, OFFICER, lambda c: cases.measured(c, OFFICER, measure(3)))
    with pytest.raises(NotYet, match="look at a sample first"):
        house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    with pytest.raises(NotYet, match="before a person has confirmed"):
        house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, LETTER))
    house.change_case(
        key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "listed picture")
    )
    house.change_case(key, OFFICER, lambda c: summons.draft(c, OFFICER, LETTER))
    with pytest.raises(NotYet, match="Two people"):
        house.change_case(key, OFFICER, lambda c: send(c, clock))
    house.change_case(
        key, COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "12/KPA/XI/2026")
    )
    door = hashlib.sha256(b"token").hexdigest()
    case = house.change_case(key, OFFICER, lambda c: send(c, clock, door))
    assert case.status == "summoned"
    found, letter = house.door("token")
    assert (found.id, letter) == (key, "s-1")
    assert house.door("other") is None
    clock.on(days=1)
    case = house.change_case(key, OFFICER, lambda c: summons.answer(c, "s-1", "Removed.", "link"))
    assert case.status == "answered"
    assert case.clocks["reply:s-1"].standing(clock()) == "met"
    clock.on(hours=1)
    case = house.change_case(key, OFFICER, lambda c: cases.measured(c, OFFICER, measure(0)))
    assert case.status == "measured"
    house.change_case(key, OFFICER, lambda c: results.draft(c, OFFICER, TEXTS))
    house.change_case(key, COMMISSIONER, lambda c: results.approve(c, COMMISSIONER))
    case = house.change_case(key, OFFICER, lambda c: results.publish(c, OFFICER))
    assert case.status == "published"
    assert case.clocks["result"].standing(clock()) == "met"
    assert house.find(receipt).case == key
    assert house.log.verify() is None
    assert house.rebuild(write=False) == []


def test_who_wrote_it_cannot_agree_to_it(house):
    key = house.open_case(
        COMMISSIONER, title="t", platform="p", words=[], promised=NOW + timedelta(days=1)
    ).id
    house.change_case(key, REVIEWER, lambda c: cases.screened(c, REVIEWER, SAMPLE))
    house.change_case(key, REVIEWER, lambda c: cases.decide(c, REVIEWER, "confirmed", "x"))
    house.change_case(key, COMMISSIONER, lambda c: summons.draft(c, COMMISSIONER, LETTER))
    with pytest.raises(NotAllowed, match="Two people"):
        house.change_case(key, COMMISSIONER, lambda c: summons.approve(c, COMMISSIONER, "s-1", "1"))


def test_a_clock_that_ran_out_is_told_once(house, clock):
    key = house.open_case(
        INTAKE, title="t", platform="p", words=[], promised=NOW + timedelta(hours=4)
    ).id
    assert house.tick() == 0
    clock.on(hours=9)
    assert house.tick() == 1
    assert house.tick() == 0
    late = house.log.stream(f"case:{key}")[-1]
    assert (late.kind, late.by, late.data["by"]) == ("clock.late", "public:perisai", 5 * 3600)


def test_erasing_a_person_leaves_chain_and_rows_as_they_are(house):
    complaint = house.receive(TOLD, reporter="Ibu Ani, 0812")
    assert house.people.open(complaint.reporter) == "Ibu Ani, 0812"
    services.erase(house, COMMISSIONER, complaint.id, "diminta lewat surat")
    assert house.people.open(complaint.reporter) is None
    assert house.log.verify() is None
    assert house.rebuild(write=False) == []


@pytest.mark.parametrize(
    ("change", "number", "what"),
    [
        ("update facts_event set data='{}' where number=2", 2, "not what was written"),
        ("delete from facts_event where number=2", 2, "missing"),
        ("delete from facts_event where number=3", 3, "missing at the end"),
    ],
)
def test_a_changed_past_is_found(house, change, number, what):
    from django.db import connections

    for _ in range(3):
        house.receive(TOLD)
    with connections[house._alias].cursor() as cursor:
        cursor.execute(change)
    broken = house.log.verify()
    assert (broken.number, what in broken.what) == (number, True)


def test_rows_that_are_wrong_are_found_and_made_anew(house):
    from perisai.desk.complaints.models import ComplaintRow

    one = house.receive(TOLD)
    ComplaintRow.objects.using(house._alias).update(summary="changed")
    assert house.rebuild(write=False) == [f"ComplaintRow {one.id}"]
    house.rebuild(write=True)
    assert house.rebuild(write=False) == []


def test_receipts(house):
    receipt = Receipt.new()
    made = house.receive(TOLD, receipt=receipt)
    assert house.find(Receipt.read(f" {receipt} ")).id == made.id
    other = Receipt(receipt.locator + "0" * 10)
    assert house.find(other) is None
    assert receipt.digits not in repr(receipt)
    assert Receipt.read("1234") is None
    house.change_complaint(made.id, INTAKE, complaints.withdraw)
    with pytest.raises(NotYet, match="withdrawn"):
        house.change_complaint(made.id, INTAKE, complaints.withdraw)


def test_a_receipt_is_nothing_without_the_key_of_the_house(house):
    receipt = Receipt.new()
    kept = receipt.kept(lambda digits: house.people.blind("receipt", digits))
    assert not Receipt(receipt.digits).proves(kept.proof, str), "the database alone"
    other = People(b"o" * 32, house.alias)
    assert not receipt.proves(kept.proof, lambda digits: other.blind("receipt", digits))
    made = house.receive({"what": "x"}, receipt=receipt)
    before = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
    old = before.hash(receipt.digits[6:])
    assert receipt.proves(old, str), "receipts of before open their complaint"
    rows = ComplaintRow.objects.using(house.alias).filter(id=made.id)
    assert rows.update(proof=old) == 1
    assert house.find(receipt).id == made.id
    assert house.find(Receipt(receipt.locator + "1" * 10)) is None
