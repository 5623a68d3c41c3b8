"""What the domain refuses, said in Indonesian. Errors themselves speak English (refusals.toml).

The domain raises one plain sentence. Where it fills something in (``f"Write {what}."``), the table
has ``{}``; what is filled in is looked up, too.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("refusals.toml")
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
    with FILE.open("rb") as file:
        return frozenset(tomllib.load(file))


@cache
def _table() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    with FILE.open("rb") as file:
        table: dict[str, str] = tomllib.load(file)
    patterns = [
        (re.compile("(.*)".join(map(re.escape, text.split(GAP))), re.DOTALL), said)
        for text, said in table.items()
        if GAP in text
    ]
    return table, patterns
