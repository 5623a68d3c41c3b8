# ruff: noqa: RUF001 - characters that are easily confused are what is tested
from __future__ import annotations

import doctest
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.vocabulary import folding
from perisai.vocabulary.folding import fold


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(folding).failed == 0


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("BoKeP", "bokep"),
        ("ｂｏｋｅｐ", "bokep"),
        ("bo\u200bk\u00ade\u2060p", "bokep"),
        ("b\u0336o\u0336k\u0336e\u0336p", "bokep"),
        ("𝓫𝓸𝓴𝓮𝓹", "bokep"),
        ("ⓑⓞⓚⓔⓟ", "bokep"),
        ("ʙᴏᴋᴇᴘ", "bokep"),
        ("🅱okep", "bokep"),
        ("🇸🇪🇽", "sex"),
        ("p⭕rn", "porn"),
        ("se❌", "sex"),
        ("\u3164sex\u2800", "sex"),
        ("bо\u0440n", "bopn"),  # Cyrillic, as it looks
        ("né à Orléans", "ne a orleans"),
        ("tab\tand\x00nul", "tab and nul"),
    ],
)
def test_what_it_looks_like(text, plain):
    assert fold(text)[0] == plain


def test_what_it_sounds_like_comes_second():
    assert fold("порно")[1] == "porno"
    assert len(fold("plain")) == 1


def test_emoji_stand_alone_and_lose_their_colour():
    assert fold("a👍🏽b")[0].split() == ["a", "👍", "b"]


@given(st.text(max_size=60))
def test_any_text_folds_to_small_letters_and_stays_so(text):
    for folded in fold(text):
        assert folded == folded.lower()
        assert not any(c.isupper() for c in folded)


def test_every_character_there_is():
    for code in range(0, sys.maxunicode, 7):
        for folded in fold(chr(code)):
            assert "\n" not in folded
            assert len(folded) <= 40
