"""Two people act at the same time: what is sealed stays closed, whoever came first."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from perisai.desk.appeals import services as appeals
from perisai.desk.events import Event
from perisai.desk.withholding import services as withholding
from perisai.desk.withholding.models import WithholdingRow
from tests.desk.conftest import COMMISSIONER, REVIEWER
from tests.desk.seals.test_seals import case, right, screened, told

LONG_ENOUGH = 2.0


class Beside:
    """Somebody who acts on a thread of their own, begun while somebody else is at it."""

    def __init__(self, house, act) -> None:
        self._house, self._act = house, act
        self.wrong: list[BaseException] = []
        self._thread = threading.Thread(target=self._run)

    def begin(self) -> None:
        """Begin, and let them be done if nothing holds them."""
        if not self._thread.ident:
            self._thread.start()
            self._thread.join(LONG_ENOUGH)

    def end(self) -> None:
        self._thread.join(60)
        assert self._thread.ident
        assert not self._thread.is_alive()
        assert not self.wrong

    def _run(self) -> None:
        try:
            self._act()
        except Exception as error:  # noqa: BLE001 - told in the test's own thread
            self.wrong.append(error)
        finally:
            connections[self._house.alias].close()


@pytest.mark.on_both
def test_an_appeal_frees_nothing_that_is_sealed_while_it_is_decided(house, monkeypatch):
    key = case(house)
    sha256 = screened(house, key)
    appeal = told(house, sha256=sha256, wish="show")
    known = house.complaint(appeal)
    known = appeals.propose(house, REVIEWER, appeal, "overturned", "x", seen=known.position)
    sealing = Beside(house, lambda: house.seal_sample(key, sha256, REVIEWER))
    asked = withholding.require_unsealed

    def slowly(*said):
        asked(*said)
        sealing.begin()

    monkeypatch.setattr(withholding, "require_unsealed", slowly)
    appeals.decide(house, COMMISSIONER, appeal, seen=known.position)
    sealing.end()
    about = [
        fact.kind
        for fact in house.log.all()
        if fact.data.get("sha256") == sha256
        and fact.kind in (Event.SAMPLE_FREED, Event.SAMPLE_SEALED)
    ]
    assert about == [Event.SAMPLE_FREED, Event.SAMPLE_SEALED], "the gateway believes the last"
    right(house)


@pytest.mark.on_both
def test_a_sample_that_comes_while_its_complaint_is_sealed_is_sealed_too(house, monkeypatch):
    complaint = told(house)
    key = case(house, complaint)
    screening = Beside(house, lambda: screened(house, key, complaint))
    samples_of = house.seal_samples_of

    def slowly(*said):
        samples_of(*said)
        screening.begin()

    monkeypatch.setattr(house, "seal_samples_of", slowly)
    house.seal(complaint, REVIEWER)
    screening.end()
    assert all(each.sealed for each in house.case(key).samples)
    assert not WithholdingRow.objects.using(house.alias).exclude(what="sealed").exists()
    right(house)
