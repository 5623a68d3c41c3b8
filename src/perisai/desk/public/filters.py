"""Template filters of the public page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django import template

from perisai.desk.public.forms import age_words
from perisai.desk.public.here import here

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from perisai.desk.attachments.state import Attachment
    from perisai.desk.public.words import Language

register = template.Library()

_NUMBER = re.compile(r"\(?\+?\d[\d() -]*\d")


@register.filter
def moment(at: datetime, language: Language) -> str:
    """A time as a sentence has it, in the zone of the house."""
    return here().moment(at, language)


@register.filter
def among(keys: tuple[str, ...], known: Mapping[str, Attachment]) -> list[Attachment]:
    """The documents with these numbers."""
    return [known[key] for key in keys if key in known]


@register.filter
def day(at: datetime, language: Language) -> str:
    """A day as a sentence has it, in the zone of the house."""
    return here().day(at, language)


@register.filter
def age(band: str, words: Mapping[str, str]) -> str:
    """How an age band is said."""
    return age_words(band, words)


@register.filter
def help_name(line: str) -> str:
    """Of ``SAPA 129: call 129``, who it is."""
    return line.partition(":")[0] if ":" in line else ""


@register.filter
def help_parts(line: str) -> list[tuple[str, str]]:
    """The rest of it in pieces: text, and where it leads if it is a number (else empty).

    A number is dialled; one that stands after *WhatsApp* is written to, since not everybody who
    needs help can speak aloud.
    """
    rest = line.partition(":")[2] if ":" in line else line
    parts: list[tuple[str, str]] = []
    end = 0
    for found in _NUMBER.finditer(rest):
        before = rest[end : found.start()]
        parts += [(before, ""), (found[0], _leads(before, found[0]))]
        end = found.end()
    return [part for part in [*parts, (rest[end:], "")] if part[0]]


def _leads(before: str, number: str) -> str:
    digits = re.sub(r"[() -]", "", number)
    if not before.strip().lower().endswith("whatsapp"):
        return f"tel:{digits}"
    abroad = re.sub("^0", here().desk.calling_code, digits.removeprefix("+"))
    return f"https://wa.me/{abroad}"
