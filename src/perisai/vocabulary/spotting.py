"""Find the lexicon's terms in plain words: one pass of an Aho-Corasick automaton over the text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import ahocorasick

from perisai.vocabulary.reading import WEIGHS, TermClass
from perisai.vocabulary.respelling import ENDINGS, by_ear, slips

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.vocabulary.reading import Lexicon, Term


class View(StrEnum):
    """How a term was written, the plainest first."""

    PLAIN = "plain"
    LEET = "leet"
    """With digits or signs for letters."""
    STRETCHED = "stretched"
    """With letters three times and more."""
    DOUBLED = "doubled"
    """With letters twice."""
    SPACED = "spaced"
    """Letter by letter, or with signs between."""
    SEPARATED = "separated"
    """In pieces that look like words of their own."""
    RESPELLED = "respelled"
    """By ear, or with letters swapped or left out."""
    MASKED = "masked"
    """With letters hidden behind a sign."""
    REVERSED = "reversed"

    @property
    def factor(self) -> float:
        """How much of a term's weight counts. The weaker views also meet innocent words."""
        return _FACTORS.get(self, 1.0)


_FACTORS = {
    View.DOUBLED: 0.9,
    View.SPACED: 0.9,
    View.MASKED: 0.9,
    View.SEPARATED: 0.8,
    View.RESPELLED: 0.8,
    View.REVERSED: 0.8,
}

SHORTEST_REVERSED = 4
SHORTEST_RESPELLED = 4
SHORTEST_SLIP = 6
SHORTEST_JOINED = 4


@dataclass(frozen=True, slots=True)
class Form:
    """One writing of a term that is looked for; an innocent phrase is a form without a term."""

    text: str
    term: Term | None
    inside: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A form found in a text: words ``first`` to ``last`` (from 0), wholly or as a part of one."""

    form: Form
    first: int
    last: int
    whole: bool

    def covers(self, other: Hit) -> bool:
        """Whether the other says nothing that this hit does not say better.

        A longer phrase covers what is within it. An innocent phrase, an identity or a help word
        also takes the words that it shares: in "trans woman naked mole rat", nobody asks for a
        "woman naked".
        """
        if not self.whole or self.last < other.first or other.last < self.first:
            return False
        if self.first <= other.first and other.last <= self.last:
            return not other.whole or self.last - self.first > other.last - other.first
        return self._protects and not other._protects and other.last > other.first

    @property
    def _protects(self) -> bool:
        return self.form.term is None or self.form.term.kind not in WEIGHS


class Index:
    """Everything that is looked up, made once from a lexicon; nothing changes afterwards."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.glue = lexicon.glue
        self.forms = _forms(lexicon)
        self.words = frozenset(word for text in self.forms for word in text.split())
        """Every word that some form contains: these need no repair."""
        self.alone = {
            text: form.term
            for text, form in self.forms.items()
            if " " not in text and form.term and form.term.kind is TermClass.EXPLICIT
        }
        """Explicit single words, which alone are looked for in the weaker views."""
        self.repairs = _repairs(self)
        self.joinable = frozenset(
            text
            for text, term in self.alone.items()
            if text == term.text and term.joined and len(text) >= SHORTEST_JOINED
        )
        self.starts = frozenset(word[:n] for word in self.joinable for n in range(1, len(word)))
        self.by_length = _by_length(self.alone)
        self._automaton = ahocorasick.Automaton()
        for text, form in self.forms.items():
            self._automaton.add_word(text, form)
        self._automaton.make_automaton()

    def spot(self, text: str) -> list[Hit]:
        """Find every form in ``text``, which is plain words with single spaces between.

        Inside a longer word, only forms that may stand there count, or such as are glued to
        nothing but harmless words ("hotsexvideo").
        """
        hits = []
        for end, form in self._automaton.iter(text):
            start = end - len(form.text) + 1
            at_start = start == 0 or text[start - 1] == " "
            at_end = end + 1 == len(text) or text[end + 1] == " "
            whole = at_start and at_end
            if not whole and (form.term is None or not self._part(text, start, end, form)):
                continue
            first = text.count(" ", 0, start)
            hits.append(Hit(form, first, first + form.text.count(" "), whole))
        return hits

    def _part(self, text: str, start: int, end: int, form: Form) -> bool:
        if form.inside:
            return True
        begin = text.rfind(" ", 0, start) + 1
        stop = text.find(" ", end)
        before, after = text[begin:start], text[end + 1 : stop if stop >= 0 else len(text)]
        return self._is_glue(before) and self._is_glue(after)

    def _is_glue(self, text: str, pieces: int = 3) -> bool:
        if not text or text in self.glue or text.isdigit() or text in self.alone:
            return True
        return pieces > 1 and any(
            text[:n] in self.glue and self._is_glue(text[n:], pieces - 1)
            for n in range(2, len(text) - 1)
        )


def _forms(lexicon: Lexicon) -> dict[str, Form]:
    """Terms and spellings first, then innocent phrases, then what grammar makes of the terms."""
    forms: dict[str, Form] = {}
    for term in lexicon.terms:
        forms[term.text] = Form(term.text, term, term.inside)
        for text in term.spellings:
            forms[text] = Form(text, term, inside=False)
    for term in lexicon.terms:
        for text in term.allow:
            forms.setdefault(text, Form(text, None, inside=False))
    for term in lexicon.terms:
        for text in _inflected(term):
            forms.setdefault(text, Form(text, term, inside=False))
    return forms


def _inflected(term: Term) -> Iterator[str]:
    if term.endings:
        for text in (term.text, *term.spellings):
            yield from (text + ending for ending in ENDINGS.get(term.language, ()))


def _repairs(index: Index) -> dict[str, tuple[str, View]]:
    """Writings that mean an explicit word, by view; none that the lexicon knows as a word."""
    found: dict[str, tuple[str, View]] = {}
    for written, word, view in _respelled(index.alone):
        if written not in index.words and len(written) >= SHORTEST_RESPELLED:
            found.setdefault(written, (word, view))
    return found


def _respelled(alone: dict[str, Term]) -> Iterator[tuple[str, str, View]]:
    # Not of the spellings: a respelling of a respelling soon meets an innocent word.
    roots = [(text, term) for text, term in alone.items() if text == term.text]
    for word, term in roots:
        if term.typos and len(word) >= SHORTEST_RESPELLED:
            yield from ((written, word, View.RESPELLED) for written in by_ear(word))
    for word, term in roots:
        if term.typos and len(word) >= SHORTEST_SLIP:
            yield from ((written, word, View.RESPELLED) for written in slips(word))
    for word, term in roots:
        if term.reversed and len(word) >= SHORTEST_REVERSED:
            yield word[::-1], word, View.REVERSED


def _by_length(alone: dict[str, Term]) -> dict[int, tuple[str, ...]]:
    lengths: dict[int, list[str]] = {}
    for word in alone:
        lengths.setdefault(len(word), []).append(word)
    return {length: tuple(words) for length, words in lengths.items()}
