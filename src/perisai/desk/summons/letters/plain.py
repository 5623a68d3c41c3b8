"""Text from anybody, made fit to stand in a letter: nothing unseen, no address of a picture."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\r\n?|[\u0085\u2028\u2029\v\f]")
_UNSEEN = {"Cc", "Cf", "Cs", "Co"}
_NO_CHARACTERS = 0xFFFE
"""From here on, in every plane, two numbers that are no characters."""
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}:(?://|\\\\)\S*"  # https://…
    r"|data:\S*"
    r"|www\.\S+"
    r"|\b[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S*"  # example.org/x
    r"|\b(?:\d{1,3}\.){3}\d{1,3}\S*"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:gif|webp|png|apng|jpe?g|avif|mp4|webm)\b",
    re.IGNORECASE,
)


def paragraph(text: str) -> str:
    """Lines of plain text: composed (NFC), without controls, direction marks or lone surrogates."""
    text = _LINES.sub("\n", unicodedata.normalize("NFC", text.replace("\t", " ")))
    seen = "".join(char for char in text if char == "\n" or not _unseen(char))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in seen.split("\n")).strip("\n")


def line(text: str) -> str:
    """The same as one line."""
    return " ".join(paragraph(text).split())


def lines(text: str) -> tuple[str, ...]:
    """Its lines that have something on them."""
    return tuple(each for each in paragraph(text).split("\n") if each)


def quoted(text: str, longest: int = 200) -> str:
    """Evidence as one line: what cannot be seen is written out, as in ``por[U+200B]no``."""
    text = unicodedata.normalize("NFC", text)
    shown = "".join(
        f"[U+{ord(char):04X}]" if _unseen(char) and not char.isspace() else char for char in text
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else shown[:longest].rstrip() + "…"


def without_links(text: str, instead: str) -> str:
    """Put ``instead`` where an address of a file or a page stands: no letter leads to a picture."""
    return _LINK.sub(lambda _: instead, text)


def _unseen(char: str) -> bool:
    if ord(char) & 0xFFFF >= _NO_CHARACTERS:
        return True
    return unicodedata.category(char) in _UNSEEN
