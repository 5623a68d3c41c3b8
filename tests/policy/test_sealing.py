from __future__ import annotations

import pytest

from perisai.policy import Finding, Label, Source, seal

MODEL = Finding(Source.MODEL, Label.EXPLICIT, 0.7, 3, 100, by="opennsfw", detail="border view")
LIST = Finding(Source.HASH, Label.LISTED, 1.0, 4, 200, by="kpai", detail="distance 4")
ABUSE = Finding(Source.HASH, Label.ABUSE, 0.9, 5, 300, by="secret", detail="distance 2")


def test_without_abuse_nothing_is_taken_away() -> None:
    assert seal([MODEL, LIST]) == (MODEL, LIST)
    assert seal([]) == ()


def test_abuse_takes_every_detail_the_count_and_everything_else_away() -> None:
    lower = Finding(Source.MODEL, Label.EXPLICIT, 0.2, 9, 900, by="nudenet")
    sealed = seal([lower, MODEL, ABUSE, LIST, ABUSE])
    assert sealed == (Finding(Source.HASH, Label.ABUSE, 1.0),)
    assert seal(sealed) == sealed


def test_a_persons_no_neither_seals_nor_stays_beside_what_does() -> None:
    no = Finding(Source.HUMAN, Label.ABUSE, 0.0, by="officer")
    assert seal([MODEL, no]) == (MODEL, no)
    assert seal([no, ABUSE]) == (Finding(Source.HASH, Label.ABUSE, 1.0),)


def test_a_persons_word_seals() -> None:
    assert seal([Finding(Source.HUMAN, Label.ABUSE, 1.0, 3, by="officer")]) == (
        Finding(Source.HUMAN, Label.ABUSE, 1.0),
    )


def test_a_model_cannot_say_it() -> None:
    with pytest.raises(ValueError, match="cannot say 'abuse'"):
        seal([Finding(Source.MODEL, Label.ABUSE, 1.0)])
