"""The settings of the desk: who the house is, and how its letters look."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 - pydantic reads the annotation
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from perisai.settings.kinds import Section, Text

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")


class DeskSection(Section):
    """The house that complaints come to. The defaults are an example: set your own first."""

    name: Text = Field(
        "Komisi Perlindungan Anak (contoh)", description="The name of the house, as on its letters."
    )
    letterhead: tuple[Text, ...] = Field(
        ("Jalan Contoh Nomor 1, Jakarta 10000", "Telepon (021) 555 0100"),
        description="The lines below the name at the head of a letter: address, telephone, site.",
    )
    city: Text = Field("Jakarta", description="Where letters are dated.")
    zone: Text = Field(
        "Asia/Jakarta", description="Time zone of the house, by its name in the IANA database."
    )
    contact: Text = Field(
        "Sekretariat, telepon (021) 555 0100",
        description="Whom the receiver of a letter may turn to.",
    )
    email: Text = Field(
        "sekretariat@komisi.invalid",
        description="Address that answers to a calendar invitation go to.",
    )
    signer_name: Text = Field("Nama Ketua", description="Who signs letters.")
    signer_title: Text = Field("Ketua", description="Office of who signs, in Indonesian.")
    signer_title_en: Text = Field("Chair", description="The same office in English.")
    copies: tuple[Text, ...] = Field(
        (), description="Who gets a copy of every letter (*tembusan*), one entry each."
    )
    letter_number: Text = Field(
        "{n:03}/KPA/{roman_month}/{year}",
        description="How letters are numbered: `{n}` (`{n:03}` with zeros) counts, anew each year "
        "where the year is part of it; `{month}`, `{roman_month}`, `{year}` are those of the day.",
    )
    procedure: Text = Field(
        "id",
        description="Laws, words of letters and holidays: `id`, or the full path of a TOML file.",
    )
    days_off: tuple[date, ...] = Field(
        (),
        description="More days on which the house does not work, as in `2026-12-31`: what is "
        "decreed late, or only here.",
    )

    @field_validator("email")
    @classmethod
    def _address(cls, value: str) -> str:
        if not _ADDRESS.fullmatch(value):
            raise ValueError(f"is {value!r}; must be a plain address like office@example.id")
        return value

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError, KeyError) as error:
            raise ValueError(
                f"is {value!r}, which is no time zone; write one like Asia/Jakarta"
            ) from error
        return value
