"""Write any text in plain small letters: the first step of every judgement.

Unicode offers thousands of ways to draw one letter. :func:`fold` takes them back: compatibility
forms (NFKC), invisible and combining characters, letters of other scripts that look like Latin ones
(the confusables of Unicode Technical Standard 39, by ``confusable-homoglyphs``), and everything
else by its sound (``anyascii``). Symbols and emoji stay, each a word of its own.
"""

# ruff: noqa: RUF001, RUF002 - characters that are easily confused are what this module is about

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from anyascii import anyascii
from confusable_homoglyphs.confusables import confusables_data

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANKS = "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and symbols that nobody sees: fillers of Hangul and Khmer, the empty Braille pattern."""

_DRAWN = {
    # Cyrillic and Greek small letters as they look; the standard leads them to small capitals only.
    **dict(zip("вкмнптгзчьшияѕіј", "bkmhntr34bwunsij", strict=True)),
    **dict(zip("αβγεηικμνορτυχω", "abyenikuvoptuxw", strict=True)),
    # Signs that stand for letters in disguised words.
    **dict(zip("❌✖✕✗✘×⨯", "x" * 7, strict=True)),
    **dict(zip("⭕🔴🔵⚪⚫🟠🟡🟢🟣🌑🌕○●◯◎⊙", "o" * 16, strict=True)),
    **dict(zip("💲€£¥¢§©®°µ¡†➕✝", "selycscrouitt" + "t", strict=True)),
    **dict(zip("🅰🅱🅾🅿ℹⓂ", "abopim", strict=True)),
}
_JOINING = frozenset("'’‘`´ʼ＇")
_CAN_LOOK_LIKE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


class _Table(dict[int, str]):
    """A table for ``str.translate`` that works each character out once, when it is first met.

    Two threads may work out the same character; both find the same, and storing is atomic.
    """

    def __init__(self, *, by_sound: bool) -> None:
        self._by_sound = by_sound

    def __missing__(self, code: int) -> str:
        self[code] = plain = _plain(chr(code), by_sound=self._by_sound)
        return plain


def _plain(char: str, *, by_sound: bool) -> str:
    if char.isascii():
        return char.lower() if char.isprintable() else " "
    kind = unicodedata.category(char)
    if kind in ("Mn", "Me", "Cf", "Co", "Cn", "Cs") or char in _BLANKS:
        return ""
    if kind[0] == "Z" or kind == "Cc":
        return " "
    if "\U0001f3fb" <= char <= "\U0001f3ff":  # colours of skin change no meaning
        return ""
    if char in _JOINING:
        return "'"
    return _letter(char, by_sound=by_sound) or _sign(char, kind)


def _letter(char: str, *, by_sound: bool) -> str:
    """The Latin letters or digits that a character stands for, or nothing."""
    if by_sound and unicodedata.category(char)[0] in "LN":
        return _only_letters(anyascii(char))
    drawn = _DRAWN.get(char) or _DRAWN.get(char.lower())
    if drawn:
        return drawn
    base = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    if base.isascii():
        return _only_letters(base.lower())
    return _look(char) or (_only_letters(anyascii(char)) if _spells(char) else "")


def _look(char: str) -> str:
    """What UTS 39 says a character looks like, if that leads to one Latin letter or digit."""
    likes = [str(found["c"]) for found in confusables_data.get(char, ())]
    for like in likes:
        if like.lower() in _CAN_LOOK_LIKE:
            return like.lower()
    # A small capital is first of all the letter it is called; Cyrillic ones only look like it.
    latin = "LATIN" in unicodedata.name(char, "")
    further = [anyascii(char)] if latin else [_DRAWN.get(x, anyascii(x)) for x in likes]
    return next((x.lower() for x in further if x.lower() in _CAN_LOOK_LIKE), "")


def _spells(char: str) -> bool:
    """Letters and numbers, and signs that are a letter in a frame or of a flag."""
    name = unicodedata.name(char, "")
    return unicodedata.category(char)[0] in "LN" or any(
        word in name for word in ("LATIN", "REGIONAL INDICATOR", "BRAILLE")
    )


def _only_letters(text: str) -> str:
    return "".join(c for c in text.lower() if c in _CAN_LOOK_LIKE)


def _sign(char: str, kind: str) -> str:
    if kind in ("So", "Sk", "Sm"):
        return f" {char} "
    return "-" if kind[0] == "P" else " "


_LOOK = _Table(by_sound=False)
_SOUND = _Table(by_sound=True)


def fold(text: str) -> tuple[str, ...]:
    """Write ``text`` in small ASCII letters, digits and signs; emoji stay, with spaces around.

    Returns one reading, or two where the letters of another script sound otherwise than they look:
    in Cyrillic, ``порно`` sounds like "porno", and ``сосk`` looks like a Latin word.

    >>> fold("ＢＯ\u200bKÉP")
    ('bokep',)
    """
    if text.isascii():
        return (text.translate(_LOOK),)
    normal = unicodedata.normalize("NFKC", text)
    look, sound = normal.translate(_LOOK), normal.translate(_SOUND)
    return (look,) if look == sound else (look, sound)


def warm(characters: Iterable[str]) -> None:
    """Work characters out beforehand, so that the first queries do not pay for it."""
    for char in characters:
        fold(char)
