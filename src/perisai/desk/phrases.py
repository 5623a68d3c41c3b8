"""Sentences of the core, which speaks English, said in Indonesian from a table.

Where a sentence fills something in (``f"Write {what}."``), the table has ``{}``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

GAP = "{}"


class Phrases:
    """The tables of some files, in their order: of two that fit a sentence the first one counts."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = tuple(files)

    def indonesian(self, text: str, fill: Callable[[str], str] | None = None) -> str:
        """Return a sentence in Indonesian; as it is, if the table does not have it.

        ``fill`` says what was filled in; without it, that is looked up as it stands.
        """
        if text in self._table:
            return self._table[text]
        fill = fill or (lambda part: self._table.get(part, part))
        for pattern, said in self._patterns:
            if found := pattern.fullmatch(text):
                return said.format(*map(fill, found.groups()))
        return text

    def known(self) -> frozenset[str]:
        """What the table has, with ``{}`` where something is filled in."""
        return frozenset(self._table)

    @cached_property
    def _table(self) -> dict[str, str]:
        table: dict[str, str] = {}
        for file in self._files:
            table |= tomllib.loads(file.read_text(encoding="utf-8"))
        return table

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        return [
            (re.compile("(.*)".join(map(re.escape, text.split(GAP))), re.DOTALL), said)
            for text, said in self._table.items()
            if GAP in text
        ]
