"""A large load is laid as if people had done it all: chain, facts and rows are whole."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connections

from perisai.desk import large
from perisai.desk.cases.models import CaseRow
from perisai.desk.complaints.models import ComplaintRow
from perisai.errors import NotYet

pytestmark = pytest.mark.on_both


def laid(house, seed: int = 1) -> list[tuple[str, str, str]]:
    told: list[int] = []
    assert large.lay(house, 60, seed, told.append) == house.log.end()[0]
    assert told == [60]
    return [(f.kind, f.by, f.at.isoformat()) for f in house.log.all()]


def test_a_load_is_whole(house):
    facts = laid(house)
    assert 600 <= len(facts) <= 700
    assert house.log.verify() is None
    with house.together():
        assert house.rebuild(write=True)
    assert house.rebuild(write=False) == []
    if connections[house.alias].vendor == "postgresql":
        with connections[house.alias].cursor() as cursor:
            table = ComplaintRow._meta.db_table
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
            assert cursor.fetchone() == (60,), "it knows how large its tables are"
            cursor.execute("SELECT relallvisible FROM pg_class WHERE relname = %s", [table])
            assert cursor.fetchone() > (0,), "an index alone answers what is in it"
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("30s",), "as patient as before"
    else:
        with connections[house.alias].cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT segid) FROM search_words_idx")
            assert cursor.fetchone() == (1,), "its index of words is in one piece"
    assert ComplaintRow.objects.using(house.alias).count() == 60
    statuses = Counter(CaseRow.objects.using(house.alias).values_list("status", flat=True))
    assert statuses.total() == 6
    assert len(statuses) > 1
    waiting = ComplaintRow.objects.using(house.alias).filter(waiting=True).count()
    assert 0 < waiting < 30
    with pytest.raises(NotYet, match="empty house"):
        large.lay(house, 10)


def test_the_same_number_lays_the_same(house, tmp_path_factory, clock):
    one = laid(house)
    from perisai.storage.facts.models import Event, Head

    Event.objects.using(house.alias).all().delete()
    Head.objects.using(house.alias).all().delete()
    assert laid(house) == one
    Event.objects.using(house.alias).all().delete()
    Head.objects.using(house.alias).all().delete()
    assert laid(house, 2) != one
