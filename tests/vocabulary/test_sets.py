"""Innocent searches are not blocked, and disguises are seen through. Names whatever fails."""

from __future__ import annotations

from time import perf_counter

from perisai.vocabulary import QueryDecision
from tests.vocabulary import measure, sets

NAMED_IN_THE_ISSUE = (
    "analisis", "seksama", "seksi", "pejuang", "kontrol", "Sussex", "kanker payudara",
    "pendidikan seks", "sekresi", "perekat", "memekakkan", "brokoli", "roket", "tiket", "bokeh",
    "kekerasan seksual", "kondom", "Scunthorpe", "momok", "huge", "crime",
)  # fmt: skip


def test_no_innocent_search_is_blocked(vocabulary):
    texts = sets.innocent()
    assert len(set(texts)) == len(texts) >= 1500
    assert measure.blocked(vocabulary, [*texts, *NAMED_IN_THE_ISSUE]) == []


def test_ordinary_searches_are_hardly_ever_filtered(vocabulary):
    row = measure.count("ordinary", sets.ordinary(), vocabulary)
    assert row.share(QueryDecision.FILTER) <= 0.02


def test_capitals_and_full_stops_change_nothing_for_the_innocent(vocabulary):
    texts = sets.innocent()
    written = [text.upper() for text in texts] + [f'"{text.title()}!?"' for text in texts]
    assert measure.blocked(vocabulary, written) == []


def test_evasions_written_by_hand(vocabulary):
    texts = sets.evasions()
    assert len(set(texts)) == len(texts) >= 600
    missed = measure.misses(vocabulary, texts)
    assert len(missed) <= 0.02 * len(texts), missed


def test_evasions_made(vocabulary):
    made = list(sets.disguised())
    for name in sets.DISGUISES:
        texts = [text for disguise, text in made if disguise == name]
        missed = measure.misses(vocabulary, texts)
        assert len(missed) <= 0.1 * len(texts), (name, missed)
    texts = [text for _, text in made]
    missed = measure.misses(vocabulary, texts)
    assert len(missed) <= 0.02 * len(texts), missed


def test_a_query_takes_less_than_fifty_microseconds(vocabulary):
    texts = [*sets.innocent(), *sets.evasions()]
    for text in texts:
        vocabulary.judge(text)
    best = min(_seconds(vocabulary, texts) for _ in range(3))
    assert best / len(texts) < 50e-6


def _seconds(vocabulary, texts):
    begin = perf_counter()
    for text in texts:
        vocabulary.judge(text)
    return perf_counter() - begin
