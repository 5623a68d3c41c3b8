"""What the pages say, from the tables beside this file: one dictionary for each language."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal, get_args

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def _read() -> dict[Language, dict[str, str]]:
    table: dict[str, dict[Language, str]] = {}
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        more = tomllib.loads(file.read_text(encoding="utf-8"))
        if twice := table.keys() & more.keys():
            raise ValueError(f"{file.name}: {sorted(twice)} is said elsewhere already")
        table |= more
    return {lang: {key: said[lang] for key, said in table.items()} for lang in LANGUAGES}


WORDS = _read()


def other(language: Language) -> Language:
    """The other of the two."""
    return "en" if language == "id" else "id"


def of_path(path: str) -> Language:
    """The language of an address: English pages lie below ``/en/``."""
    return "en" if path.startswith("/en/") else "id"
