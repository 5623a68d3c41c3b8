"""Searches that the lexicon has never seen: another person wrote them, without reading it.

Nothing is ever tuned to these, so what they show is what strangers will meet; the numbers stand in
docs/vocabulary.md. The floors here are loose on purpose: they catch a lexicon that broke, not one
that could be better.
"""

from __future__ import annotations

from perisai.vocabulary import QueryDecision
from tests.vocabulary import measure, sets


def test_innocent_searches_held_out(vocabulary):
    texts = [text for _, text in sets.read(sets.HELD_OUT / "innocent.txt")]
    row = measure.count("held out", texts, vocabulary)
    print(f"held out, innocent: {100 * row.share(QueryDecision.BLOCK):.2f} % blocked")  # noqa: T201
    assert row.share(QueryDecision.BLOCK) <= 0.05


def test_evasions_held_out(vocabulary):
    texts = [text for _, text in sets.read(sets.HELD_OUT / "evasions.txt")]
    row = measure.count("held out", texts, vocabulary)
    print(f"held out, evasions: {100 * (1 - row.share(QueryDecision.BLOCK)):.2f} % not blocked")  # noqa: T201
    assert row.share(QueryDecision.BLOCK) >= 0.5


def test_the_tables_in_the_docs_are_those_measured(vocabulary):
    """Run ``python -m tests.vocabulary.measure --write`` if this fails."""
    page = measure.PAGE.read_text(encoding="utf-8")
    assert measure.replaced(page, measure.tables(vocabulary)) == page
