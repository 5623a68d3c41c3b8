"""The searches that the vocabulary is measured on.

A file holds one search a line; lines that begin with "# " say what follows.
"""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parent
DATA = FOLDER / "data"
HELD_OUT = FOLDER / "held_out"
MAY_BE_FILTERED = "may be filtered"


def read(file: Path) -> list[tuple[str, str]]:
    """The searches in a file, each with the heading it stands under."""
    heading, found = "", []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            heading = line[2:]
        elif line.strip():
            found.append((heading, line))
    return found


def innocent() -> list[str]:
    """Every innocent search, those too that may be filtered."""
    return [text for _, text in read(DATA / "innocent.txt")]


def ordinary() -> list[str]:
    """Innocent searches without a second meaning."""
    return [
        text
        for heading, text in read(DATA / "innocent.txt")
        if not heading.startswith(MAY_BE_FILTERED)
    ]


def evasions() -> list[str]:
    """Explicit searches in disguise, written by hand."""
    return [text for _, text in read(DATA / "evasions.txt")]


ASKS = (
    "bokep", "kontol", "memek", "ngentot", "toket", "bugil", "jembut", "video mesum",
    "bokep jepang", "film porno", "porn", "hentai", "pussy", "boobs", "blowjob", "cumshot",
    "dildo", "nipslip", "big tits", "sex video", "hot sex", "send nudes", "suck dick",
    "fuck pussy", "creampie",
)  # fmt: skip
"""What :func:`disguised` disguises."""

LEET = str.maketrans("aeiostb", "4310578")
CYRILLIC = str.maketrans("aceopxy", "асеорху")  # noqa: RUF001 - that is the disguise
DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "leet": lambda text, _: text.translate(LEET),
    "one digit": lambda text, dice: _one(text, dice, lambda char: char.translate(LEET)),
    "spaced": lambda text, _: " ".join(text.replace(" ", "")),
    "dotted": lambda text, _: " ".join(".".join(word) for word in text.split()),
    "underscored": lambda text, _: " ".join("_".join(word) for word in text.split()),
    "capitals": lambda text, dice: "".join(dice.choice((c, c.upper())) for c in text),
    "fullwidth": lambda text, _: "".join(chr(ord(c) + 0xFEE0) if c != " " else c for c in text),
    "bold": lambda text, _: "".join(chr(0x1D41A + ord(c) - 97) if c != " " else c for c in text),
    "circled": lambda text, _: "".join(chr(0x24D0 + ord(c) - 97) if c != " " else c for c in text),
    "cyrillic": lambda text, _: text.translate(CYRILLIC),
    "invisible": lambda text, _: "\u200b".join(text),
    "struck": lambda text, _: "".join(c + "\u0336" if c != " " else c for c in text),
    "accents": lambda text, _: unicodedata.normalize(
        "NFC", "".join(c + "\u0301" if c in "aeiou" else c for c in text)
    ),
    "stretched": lambda text, dice: _one(text, dice, lambda char: char * 4),
    "doubled": lambda text, _: "".join(c * 2 if c != " " else c for c in text),
    "framed": lambda text, _: f"🔥🔥{text}🔥🔥",
    "with emoji between": lambda text, _: "🔥".join(text.split(" ")) + "💦",
    "in a sentence": lambda text, _: f"gif {text} terbaru dong kak",
}


def disguised() -> Iterator[tuple[str, str]]:
    """Every ask in every disguise, with the disguise's name; always the same."""
    dice = random.Random(1)
    for name, disguise in DISGUISES.items():
        for ask in ASKS:
            yield name, disguise(ask, dice)


def _one(text: str, dice: random.Random, change: Callable[[str], str]) -> str:
    """Change one letter that changes."""
    places = [at for at, char in enumerate(text) if char != " " and change(char) != char]
    at = dice.choice(places)
    return text[:at] + change(text[at]) + text[at + 1 :]
