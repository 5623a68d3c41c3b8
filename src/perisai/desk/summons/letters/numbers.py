"""The house's own letter number: the next one by its pattern."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

from perisai.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_FIELDS = {
    "n": "(?P<n>[0-9]{1,9})",
    "month": "[0-9]{1,2}",
    "roman_month": "(?:" + "|".join(ROMAN) + ")",
    "year": r"\d{4}",
}
_ZEROS = re.compile(r"0\d")
LONGEST = 100


def next_number(pattern: str, taken: Collection[str], day: date) -> str:
    """Return the number after the highest of those taken; 1 where the pattern's year is new.

    ``pattern`` is like ``{n:03}/KPA/{roman_month}/{year}``; ``taken`` are all numbers in use, of
    which those in another form do not count. Gaps stay gaps. Hold the log while you ask and write,
    or two letters get one number. Raises SettingsError for a pattern that is none.
    """
    parts = _parts(pattern)
    same = _matching(parts, day)
    used = [int(found["n"]) for each in taken if (found := same.fullmatch(each.strip()))]
    return "".join(
        text + _filled(name, form, max(used, default=0) + 1, day) for text, name, form in parts
    )


def _parts(pattern: str) -> list[tuple[str, str, str]]:
    """Text before a field, the field, and its form; the last two are empty where only text is."""
    try:
        parsed = list(string.Formatter().parse(pattern))
    except ValueError as error:
        raise _wrong(pattern, f"has braces that do not match ({error})") from error
    if len(pattern) > LONGEST or not pattern.isprintable():
        raise _wrong(pattern[:LONGEST], f"must be one line of at most {LONGEST} characters")
    for _, name, form, change in parsed:
        if name is None:
            continue
        if name not in _FIELDS or change:
            raise _wrong(pattern, f"fills in {name or 'nothing'!r}; known: {', '.join(_FIELDS)}")
        if form and not (name in ("n", "month") and _ZEROS.fullmatch(form)):
            raise _wrong(pattern, f"writes {name} as {form!r}; only zeros are known: {{n:03}}")
    if [name for _, name, _, _ in parsed].count("n") != 1:
        raise _wrong(pattern, "must have {n} once: what counts the letters")
    return [(text, name or "", form or "") for text, name, form, _ in parsed]


def _matching(parts: list[tuple[str, str, str]], day: date) -> re.Pattern[str]:
    fields = _FIELDS | {"year": f"{day.year:04}"}
    return re.compile("".join(re.escape(text) + fields.get(name, "") for text, name, _ in parts))


def _filled(name: str, form: str, n: int, day: date) -> str:
    values = {"n": n, "month": day.month}
    if name in values:
        return format(values[name], form)
    return {"roman_month": ROMAN[day.month - 1], "year": f"{day.year:04}", "": ""}[name]


def _wrong(pattern: str, what: str) -> SettingsError:
    return SettingsError(f"desk.letter_number: {pattern!r} {what}.")
