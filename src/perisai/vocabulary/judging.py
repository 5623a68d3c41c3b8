"""A search in, a decision out: allow, filter the results strictly, block, or offer help."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.vocabulary.folding import fold
from perisai.vocabulary.reading import TermClass, read_lexicon
from perisai.vocabulary.spotting import Index
from perisai.vocabulary.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from importlib.resources.abc import Traversable

    from perisai.vocabulary.reading import Lexicon, Term
    from perisai.vocabulary.spotting import Hit, View
    from perisai.vocabulary.words import Word

MAX_LENGTH = 500
"""Characters that are read. A longer query is filtered at least: part of it was not read."""

BLOCK_AT = 0.8
"""The sum of weights from which a query asks for pornography."""


class QueryDecision(StrEnum):
    """What a search gets."""

    ALLOW = "allow"
    FILTER = "filter"
    """Results are shown, held to the strictest rating."""
    BLOCK = "block"
    """An empty page; nothing is sent upstream."""
    HELP = "help"
    """Results as for ``filter``, and a help card."""


@dataclass(frozen=True, slots=True)
class Match:
    """A term that was found: how it was ``written`` (folded) and in which ``view`` it was seen.

    ``weight`` lies in 0..1: the term's own, less in the weaker views.
    """

    term: Term
    written: str
    view: View
    weight: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided about one query, and why.

    ``weight`` is the sum that was compared with :data:`BLOCK_AT`. ``cards`` names the help cards to
    show, also beside an empty page. ``unread`` counts characters beyond :data:`MAX_LENGTH`: never
    send these upstream.
    """

    query: str
    decision: QueryDecision
    terms: tuple[Match, ...]
    weight: float
    cards: tuple[str, ...]
    unread: int

    @property
    def help(self) -> bool:
        """Whether a help card is to be shown, whatever the decision."""
        return bool(self.cards)

    @property
    def strict(self) -> bool:
        """Whether results, where there are any, are held to the strictest rating."""
        return self.decision is not QueryDecision.ALLOW


class Vocabulary:
    """A lexicon ready to judge. Nothing changes after loading: threads may share it.

    >>> vocabulary = Vocabulary.load()
    >>> vocabulary.judge("kucing lucu").decision
    <QueryDecision.ALLOW: 'allow'>
    """

    def __init__(self, lexicon: Lexicon, generation: str) -> None:
        self.terms = lexicon.terms
        self.generation = generation
        """Changes with every change of a lexicon file; kept judgements go with it."""
        self._index = Index(lexicon)

    @classmethod
    def load(cls, extra_files: Iterable[str | Path] = ()) -> Vocabulary:
        """Read the lexicon that comes with Perisai, and an operator's own files beside it.

        Raises LexiconError; the message names file, line and key and says what to do.
        """
        files: list[Path | Traversable] = [*shipped()]
        files += [Path(file).expanduser() for file in extra_files]
        lexicon = read_lexicon(files)
        told = repr((lexicon.terms, sorted(lexicon.glue)))
        return cls(lexicon, hashlib.sha256(told.encode()).hexdigest()[:12])

    def overdue(self, today: date) -> tuple[Term, ...]:
        """The terms whose review date has passed. They go on protecting."""
        return tuple(term for term in self.terms if term.review < today)

    def judge(self, text: str) -> Judgement:
        """Decide about a search; also about a title, a tag or a suggestion, each by itself.

        Depends on nothing but the text and the lexicon.
        """
        found: dict[str, Match] = {}
        for folded in fold(text[:MAX_LENGTH]):
            for match in self._matches(read_words(folded, self._index)):
                known = found.get(match.term.text)
                if known is None or known.weight < match.weight:
                    found[match.term.text] = match
        unread = max(len(text) - MAX_LENGTH, 0)
        return _decide(text, tuple(found.values()), unread)

    def _matches(self, words: list[Word]) -> list[Match]:
        hits = self._index.spot(" ".join([word.says for word in words]))
        return [
            _match(hit, words)
            for hit in hits
            if hit.form.term and not any(other.covers(hit) for other in hits)
        ]


def shipped() -> tuple[Traversable, ...]:
    """The lexicon files that come with Perisai."""
    folder = resources.files("perisai.vocabulary") / "lexicon"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted(files, key=lambda file: file.name))


def _match(hit: Hit, words: list[Word]) -> Match:
    term = hit.form.term
    assert term is not None  # noqa: S101 - innocent phrases were left out
    covered = words[hit.first : hit.last + 1]
    view = min((word.view for word in covered), key=lambda view: view.factor)
    if view.factor == 1.0:
        view = next((w.view for w in covered if w.view != "plain"), view)
    written = " ".join(word.written for word in covered)
    return Match(term, written, view, round(term.weight * view.factor, 3))


def _decide(text: str, matches: tuple[Match, ...], unread: int) -> Judgement:
    weight = round(sum(match.weight for match in matches), 3)
    cards = tuple(sorted({match.term.card for match in matches if match.term.card}))
    if weight >= BLOCK_AT:
        decision = QueryDecision.BLOCK
    elif any(match.term.kind is TermClass.HELP for match in matches):
        decision = QueryDecision.HELP
    elif weight > 0 or unread:
        decision = QueryDecision.FILTER
    else:
        decision = QueryDecision.ALLOW
    return Judgement(text, decision, matches, weight, cards, unread)
