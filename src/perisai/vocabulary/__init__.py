"""Is it asked for? Search words, normalised and classed.

>>> from perisai.vocabulary import Vocabulary
>>> vocabulary = Vocabulary.load()
>>> vocabulary.judge("analisis data").decision.value
'allow'
>>> vocabulary.judge("pendidikan seks").cards
('body',)

docs/vocabulary.md says how it decides and how a lexicon is written. This package knows nothing of
pictures.
"""

from __future__ import annotations

from perisai.vocabulary.cards import Card, cards
from perisai.vocabulary.judging import (
    BLOCK_AT,
    MAX_LENGTH,
    Judgement,
    Match,
    QueryDecision,
    Vocabulary,
)
from perisai.vocabulary.reading import Term, TermClass
from perisai.vocabulary.spotting import View

__all__ = [
    "BLOCK_AT",
    "MAX_LENGTH",
    "Card",
    "Judgement",
    "Match",
    "QueryDecision",
    "Term",
    "TermClass",
    "View",
    "Vocabulary",
    "cards",
]
