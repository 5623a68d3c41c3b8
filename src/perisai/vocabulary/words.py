"""Take a folded text apart into words, and each disguised word back to the one it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.vocabulary.respelling import drawn, leet_readings, undoubled, unstretched
from perisai.vocabulary.spotting import View

if TYPE_CHECKING:
    from perisai.vocabulary.spotting import Index

_PIECES = re.compile(r"[a-z0-9]+|[^\x00-\x7f]")
_RUN = re.compile(r"([a-z])\1")
_NOT_LEET = re.compile(r"[^a-z0-9@$!|+(<&%]")
_EDGES = '!|+(<&%?.,:;"#*-_~`)>='
_ADULTS = "\N{NO ONE UNDER EIGHTEEN SYMBOL}"
_FOR_ADULTS = frozenset({"18+", "+18", "18++", "21+", "+21"})
_DIGITS = str.maketrans("013457", "oieast")


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was ``written`` (folded), what it ``says``, and how it was disguised."""

    written: str
    says: str
    view: View = View.PLAIN


def read_words(folded: str, index: Index) -> list[Word]:
    """The words of a folded text, disguises taken off."""
    chunks = folded.split()
    words: list[Word] = []
    for chunk in chunks:
        if chunk.isalpha() and chunk.isascii():
            words.append(_of_letters(chunk, index))
        else:
            words.extend(_of_anything(chunk, index))
    if len(words) > 1:
        words = _spelled_out(words, index)
        words = _in_pieces(words, index)
    return words


def _of_letters(chunk: str, index: Index) -> Word:
    if chunk in index.words:
        return Word(chunk, chunk)
    repair = index.repairs.get(chunk)
    if repair:
        return Word(chunk, *repair)
    return (_shorter(chunk, index) if _RUN.search(chunk) else None) or Word(chunk, chunk)


def _shorter(chunk: str, index: Index) -> Word | None:
    """A word with letters repeated, as it is without; None if that says nothing."""
    for shorter in unstretched(chunk):
        if shorter == chunk:
            break
        if shorter in index.words or index.spot(shorter):
            return Word(chunk, shorter, View.STRETCHED)
    shortest = undoubled(chunk)
    if shortest in index.alone:
        return Word(chunk, shortest, View.DOUBLED)
    repair = index.repairs.get(shortest)
    return Word(chunk, *repair) if repair else None


def _of_anything(chunk: str, index: Index) -> list[Word]:
    """Read a chunk with digits, signs or emoji: as one word if that is one, else in pieces."""
    chunk = chunk.replace("'", "")
    if chunk.strip("()[].,!") in _FOR_ADULTS:
        return [Word(chunk, _ADULTS)]
    if chunk in index.words or chunk.isdigit():
        return [Word(chunk, chunk)]
    if chunk.isascii():
        whole = _as_one(chunk, index)
        if whole:
            return [whole]
    pieces = _PIECES.findall(chunk)
    if len(pieces) > 2 and all(len(piece) <= 2 for piece in pieces) and chunk.isascii():
        glued = "".join(pieces)
        word = _of_digits(glued, index) or _of_letters(glued, index)
        return [Word(chunk, word.says, _weaker(View.SPACED, word.view))]
    return [_of_digits(piece, index) or _of_letters(piece, index) for piece in pieces]


def _as_one(chunk: str, index: Index) -> Word | None:
    """A chunk that is a single disguised word: ``b0k3p``, ``$ex!``, ``b.o-kep``, ``k*nt*l``."""
    core, letters = chunk.strip(_EDGES), drawn(chunk)
    # Behind a word a sign is mostly what it is ("Oppa!"), before it rather a letter ("+oket").
    begun = chunk.rstrip(_EDGES)
    for text in dict.fromkeys((core, begun, core if letters == chunk else letters)):
        glued = _NOT_LEET.sub("", text)
        if not any(char.isalpha() or char in "@$" for char in glued):
            continue
        separated = glued != text
        for reading in leet_readings(glued):
            found = _known(reading, index)
            if found and (not separated or found.says in index.alone):
                view = View.SPACED if separated else View.LEET
                if glued == reading and not separated:
                    view = View.PLAIN
                return Word(chunk, found.says, _weaker(view, found.view))
    return _unmasked(core, index)


