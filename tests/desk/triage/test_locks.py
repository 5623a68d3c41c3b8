"""One person has a complaint alone: taken, handed over, given back, lapsed, and raced for."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections

from perisai import settings as settings_package
from perisai.desk.actors import Actor
from perisai.desk.house import House
from perisai.desk.permissions import Role
from perisai.desk.site import make_tables
from perisai.desk.triage import locks
from perisai.desk.triage.models import LockRow, QueueRow
from perisai.errors import NotAllowed, NotYet
from perisai.storage.configuration import alias_of, database
from perisai.storage.facts.log import FactLog
from perisai.storage.facts.people import People
from tests.common import databases
from tests.desk.conftest import AUDITOR, INTAKE, NOW, OFFICER, REVIEWER

SPAN = timedelta(minutes=15)
TOLD = {"what": "GIF yang tidak pantas"}
COLLEAGUES = ("intake", "reviewer", "case-officer")


def kinds(house, key):
    return [fact.kind for fact in house.log.stream(f"complaint:{key}")]


def test_who_takes_it_has_it_alone(house, clock):
    key = house.receive(TOLD).id
    taken = locks.take(house, INTAKE, key, SPAN)
    assert (taken.triage.holder, taken.triage.since) == ("intake", NOW)
    with pytest.raises(NotYet, match="intake is working on this complaint"):
        locks.take(house, REVIEWER, key, SPAN)
    for act in (
        lambda: house.answer(key, OFFICER, "x"),
        lambda: house.join("K-2026-0001", key, OFFICER),
        lambda: locks.release(house, REVIEWER, key),
        lambda: locks.hand_over(house, REVIEWER, key, "intake", COLLEAGUES),
    ):
        with pytest.raises(NotYet, match="intake is working"):
            act()
    house.answer(key, INTAKE, "terima kasih")
    locks.take(house, INTAKE, key, SPAN)
    assert kinds(house, key).count("complaint.taken") == 1, "taking twice is nothing new"


def test_sealing_and_the_public_never_wait(house):
    key, other = house.receive(TOLD).id, house.receive(TOLD).id
    for each in (key, other):
        locks.take(house, INTAKE, each, SPAN)
    assert house.seal(key, REVIEWER).sealed
    from perisai.desk.actors import PUBLIC
    from perisai.desk.complaints import domain

    withdrawn = house.change_complaint(other, PUBLIC, domain.withdraw)
    assert withdrawn.triage.holder == ""
    with pytest.raises(NotYet, match="sealed"):
        locks.take(house, REVIEWER, key, SPAN)
    with pytest.raises(NotYet, match="withdrawn"):
        locks.take(house, REVIEWER, other, SPAN)


def test_handed_over(house):
    key = house.receive(TOLD).id
    with pytest.raises(NotYet, match="take it first"):
        locks.hand_over(house, INTAKE, key, "reviewer", COLLEAGUES)
    locks.take(house, INTAKE, key, SPAN)
    for nobody in ("intake", "ghost", ""):
        with pytest.raises(NotYet, match="Choose a colleague"):
            locks.hand_over(house, INTAKE, key, nobody, COLLEAGUES)
    known = locks.hand_over(house, INTAKE, key, "reviewer", COLLEAGUES)
    assert known.triage.holder == "reviewer"
    fact = house.log.stream(f"complaint:{key}")[-1]
    assert (fact.kind, fact.data) == ("complaint.handed", {"from": "intake", "to": "reviewer"})
    with pytest.raises(NotYet, match="reviewer is working"):
        house.answer(key, INTAKE, "x")
    locks.release(house, REVIEWER, key)
    assert house.answer(key, INTAKE, "x")


def test_it_lapses_when_nothing_is_done(house, clock):
    key = house.receive(TOLD).id
    locks.take(house, INTAKE, key, SPAN)
    clock.on(minutes=10)
    lock = locks.still_here(house, INTAKE, key, SPAN)
    assert lock.until == clock() + SPAN, "a look counts as doing something"
    assert locks.still_here(house, REVIEWER, key, SPAN).until == lock.until, "others' looks do not"
    clock.on(minutes=15)
    assert locks.lapse(house) == 1
    assert locks.lapse(house) == 0
    fact = house.log.stream(f"complaint:{key}")[-1]
    assert fact.data == {"name": "intake", "why": "idle"}
    assert house.answer(key, OFFICER, "x")


def test_what_lapsed_can_be_taken_before_that_is_written_down(house, clock):
    key = house.receive(TOLD).id
    locks.take(house, INTAKE, key, SPAN)
    clock.on(minutes=16)
    assert locks.take(house, REVIEWER, key, SPAN).triage.holder == "reviewer"
    assert kinds(house, key)[-3:] == ["complaint.taken", "complaint.released", "complaint.taken"]
    with pytest.raises(NotYet, match="reviewer is working"):
        house.answer(key, INTAKE, "x")


def test_the_next_is_the_first_that_is_free(house):
    keys = [house.receive(TOLD).id for _ in range(3)]
    locks.take(house, INTAKE, keys[0], SPAN)
    assert locks.take_next(house, REVIEWER, keys, SPAN).id == keys[1]
    assert locks.take_next(house, OFFICER, keys, SPAN).id == keys[2]
    assert locks.take_next(house, Actor("x", Role.INTAKE), keys, SPAN) is None
    with pytest.raises(NotAllowed):
        locks.take(house, AUDITOR, keys[0], SPAN)


def test_what_is_in_a_case_is_nobodys_alone(house, clock):
    key = house.receive(TOLD).id
    locks.take(house, INTAKE, key, SPAN)
    case = house.open_case(
        INTAKE, title="x", platform="y", words=[], promised=clock() + SPAN, complaint=key
    )
    assert case.complaints == (key,)
    assert house.complaint(key).triage.holder == ""
    assert house.answer(key, OFFICER, "x")
    clock.on(minutes=20)
    assert locks.lapse(house) == 0
    assert not LockRow.objects.using(house.alias).exists()
    assert house.rebuild(write=False) == []


@pytest.mark.parametrize("kind", databases.KINDS)
def test_of_many_who_take_at_the_same_time_one_gets_it(kind, tmp_path, clock, request):
    if kind == "postgresql":
        address = request.getfixturevalue("postgresql")
    else:
        address = "sqlite:///race.sqlite3"
    settings = settings_package.load(env={"PERISAI_STORAGE__DATABASE": address}, home=tmp_path)
    alias = alias_of(database(settings))
    make_tables(alias)
    house = House(FactLog(alias), People(b"k" * 32, alias), clock, alias)
    keys = [house.receive(TOLD).id for _ in range(4)]
    start, won, refused, broken = threading.Barrier(6), [], [], []

    def racer(name: str) -> None:
        try:
            start.wait()
            for key in keys:
                try:
                    locks.take(house, Actor(name, Role.INTAKE), key, SPAN)
                    won.append((key, name))
                except NotYet:
                    refused.append(key)
        except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
            broken.append(error)
        finally:
            connections[alias].close()

    racers = [threading.Thread(target=racer, args=(f"n{number}",)) for number in range(6)]
    for each in racers:
        each.start()
    for each in racers:
        each.join(60)
    assert not broken
    assert sorted(key for key, _ in won) == sorted(keys), "each was won once"
    assert len(refused) == 5 * len(keys)
    held = {lock.complaint: lock.name for lock in LockRow.objects.using(alias)}
    assert held == dict(won)
    for key, name in won:
        assert house.complaint(key).triage.holder == name
        assert kinds(house, key).count("complaint.taken") == 1
    assert QueueRow.objects.using(alias).filter(leads=True).count() == len(keys)
    assert house.rebuild(write=False) == []
    connections[alias].close()
