"""What people say on the gateway's pages arrives at the desk, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from perisai import settings as settings_package
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.intake.gateway import Gateway
from perisai.desk.intake.reports import take_in
from perisai.errors import StorageError
from perisai.storage.records import ItemReport
from perisai.terms import AgeBand
from tests.desk.conftest import NOW

SHA = "ab" * 32


def report(n: int, kind: str = "report", **changed) -> ItemReport:
    made = ItemReport(
        f"nomor-{n}", "catalogue", f"item-{n}", SHA, kind, "terlihat jelas", AgeBand.AGE_10_12,
        NOW + timedelta(minutes=n),
    )  # fmt: skip
    return replace(made, **changed)


class Store:
    """The gateway's reports."""

    def __init__(self, *kept: ItemReport) -> None:
        self.kept = list(enumerate(kept, 1))
        self.down = False

    def reports(self, since: int = 0, limit: int = 1000):
        if self.down:
            raise StorageError("the gateway's tables cannot be read")
        return tuple(each for each in self.kept if each[0] > since)[:limit]


def complaints(house) -> list[ComplaintRow]:
    return list(ComplaintRow.objects.using(house.alias).order_by("position", "id"))


def test_each_is_taken_in_once(house):
    store = Store(report(1), report(2, "hidden"))
    assert take_in(house, store) == 2
    assert take_in(house, store) == 0
    store.kept.append((3, report(3)))
    assert take_in(house, store) == 1
    rows = complaints(house)
    assert [row.source for row in rows] == ["gateway"] * 3
    told = sorted((house.complaint(row.id).told for row in rows), key=lambda each: each["item"])
    assert told[0] == {
        "app": "catalogue", "item": "nomor-1", "sha256": SHA, "what": "terlihat jelas",
        "wish": "hide",
    }  # fmt: skip
    assert told[1]["wish"] == "show"
    assert house.rebuild(write=False) == []
    assert house.log.verify() is None


def test_need_not_be_hidden_is_an_appeal(house):
    take_in(house, Store(report(1), report(2, "hidden")))
    appeals = {house.complaint(row.id).told["item"]: row.appeal for row in complaints(house)}
    assert appeals == {"nomor-1": False, "nomor-2": True}


def test_reports_of_the_same_item_are_one_entry_and_an_appeal_stands_for_itself(house):
    same = {"number": "nomor-1", "item": "item-1"}
    take_in(house, Store(report(1), report(2, **same), report(3, "hidden", **same)))
    entries = {house.complaint(row.id).triage.entry for row in complaints(house) if row.appeal}
    assert entries == {""}
    joined = [house.complaint(row.id).triage.entry for row in complaints(house) if not row.appeal]
    assert len([each for each in joined if each]) == 1


def test_a_gateway_that_is_down_is_asked_again(house):
    store = Store(report(1))
    store.down = True
    with pytest.raises(StorageError):
        take_in(house, store)
    store.down = False
    assert take_in(house, store) == 1


def test_what_was_broken_off_goes_on(house, monkeypatch):
    store = Store(*(report(n) for n in range(1, 5)))
    receive, left = house.receive, [2]

    def dying(*args, **kwargs):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return receive(*args, **kwargs)

    monkeypatch.setattr(house, "receive", dying)
    with pytest.raises(KeyboardInterrupt):
        take_in(house, store)
    left[0] = 9
    assert take_in(house, store) == 2
    assert len(complaints(house)) == 4


def test_the_tables_of_another_gateway_begin_anew(house):
    take_in(house, Store(*(report(n) for n in range(1, 4))))
    other = Store(report(11), report(12))
    assert take_in(house, other) == 2
    assert take_in(house, other) == 0
    assert len(complaints(house)) == 5


def test_from_the_gateways_own_tables(house, tmp_path):
    from perisai.storage.open import open_store

    settings = settings_package.load(env={}, home=tmp_path / "gateway")
    gateway = Gateway(settings, house)
    assert gateway.once() == 0, "no gateway has run here"
    assert not settings.home.exists()
    store = open_store(settings)
    store.add_report(report(1))
    store.add_report(report(2, "hidden", reason=""))
    assert gateway.once() == 2
    assert gateway.once() == 0
    store.close()
