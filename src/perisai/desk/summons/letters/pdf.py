"""The letter as PDF: set by Typst, for the archive (PDF/A-2a) and for screen readers (PDF/UA-1)."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, cast

import typst

from perisai.desk.summons.letters.sheet import laid_out

if TYPE_CHECKING:
    from perisai.desk.summons.letters.letter import Letter
    from perisai.desk.summons.letters.sheet import Sheet

STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]
_SURE = re.compile("[\x20-\x7e\u00a0-\u017f\u2013\u2014\u2018-\u201d\u2026\n]*")
"""What the fonts that come with Typst are known to have."""
MOST_PROBES = 300
_PROBE = b"""#set document(title: "?")
#set text(font: ("Libertinus Serif", "New Computer Modern", "DejaVu Sans Mono"))
#sys.inputs.at("text")"""


def render(letter: Letter) -> bytes:
    """Return the letter as PDF; the same letter gives the same bytes.

    No font of this machine is used, nothing is read but the template, and nothing is fetched. A
    character that no font here has (an emoji, say) is written out as ``[U+1F351 PEACH]``.
    Raises SettingsError if the letter's procedure cannot be read.
    """
    return _set(laid_out(letter), "pdf", int(letter.written.timestamp()))[0]


def pictures(letter: Letter, ppi: float = 144) -> list[bytes]:
    """Return each page as PNG, as it would be printed."""
    return _set(laid_out(letter), "png", int(letter.written.timestamp()), ppi)


def _set(
    sheet: Sheet, form: Literal["pdf", "png"], timestamp: int, ppi: float | None = None
) -> list[bytes]:
    text = json.dumps(sheet, ensure_ascii=False)
    made = None
    for each in (_displayable, _SURE.fullmatch):
        written = "".join(
            char if _SURE.fullmatch(char) or each(char) else _spelt(char) for char in text
        )
        try:
            made = _compile(written, form, timestamp, ppi)
            break
        except typst.TypstError:
            # A character that is there by itself may be missing beside another: spell all of them.
            if each is _SURE.fullmatch:
                raise
    return made if isinstance(made, list) else [cast("bytes", made)]


def _compile(
    sheet: str, form: Literal["pdf", "png"], timestamp: int, ppi: float | None
) -> bytes | list[bytes] | None:
    return typst.compile(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format=form,
        ppi=ppi,
        sys_inputs={"sheet": sheet},
        pdf_standards=STANDARDS if form == "pdf" else [],
        timestamp=timestamp,
    )


@cache
def _template() -> bytes:
    return (resources.files(__package__) / "templates" / "letter.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@lru_cache(maxsize=10_000)
def _displayable(char: str) -> bool:
    try:
        typst.compile(
            _PROBE,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"text": char},
            pdf_standards=STANDARDS,
            timestamp=0,
        )
    except typst.TypstError:
        return False
    return True


def _spelt(char: str) -> str:
    return f"[U+{ord(char):04X} {unicodedata.name(char, '')}".rstrip() + "]"
