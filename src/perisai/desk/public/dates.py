"""Dates as they are written in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.desk.public.words import Language

_MONTHS: dict[Language, str] = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}


def day(at: datetime, zone: str, language: Language) -> str:
    """``6 November 2026``, in a time zone."""
    here = at.astimezone(ZoneInfo(zone))
    return f"{here.day} {_MONTHS[language].split()[here.month - 1]} {here.year}"


def moment(at: datetime, zone: str, language: Language) -> str:
    """``6 November 2026, 10.00 WIB``; English writes ``10:00``."""
    here = at.astimezone(ZoneInfo(zone))
    dot = "." if language == "id" else ":"
    return f"{day(at, zone, language)}, {here.hour:02}{dot}{here.minute:02} {here.tzname()}"