def _known(reading: str, index: Index) -> Word | None:
    """A reading that says something: a known word, or one that becomes such when repaired."""
    if not reading.isalpha():
        return None
    word = _of_letters(reading, index)
    return word if word.says in index.words else None


def _of_digits(piece: str, index: Index) -> Word | None:
    """A piece with digits among its letters; None if they stand for nothing."""
    if piece.isalpha() or piece.isdigit() or piece in index.words:
        return None
    bare = piece.strip("0123456789")
    if bare.isalpha() and bare in index.words:
        return Word(piece, bare)
    for reading in (*leet_readings(piece), *leet_readings(bare)):
        word = _of_letters(reading, index) if reading.isalpha() else None
        if word and (word.says in index.words or index.spot(word.says)):
            term = index.alone.get(word.says)
            if term is None or term.leet:
                return Word(piece, word.says, _weaker(View.LEET, word.view))
    return None


def _unmasked(core: str, index: Index) -> Word | None:
    """An explicit word with letters hidden: ``k*nt*l``. At least half must be seen."""
    if not core.isascii() or not any(sign in core for sign in "*#?@._-+~"):
        return None
    seen = sum(char.isalpha() for char in core)
    if len(core) < 3 or seen * 2 < len(core) or not core[0].isalpha():
        return None
    if not any(sign in core for sign in "*#?@~") and (seen < 4 or len(core) - seen > 1):
        return None  # a full stop or hyphen mostly is what it is
    for word in index.by_length.get(len(core), ()):
        if all(a == b or not a.isalnum() for a, b in zip(core, word, strict=True)):
            return Word(core, word, View.MASKED)
    return None


def _spelled_out(words: list[Word], index: Index) -> list[Word]:
    """Three single letters or more in a row become one word: ``b o k e p``."""
    if sum(len(word.written) == 1 for word in words) < 3:
        return words
    out: list[Word] = []
    run: list[Word] = []
    for word in (*words, None):
        if word is not None and len(word.written) == 1 and word.written.isascii():
            run.append(word)
            continue
        out.extend(_one_word(run, index) if len(run) >= 3 else run)
        run = []
        if word is not None:
            out.append(word)
    return out


def _one_word(run: list[Word], index: Index) -> list[Word]:
    glued = "".join(word.written for word in run)
    found = _of_digits(glued, index) or _of_letters(glued, index) if not glued.isdigit() else None
    if found and (found.says in index.alone or index.spot(found.says)):
        written = " ".join(word.written for word in run)
        return [Word(written, found.says, _weaker(View.SPACED, found.view))]
    return run


def _in_pieces(words: list[Word], index: Index) -> list[Word]:
    """Neighbours that together are an explicit word: ``bo kep``, ``k0n t0l``."""
    texts = [word.written.translate(_DIGITS) for word in words]
    out: list[Word] = []
    at = 0
    while at < len(words):
        end = _end_of_pieces(texts, at, index) if texts[at] in index.starts else 0
        if end:
            written = " ".join(word.written for word in words[at:end])
            out.append(Word(written, "".join(texts[at:end]), View.SEPARATED))
            at = end
        else:
            out.append(words[at])
            at += 1
    return out


def _end_of_pieces(texts: list[str], at: int, index: Index) -> int:
    """Where the pieces of an explicit word that begins at ``at`` end; 0 if there is none."""
    glued, best = texts[at], 0
    for end in range(at + 1, len(texts)):
        glued += texts[end]
        # A single letter behind a word is mostly one of its own: "meme k pop".
        if glued in index.joinable and len(texts[end]) > 1:
            best = end + 1
        if glued not in index.starts:
            break
    return best


def _weaker(one: View, other: View) -> View:
    return other if other.factor < one.factor or one is View.PLAIN else one
