"""Finds entries by their words. Held in memory and filled from the store, so it can be lost.

SQLite's own full-text search does the work: words without accents, the beginnings of words, and
BM25 for the order.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.storage.records import CatalogueEntry

_WORD = re.compile(r"\w+")
MOST_WORDS = 12
MOST_FOUND = 5_000
"""Further results of one search are not reached by paging."""


class Index:
    """Titles and tags of all entries. For one thread."""

    def __init__(self) -> None:
        self.entries: dict[str, CatalogueEntry] = {}
        self._rows: dict[str, int] = {}
        self._tags: Counter[str] = Counter()
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute(
            "CREATE VIRTUAL TABLE words USING fts5(title, tags, id UNINDEXED, kind UNINDEXED, "
            "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4')"
        )

    def take(self, entries: Iterable[CatalogueEntry]) -> None:
        """Take in entries that are new, changed or removed."""
        for entry in entries:
            self._drop(entry.id)
            if entry.removed:
                continue
            self.entries[entry.id] = entry
            self._tags.update(entry.tags)
            cursor = self._db.execute(
                "INSERT INTO words (title, tags, id, kind) VALUES (?, ?, ?, ?)",
                (entry.title, " ".join(entry.tags), entry.id, entry.kind),
            )
            self._rows[entry.id] = cursor.lastrowid or 0

    def _drop(self, key: str) -> None:
        old = self.entries.pop(key, None)
        if old is not None:
            self._tags.subtract(old.tags)
            self._db.execute("DELETE FROM words WHERE rowid = ?", (self._rows.pop(key),))

    def find(self, text: str, kind: str) -> list[str]:
        """Ids of the entries that hold every word of ``text``, the best first.

        If there are none, of those that hold any. Words are matched from their beginning.
        """
        words = [word.casefold() for word in _WORD.findall(text)][:MOST_WORDS]
        if not words:
            return []
        # Quoted, so that no word can be an operator.
        terms = [f'"{word}"*' for word in words]
        return self._match(" ".join(terms), kind) or self._match(" OR ".join(terms), kind)

    def _match(self, query: str, kind: str) -> list[str]:
        rows = self._db.execute(
            "SELECT id FROM words WHERE words MATCH ? AND kind = ? "
            "ORDER BY bm25(words, 2.0, 1.0), id LIMIT ?",
            (query, kind, MOST_FOUND),
        )
        return [row[0] for row in rows]

    def newest(self, kind: str) -> list[str]:
        """Ids of all entries, the newest first."""
        some = [entry for entry in self.entries.values() if entry.kind == kind]
        some.sort(key=lambda entry: entry.id)
        some.sort(key=lambda entry: entry.at, reverse=True)
        return [entry.id for entry in some[:MOST_FOUND]]

    def tags(self, beginning: str, limit: int) -> list[str]:
        """The tags that begin so, the most frequent first."""
        beginning = beginning.casefold()
        found = [
            (-count, tag)
            for tag, count in self._tags.items()
            if count > 0 and tag.casefold().startswith(beginning)
        ]
        return [tag for _, tag in sorted(found)[:limit]]
