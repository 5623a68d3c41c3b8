"""Facts that are laid in few steps: the chain is the one that each by itself would have made."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perisai.errors import NotYet, Outdated
from perisai.storage.facts.records import NewFact
from tests.desk.conftest import NOW


def facts(stream: int, count: int) -> list[NewFact]:
    return [NewFact("x.happened", {"stream": stream, "n": n, "text": "ç"}) for n in range(count)]


def test_the_chain_is_the_same(house):
    from perisai.storage.facts.batch import Batch
    from perisai.storage.facts.models import Event, Head

    batch, at = Batch(house.log), NOW
    for turn in range(6):
        batch.append(f"s:{turn % 3}", facts(turn % 3, turn), by="x:y", at=at)
        at += timedelta(seconds=1)
        if turn == 3:
            assert batch.write() == batch.end == 6
    assert batch.write() == 15
    assert house.log.verify() is None
    laid = list(Event.objects.using(house.alias).order_by("number").values_list())
    Event.objects.using(house.alias).all().delete()
    Head.objects.using(house.alias).update(number=0, link="0" * 64)
    at = NOW
    for turn in range(6):
        house.log.append(f"s:{turn % 3}", facts(turn % 3, turn), by="x:y", at=at)
        at += timedelta(seconds=1)
    assert list(Event.objects.using(house.alias).order_by("number").values_list()) == laid


def test_whoever_writes_meanwhile_is_not_written_over(house):
    from perisai.storage.facts.batch import Batch

    batch = Batch(house.log)
    batch.append("s:1", facts(1, 2), by="x:y", at=NOW)
    house.log.append("s:2", facts(2, 1), by="x:y", at=NOW)
    with pytest.raises(Outdated):
        batch.write()
    assert house.log.verify() is None
    with pytest.raises(NotYet):
        Batch(house.log)
