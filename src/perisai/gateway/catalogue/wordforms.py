"""Other forms of a word: plurals, and what Indonesian puts before and behind a root.

Rough on purpose: what comes out need be no word, since it is only ever compared with what comes out
of other words. Rules of affixes: Tata Bahasa Baku Bahasa Indonesia.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ENDINGS = ("nya", "lah", "kah", "pun", "ku", "mu")
_SUFFIXES = ("kan", "an", "i")
_PREFIXES = (
    ("meny", "s"),
    ("peny", "s"),
    ("meng", "k"),
    ("peng", "k"),
    ("mem", "p"),
    ("pem", "p"),
    ("men", "t"),
    ("pen", "t"),
    ("ber", ""),
    ("ter", ""),
    ("me", ""),
    ("di", ""),
)
"""A prefix, and the first letter of a root that it swallows: *menari* comes from *tari*."""
SHORTEST = 3
"""Letters that must be left."""


@lru_cache(maxsize=50_000)
def forms(word: str) -> frozenset[str]:
    """What the word may be a form of, without the word itself."""
    found = {
        word,
        *_long(word.removesuffix(ending) for ending in _ENDINGS),
        *_long(_singular(word)),
    }
    found |= {root for each in found for root in _long(_roots(each))}
    found |= {root for each in found for root in _long(each.removesuffix(s) for s in _SUFFIXES)}
    return frozenset(found - {word})


def _singular(word: str) -> Iterator[str]:
    """What an English plural may be the plural of."""
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]


def _roots(word: str) -> Iterator[str]:
    """The word without an Indonesian prefix, with and without the letter that it swallows."""
    for prefix, swallowed in _PREFIXES:
        if word.startswith(prefix):
            yield word.removeprefix(prefix)
            yield swallowed + word.removeprefix(prefix)


def _long(words: Iterable[str]) -> list[str]:
    return [word for word in words if len(word) >= SHORTEST]
