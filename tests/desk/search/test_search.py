"""Searching on both databases: what is found, what never is, and questions of ill will."""

from __future__ import annotations

import random
import shutil
from datetime import timedelta

import pytest
from django.db import connections

from perisai import settings as settings_package
from perisai.desk.cases import domain as cases
from perisai.desk.cases.models import CaseRow
from perisai.desk.complaints.models import ComplaintRow
from perisai.desk.house import House
from perisai.desk.permissions import Role
from perisai.desk.search import index, services
from perisai.desk.search.models import SearchRow
from perisai.desk.search.words import asked, words
from perisai.desk.site import make_tables
from perisai.storage.configuration import alias_of, database
from perisai.storage.facts.log import FactLog
from perisai.storage.facts.people import People
from tests.common import databases
from tests.desk.conftest import INTAKE, OFFICER, REVIEWER, actor

MINISTRY, LIAISON = actor(Role.MINISTRY), actor(Role.PLATFORM)
HOSTILE = (
    '"', "'", "' OR 1=1 --", '" OR "', "a AND", "NEAR(a b, 5)", "text:kucing", "*", "a*b", "^a",
    "(", "a)", "-a", "{a b}", "a:b:c", "\0", "a\0b", "\ud800", "%", "_", "\\", "a\\' | 'b", "!a",
    "a & | b", "<->", "':*", "$$", "x" * 5_000, "a " * 5_000, "İ", "ß", "ﬁ", "\uff4b\uff55", "กขค",
    "🦊", "\u0301", "٣", "½", "Ⅷ", "\U0001e900", "\U00031350",
)  # fmt: skip

STRANGE = (
    "ﬁlm",
    "\uff4b\uff55\uff43\uff49",
    "İstanbul",
    "กขค",
    "ß",
    "\U0001e900x",
    "Straße",
    "ⅷ",
    "٣٤",
)


@pytest.fixture(params=[*databases.KINDS, "plain"])
def house(request, tmp_path, clock, monkeypatch, tables):
    """A house on SQLite, on PostgreSQL, and on a SQLite that has no index of words."""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")
    else:
        address = "sqlite:///search.sqlite3"
        shutil.copy(tables, tmp_path / "search.sqlite3")
    settings = settings_package.load(env={"PERISAI_STORAGE__DATABASE": address}, home=tmp_path)
    alias = alias_of(database(settings))
    if request.param == "postgresql":
        make_tables(alias)
    if request.param == "plain":
        monkeypatch.setattr(index, "has_fts5", lambda _: False)
    kind = {"sqlite": index.Fts5, "postgresql": index.Lexemes, "plain": index.Plain}
    assert isinstance(index.index_of(alias), kind[request.param])
    yield House(FactLog(alias), People(b"k" * 32, alias), clock, alias)
    connections[alias].close()


def opened(house, title, complaint=None):
    return house.open_case(
        INTAKE, title=title, platform="Contoh Pesan", words=["Menári"],
        promised=house.clock() + timedelta(days=5), complaint=complaint,
    ).id  # fmt: skip


def found(house, who, text):
    complaints = services.complaints(who, ComplaintRow.objects.using(house.alias), text)
    return {*numbers(cases_in(house, who, text)), *numbers(complaints)}


def cases_in(house, who, *texts):
    return services.cases(who, CaseRow.objects.using(house.alias), *texts)


def numbers(rows):
    return set(rows.values_list("id", flat=True))


def test_the_whole_of_it(house):
    first = house.receive({"what": "GIF kucing, yang TIDAK pantas", "app": "WhatsApp"}).id
    second = house.receive({"what": "stiker anjing", "link": "https://gif.example/view/1"}).id
    key = opened(house, "Kucing di pencarian", first)
    house.change_case(key, INTAKE, lambda c: cases.note(c, INTAKE, "rahasia lembaga", "internal"))
    house.change_case(key, INTAKE, lambda c: cases.note(c, INTAKE, "untuk semua", "agencies"))

    assert found(house, INTAKE, "kucing") == {first, key}
    assert found(house, INTAKE, "KUC pan") == {first}, "beginnings, in any order"
    assert found(house, INTAKE, "whatsapp tidak") == {first}
    assert found(house, INTAKE, "menari contoh") == {key}, "accents and case do not count"
    assert found(house, INTAKE, "ucing") == set(), "beginnings of words"
    assert found(house, INTAKE, "kucing anjing") == set(), "every word"
    either = cases_in(house, INTAKE, "kucing menari", "pencarian x", "menari")
    assert numbers(either) == {key}, "all words of one text are enough"
    assert not cases_in(house, INTAKE, "kucing menari x", "x").exists()
    assert found(house, INTAKE, "") == found(house, INTAKE, " ,;! ") == set()

    assert found(house, INTAKE, "rahasia") == {key}
    assert found(house, MINISTRY, "rahasia") == set(), "not a note of the house"
    assert found(house, MINISTRY, "semua") == {key}
    assert found(house, MINISTRY, "stiker") == set(), "no complaints for the ministry"
    assert found(house, LIAISON, "kucing") == set()

    house.change_case(key, OFFICER, lambda c: cases.name_conflict(c, OFFICER, "reviewer"))
    assert first not in found(house, REVIEWER, "kucing"), "party to its case"
    assert found(house, REVIEWER, "stiker") == {second}

    house.seal(first, INTAKE)
    assert found(house, INTAKE, "pantas") == set(), "sealed"
    assert not SearchRow.objects.using(house.alias).filter(key=first).exists()
    assert house.rebuild(write=False) == []
    house.rebuild(write=True)
    assert found(house, INTAKE, "kucing") == {key}
    assert found(house, INTAKE, "stiker") == {second}

    for text in STRANGE:
        written = house.receive({"what": f"lihat {text} ini"}).id
        assert written in found(house, INTAKE, text), text

    for text in HOSTILE:
        found(house, INTAKE, text)
    some = random.Random(7)
    for _ in range(150):
        text = "".join(chr(some.randrange(0x11_0000)) for _ in range(6))
        found(house, INTAKE, text)
        found(house, INTAKE, " ".join(text))


def test_the_index_of_words_is_asked(house):
    """And of two that of what is looked for, once."""
    if connections[house.alias].vendor != "postgresql":
        return
    with connections[house.alias].cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_indexscan = off")
    said = services.complaints(INTAKE, ComplaintRow.objects.using(house.alias), "kuc").explain()
    assert "on search_complaints" in said
    assert "InitPlan" in said
    said = cases_in(house, INTAKE, "kuc", "anj").explain()
    assert "on search_cases" in said
    assert "on search_cases" in cases_in(house, MINISTRY, "kuc").explain()


@pytest.mark.parametrize("ordered", [2, 100])
def test_of_very_many_the_newest(house, monkeypatch, ordered):
    every = [house.receive({"what": f"kucing {number}"}).id for number in range(6)]
    house.receive({"what": "stiker anjing"})
    opened(house, "kucing")
    assert found(house, INTAKE, "kucing") > {*every}
    monkeypatch.setattr(index, "MOST", 4)
    monkeypatch.setattr(index, "SORTED", ordered)
    complaints = services.complaints(INTAKE, ComplaintRow.objects.using(house.alias), "kuc")
    assert numbers(complaints) == {*every[-4:]}


def test_words():
    assert words("Kafé_a-b\0c") == ["kafe", "a", "b", "c"]
    assert len(asked("a b c d e f g h i j k a")) == 8
    assert asked("x" * 500) == ["x" * 60]
