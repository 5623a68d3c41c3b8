"""What the help cards say, in Indonesian and English."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from perisai.vocabulary.reading import CARDS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Card:
    """One help card: what stands on it, in both languages."""

    name: str
    en: str
    id: str


@cache
def cards() -> Mapping[str, Card]:
    """Read the cards that come with Perisai, by the name that a term gives."""
    file = resources.files("perisai.vocabulary") / "help" / "cards.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: Card(name, told[name]["en"], told[name]["id"]) for name in CARDS}
