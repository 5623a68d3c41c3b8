"""Reads what clients put into a query. Whatever it holds, the worst is a clear answer."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

_ABSENT = frozenset({"", "undefined", "null"})
"""What JavaScript clients send for an option that was not set."""
_WHOLE = re.compile(r"[+-]?[0-9]+")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|[0-9]{3}))?")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class BadParameter(Exception):  # noqa: N818 - named for what happened
    """A parameter is missing or cannot be read; each dialect says so in its own shape."""

    def __init__(self, name: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.status = status


def word(request: Request, name: str) -> str | None:
    """Return a parameter, or None if it is absent, empty, or JavaScript's nothing."""
    value = request.query_params.get(name)
    return None if value is None or value.strip() in _ABSENT else value.strip()


def words(request: Request, name: str, *, most: int) -> tuple[str, ...]:
    """Return the parts of a required parameter that lists up to ``most`` with commas between."""
    parts = tuple(part.strip() for part in (word(request, name) or "").split(",") if part.strip())
    if not parts:
        raise BadParameter(name, f"'{name}' is required: ids with commas between.")
    if len(parts) > most:
        raise BadParameter(name, f"'{name}' takes at most {most} ids; {len(parts)} were sent.")
    return parts


def query(request: Request, name: str, *, most: int, too_long: int = 400) -> str:
    """Return the words of a search, control characters made spaces; empty if they are blank.

    The parameter must be there. ``undefined`` is a word that people may look for.
    """
    value = request.query_params.get(name)
    if value is None:
        raise BadParameter(name, f"'{name}' is required: the words to search for.")
    text = _CONTROLS.sub(" ", value).strip()
    if len(text) > most:
        raise BadParameter(name, f"'{name}' takes at most {most} characters.", too_long)
    return text


def whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    """Return a whole number, drawn to the nearest that is allowed."""
    value = word(request, name)
    if value is None:
        return default
    if not _WHOLE.fullmatch(value):
        raise BadParameter(name, f"'{name}' must be a whole number from {least} to {most}.")
    if len(value) > 18:  # Python refuses to read very long numbers
        return least if value.startswith("-") else most
    return max(least, min(most, int(value)))


def fraction(request: Request, name: str, default: float, least: float, most: float) -> float:
    """Return a number, drawn to the nearest that is allowed."""
    value = word(request, name)
    if value is None:
        return default
    try:
        number = float(value[:40])
    except ValueError:
        raise BadParameter(name, f"'{name}' must be a number from {least} to {most}.") from None
    return default if math.isnan(number) else max(least, min(most, number))


def switch(request: Request, name: str) -> bool:
    """Return whether a parameter says yes."""
    return (word(request, name) or "").lower() in ("1", "true", "yes")


def locale(request: Request, language: str, country: str) -> str:
    """Return the client's language as in ``id`` or ``id_ID``; what is none counts as not said."""
    found = _LOCALE.fullmatch(word(request, language) or "")
    if not found:
        return ""
    place = found[2] or word(request, country) or ""
    if found[2] is None and not _COUNTRY.fullmatch(place):
        place = ""
    return f"{found[1].lower()}_{place.upper()}" if place else found[1].lower()
