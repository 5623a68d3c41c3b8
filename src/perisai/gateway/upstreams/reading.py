"""Read JSON of strangers: every value has the type and size that is wanted, or is not there."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_TITLE = 300
LONGEST_WORD = 80
MOST_TAGS = 40
MOST_ITEMS = 200
LARGEST_SIDE = 20_000
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])[^>]*>?")
_LINK = re.compile(
    r"\b(?!https?://creativecommons\.org/)(?:[a-z][a-z0-9+.-]{1,20}://|www\.)\S+", re.IGNORECASE
)
"""Attributions may say where their licence is read; nothing else leads away."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:~-]{0,127}", re.ASCII)


class WrongShape(Exception):  # noqa: N818 - named for what happened; turned into UpstreamError
    """The document is not what the upstream's interface promises; the text says which part."""


class Broken(Exception):  # noqa: N818 - never leaves its module's callers
    """One item is not whole, and is left out."""


def table(value: object, what: str) -> dict[str, Any]:
    """``value`` if it is a JSON object; raises WrongShape otherwise."""
    if not isinstance(value, dict):
        raise WrongShape(f"{what} is no object")
    return value


def rows(value: object, what: str) -> list[Any]:
    """``value`` if it is a JSON array, shortened to what one page may hold; else WrongShape."""
    if not isinstance(value, list):
        raise WrongShape(f"{what} is no list")
    return value[:MOST_ITEMS]


def text(value: object, longest: int = LONGEST_TITLE) -> str:
    """One line of text without control characters; empty for anything that is no text."""
    if not isinstance(value, str):
        return ""
    line = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in value[: 4 * longest]
    )
    return " ".join(line.split())[:longest]


def caption(value: object, longest: int = LONGEST_TITLE) -> str:
    """Like :func:`text`, without markup and links: children read it, and advertisers know that."""
    line = _LINK.sub(" ", _MARKUP.sub(" ", text(value, 2 * longest)))
    return " ".join(line.split())[:longest].rstrip()


def words(value: object) -> tuple[str, ...]:
    """The texts of a list, each once; an object counts by its ``name``."""
    return tuple(dict.fromkeys(_words(value)))[:MOST_TAGS]


def _words(value: object) -> Iterable[str]:
    for each in value[: 4 * MOST_TAGS] if isinstance(value, list) else ():
        word = caption(each.get("name") if isinstance(each, dict) else each, LONGEST_WORD)
        if word:
            yield word


def whole(value: object) -> int:
    """A whole number of at least 0, also from the text that GIPHY writes; 0 for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return max(0, value)
    return 0


def side(value: object) -> int:
    """Width or height in pixels; raises Broken if no picture could have it."""
    found = whole(value)
    if not 1 <= found <= LARGEST_SIDE:
        raise Broken
    return found


def number(value: object) -> str:
    """An item's id, of letters that are safe in an address; raises Broken for any other."""
    found = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(found, str) or not is_number(found):
        raise Broken
    return found


def is_number(value: str) -> bool:
    """Whether this may be an item's id."""
    return _ID.fullmatch(value) is not None


def moment(value: object) -> datetime | None:
    """A time, from seconds since 1970 or from ISO text; None if it is neither."""
    try:
        if isinstance(value, str):
            when = datetime.fromisoformat(value[:40])
            return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
