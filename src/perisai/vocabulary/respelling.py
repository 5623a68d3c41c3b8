"""How people respell one word so that a list does not know it: made from the words beforehand.

Each function takes a plain word and yields writings of it. What an innocent word looks like is not
known here; :mod:`perisai.vocabulary.spotting` leaves out every writing that the lexicon knows.
"""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LEET = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b",
    "9": "gq", "@": "a", "$": "s", "!": "il", "|": "li", "+": "t", "(": "c", "<": "c", "&": "e",
    "%": "x",
}  # fmt: skip
"""Digits and signs, and the letters they stand for, the likelier first."""

DRAWN_WITH_SIGNS = (
    ("|\\|", "n"), ("/\\/", "n"), ("|v|", "m"), ("\\/\\/", "w"), ("/\\", "a"), ("\\/", "v"),
    ("|<", "k"), ("|{", "k"), ("|3", "b"), ("|)", "d"), ("|>", "p"), ("|_|", "u"), ("|_", "l"),
    ("|-|", "h"), ("()", "o"), ("[]", "o"), ("><", "x"),
)  # fmt: skip
"""Letters drawn with several signs, the longer first."""

MOST_READINGS = 24
"""Readings of one word full of digits that are tried; a longer word has more than anybody needs."""

ENDINGS = {
    "en": ("s", "es", "ed", "ing", "er", "ers", "z"),
    "id": ("nya", "ku", "mu", "an", "in", "lah", "kan", "s"),
    "jv": ("e", "ne", "ku", "mu", "an", "nya"),
    "su": ("na", "ku", "mu", "an", "keun", "nya"),
}
"""What grammar or slang hangs on a word, by language."""

_LAST = {
    "k": ("q", "c", "x", "g", "ck", "kh", "gh", "que"),
    "p": ("b", "f", "v", "ph"),
    "t": ("d", "dt", "td", "th"),
    "s": ("z", "zz"),
    "x": ("ks", "cks", "xxx"),
}
_ANYWHERE = (("k", "q"), ("k", "c"), ("c", "k"), ("s", "z"), ("u", "oe"), ("j", "dj"), ("i", "y"),
             ("ks", "x"), ("x", "ks"), ("x", "cks"), ("f", "ph"), ("v", "f"), ("u", "v"),
             ("o", "oh"), ("ck", "k"), ("w", "vv"), ("m", "rn"), ("y", "ie"))  # fmt: skip


_STRETCHED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")


def by_ear(word: str) -> Iterator[str]:
    """Other letters for the same sound: "qontol", "bokef", "ngentod"."""
    for last in _LAST.get(word[-1], ()):
        yield word[:-1] + last
    for letters, other in _ANYWHERE:
        if letters in word:
            yield word.replace(letters, other)
            yield word.replace(letters, other, 1)


def slips(word: str) -> Iterator[str]:
    """Two neighbouring letters swapped, or one inside letter left out: "kotnol", "kntol"."""
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]


def unstretched(word: str) -> tuple[str, str]:
    """Letters that stand three times or more, twice and once: "boooobs" is "boobs", "bobs"."""
    return _STRETCHED.sub(r"\1\1", word), _STRETCHED.sub(r"\1", word)


def undoubled(word: str) -> str:
    """No letter twice in a row: "ppoorrnn" is "porn"."""
    return _DOUBLED.sub(r"\1", word)


def leet_readings(word: str) -> Iterator[str]:
    """What a word with digits and signs may say: ``b0k3p`` "bokep", ``c0l1`` "coli", "coll"."""
    choices = [LEET.get(char, char) for char in word]
    for letters in islice(product(*choices), MOST_READINGS):
        yield "".join(letters)


def drawn(word: str) -> str:
    """Letters drawn with several signs, read: ``|<0nt0|_`` is ``k0nt0l``."""
    for signs, letter in DRAWN_WITH_SIGNS:
        word = word.replace(signs, letter)
    return word
