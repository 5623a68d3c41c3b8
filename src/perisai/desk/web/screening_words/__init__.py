"""What screening writes down in English, said in Indonesian: details of findings, and reasons.

Facts hold the English text, as screening told it. What the tables beside this file do not have is
shown as it is, and so is what a decoder itself says, in brackets.
"""

from __future__ import annotations

import re
from pathlib import Path

from perisai.desk.phrases import Phrases

FOLDER = Path(__file__).parent
DETAILS = Phrases([FOLDER / "details.toml"])
REASONS = Phrases([FOLDER / "reasons.toml"])
BETWEEN = "; "
"""What stands between the parts of a detail."""
_NUMBER = re.compile(r"\d+(,\d{3})*(\.\d+)?%?")
_COMMA_FOR_POINT = str.maketrans(",.", ".,")


def detail_in_indonesian(text: str) -> str:
    """How a finding was made: how near a list, where in the picture, on which background."""
    return BETWEEN.join(_said(DETAILS, part) for part in text.split(BETWEEN))


def reason_in_indonesian(text: str) -> str:
    """Why a file could not be screened."""
    return _said(REASONS, text)


def _said(phrases: Phrases, text: str) -> str:
    if _NUMBER.fullmatch(text):
        return text.translate(_COMMA_FOR_POINT)
    return phrases.indonesian(text, fill=lambda part: _said(phrases, part))
