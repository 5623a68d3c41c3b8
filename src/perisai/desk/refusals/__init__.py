"""What the domain refuses, said in Indonesian. Errors themselves speak English.

The domain raises one plain sentence. Where it fills something in (``f"Write {what}."``), the table
has ``{}``; what is filled in is looked up, too. The tables lie beside this file.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
GAP = "{}"


def in_indonesian(text: str) -> str:
    """Return a refusal in Indonesian; as it is, if the table does not have it."""
    table, patterns = _table()
    if text in table:
        return table[text]
    for pattern, said in patterns:
        if found := pattern.fullmatch(text):
            return said.format(*(table.get(part, part) for part in found.groups()))
    return text


def translated() -> frozenset[str]:
    """What the table has, with ``{}`` where something is filled in."""
    return frozenset(_read())


@cache
def _read() -> dict[str, str]:
    table: dict[str, str] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        table |= tomllib.loads(file.read_text(encoding="utf-8"))
    return table


@cache
def _table() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    table = _read()
    patterns = [
        (re.compile("(.*)".join(map(re.escape, text.split(GAP))), re.DOTALL), said)
        for text, said in table.items()
        if GAP in text
    ]
    return table, patterns
