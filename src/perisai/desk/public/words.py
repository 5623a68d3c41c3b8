"""What the pages say, from ``words.toml``: one dictionary for each language."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Literal, get_args

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


def _read() -> dict[Language, dict[str, str]]:
    text = (resources.files(__package__) / "words.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {lang: {key: said[lang] for key, said in table.items()} for lang in LANGUAGES}


WORDS = _read()


def other(language: Language) -> Language:
    """The other of the two."""
    return "en" if language == "id" else "id"


def of_path(path: str) -> Language:
    """The language of an address: English pages lie below ``/en/``."""
    return "en" if path.startswith("/en/") else "id"
