"""What was told is sealed under the key of who told it, and gone with that key."""

from __future__ import annotations

import hashlib

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from perisai.desk.actors import PUBLIC
from perisai.desk.complaints import services, telling
from perisai.desk.complaints.models import ComplaintRow, TopicRow
from perisai.desk.complaints.state import Complaint
from perisai.desk.events import Event
from perisai.desk.triage.models import QueueRow
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.models import Event as EventRow
from perisai.storage.facts.records import NewFact
from tests.desk.conftest import COMMISSIONER, INTAKE, OFFICER

LINK = "https://rahasia-tautan.example/1"
TOLD = {
    "app": "rahasia-app", "words": "rahasia-kata", "link": LINK, "when": "rahasia-waktu",
    "kind": "naked", "what": "rahasia-cerita", "age": "10-12",
}  # fmt: skip


def kept(house) -> str:
    return "\n".join(EventRow.objects.using(house.alias).values_list("data", flat=True))


def row(house, key: str) -> ComplaintRow:
    return ComplaintRow.objects.using(house.alias).get(id=key)


def test_no_fact_has_it_in_clear(house):
    made = house.receive(TOLD, reporter="rahasia-nama")
    assert "rahasia" not in kept(house)
    assert '"kind":"naked"' in kept(house).replace(" ", "")
    assert house.complaint(made.id).told == TOLD
    assert row(house, made.id).summary == "rahasia-cerita"


def test_erasing_the_person_erases_it_everywhere(house):
    one, other = house.receive(TOLD), house.receive(TOLD)
    house.answer(one.id, INTAKE, "rahasia-jawaban")
    with pytest.raises(NotAllowed):
        services.erase(house, OFFICER, one.id, "lewat surat")
    with pytest.raises(NotYet):
        services.erase(house, COMMISSIONER, one.id, " ")
    services.erase(house, COMMISSIONER, one.id, "diminta lewat surat 5 Nov")
    gone = house.complaint(one.id)
    assert (gone.told, gone.erased, gone.reporter) == ({"kind": "naked"}, True, None)
    assert house.people.open(gone.messages[0].sealed) is None
    found = row(house, one.id)
    assert (found.summary, found.app, found.topic) == ("", "", "")
    queue = QueueRow.objects.using(house.alias).get(complaint=one.id)
    assert (queue.summary, queue.app, queue.exact, queue.place) == ("", "", "", "")
    topic = row(house, other.id).topic
    assert TopicRow.objects.using(house.alias).get(topic=topic).number == 1
    assert house.rebuild(write=False) == []
    assert house.log.verify() is None
    with pytest.raises(NotYet):
        services.erase(house, COMMISSIONER, one.id, "dua kali")
    assert house.complaint(other.id).told == TOLD


def test_what_is_sealed_opens_for_the_referral_alone(house):
    made = house.receive(TOLD, child=True)
    assert house.complaint(made.id).told is None
    assert services.told_for_referral(house, made.id) == TOLD
    with pytest.raises(NotYet):
        services.erase(house, COMMISSIONER, made.id, "kept for the referral")
    open_one = house.receive(TOLD)
    with pytest.raises(NotYet):
        services.told_for_referral(house, open_one.id)


def old(house, key: str) -> None:
    """A complaint as it was written down before anything was sealed."""
    person = house.people.new(house.clock())
    data = {"told": TOLD, "source": "public", "person": person}
    fact = NewFact(Event.COMPLAINT_RECEIVED, data)
    house.write_complaint(Complaint(key), [fact], PUBLIC)


def test_old_facts_in_clear_are_read_and_sealed_and_erased(house):
    for key in ("a-1", "a-2"):
        old(house, key)
    assert house.complaint("a-1").told == TOLD
    assert row(house, "a-1").topic == row(house, house.receive(TOLD).id).topic
    services.erase(house, COMMISSIONER, "a-1", "diminta")
    assert house.complaint("a-1").told == {"kind": "naked"}
    house.seal("a-2", INTAKE)
    assert services.told_for_referral(house, "a-2") == TOLD
    assert house.rebuild(write=False) == []


def test_nobody_with_the_rows_alone_can_try_links(house):
    made = house.receive(TOLD)
    queue = QueueRow.objects.using(house.alias).get(complaint=made.id)
    guess = hashlib.sha256(LINK.partition("://")[2].encode()).hexdigest()
    assert guess not in (row(house, made.id).topic, queue.exact, queue.place)
    assert len(queue.exact) == 64


def test_keys_are_asked_for_many_at_a_time(house):
    made = [house.receive(TOLD) for _ in range(3)]
    bare = [telling_of(house, each.id) for each in made]
    with CaptureQueriesContext(connections[house.alias]) as asked:
        opened = list(telling.all_opened(bare, house.people))
    assert [each.told for each in opened] == [TOLD] * 3
    assert len(asked) == 1


def telling_of(house, key: str) -> Complaint:
    from perisai.desk.complaints.state import fold

    return fold(key, house.log.stream(f"complaint:{key}"))
