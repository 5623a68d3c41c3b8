"""The words of the desk, from the tables in words/, and how names, times and counts are written."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import get_language

from perisai.desk.refusals import in_indonesian
from perisai.desk.web.screening_words import detail_in_indonesian, reason_in_indonesian

if TYPE_CHECKING:
    from datetime import timedelta

    from perisai.desk.procedures import Language

register = template.Library()
FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("id", "en")
MINUTE, HOUR, DAY = 60, 3600, 86_400


@cache
def words() -> dict[str, tuple[str, str]]:
    """Every text by its name (``section.name``), in Indonesian and English.

    There is one table for each topic; a section may go on in another. Raises ValueError for a name
    that is there twice.
    """
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        sections: dict[str, dict[str, list[str]]] = tomllib.loads(file.read_text(encoding="utf-8"))
        for section, names in sections.items():
            for name, texts in names.items():
                key = f"{section}.{name}"
                if key in found:
                    raise ValueError(f"{file.name}: {key} is said elsewhere already")
                found[key] = (texts[0], texts[1])
    return found


def say(entry: str, **values: object) -> str:
    """Return a text in the language of this request. Raises KeyError for one that is not there."""
    text = words()[entry][LANGUAGES.index(language())]
    return text.format_map(values) if values else text


say_later = lazy(say, str)
"""Like :func:`say`, but in the language of whoever reads it, for labels of forms."""


def language() -> Language:
    """``id`` or ``en``."""
    return "en" if (get_language() or "").startswith("en") else "id"


def told(error: Exception | str) -> str:
    """Return what an error says, in the language of this request."""
    return str(error) if language() == "en" else in_indonesian(str(error))


register.simple_tag(say, name="say")


@register.filter(name="word")
def word(value: object, section: str) -> str:
    """``{{ case.status|word:"status" }}``: the text of a value of ours; itself if it has none."""
    name = f"{section}.{value}"
    return say(name) if name in words() else str(value)


@register.filter
def detail(text: str) -> str:
    """The detail of a finding, which is written down in English."""
    return text if language() == "en" else detail_in_indonesian(text)


@register.filter
def unscreened(reason: str) -> str:
    """Why a file could not be screened, which is written down in English."""
    return reason if language() == "en" else reason_in_indonesian(reason)


@register.filter
def moment(value: datetime | str | None) -> str:
    """A time in the zone of the house, with the zone's name."""
    if not value:
        return ""
    try:
        known = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return str(value)
    here = timezone.localtime(known if known.tzinfo else known.replace(tzinfo=UTC))
    clock = "H.i" if language() == "id" else "H:i"
    return f"{date_format(here, 'j M Y')}, {date_format(here, clock)} {here.tzname()}"


@register.filter
def day(value: datetime | None) -> str:
    """The day of a time, in the zone of the house."""
    return date_format(timezone.localtime(value), "j M Y") if value else ""


@register.filter
def span(value: timedelta) -> str:
    """A length of time in its two largest units, without a sign."""
    seconds = int(abs(value.total_seconds()))
    if seconds >= DAY:
        return say("span.days", days=seconds // DAY, hours=seconds % DAY // HOUR)
    if seconds >= HOUR:
        return say("span.hours", hours=seconds // HOUR, minutes=seconds % HOUR // MINUTE)
    return say("span.minutes", minutes=seconds // MINUTE)


@register.filter
def who(by: str) -> str:
    """Who did something, as it stands in the facts (``role:name``), for people."""
    role, _, name = by.partition(":")
    if role == "public":
        return say("by.house") if name else say("by.public")
    return f"{name} ({word(role, 'role')})"


@register.filter
def short(sha256: str) -> str:
    """The beginning of a SHA-256, enough to tell files apart."""
    return f"{sha256[:12]}…"


@register.filter
def words_of(text: str) -> list[str]:
    """``{% for each in "id en"|words_of %}``."""
    return text.split()


@register.filter
def name_of(by: str) -> str:
    """Who did something, without the role: for lists in which the same people come again."""
    role, _, name = by.partition(":")
    return who(by) if role == "public" else name


@register.filter
def at(values: Any, key: object) -> Any:  # noqa: ANN401 - whatever is in there
    """``{{ table|at:key }}``: what a table has under a key, or nothing."""
    return values.get(key, "") if hasattr(values, "get") else ""
