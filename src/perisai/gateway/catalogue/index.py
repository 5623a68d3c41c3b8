"""Finds entries by their words. Held in memory and filled from the store, so it can be lost.

SQLite's own full-text search does the work: words without accents, the beginnings of words, and
BM25 for the order.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from threading import RLock
from typing import TYPE_CHECKING

from perisai.gateway.catalogue.wordforms import forms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from perisai.storage.records import CatalogueEntry

    Wanted = Callable[[CatalogueEntry], bool]

_WORD = re.compile(r"\w+")
MOST_WORDS = 12
MOST_FOUND = 5_000
"""Further results of one search are not reached by paging."""
PLENTY = 50
"""So many results need no others that fit less well."""


class Index:
    """Titles and tags of all entries. Calls may come from any thread, one at a time is served."""

    def __init__(self) -> None:
        self.entries: dict[str, CatalogueEntry] = {}
        self._rows: dict[str, int] = {}
        self._lock = RLock()
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute(
            "CREATE VIRTUAL TABLE words USING fts5(title, tags, forms, id UNINDEXED, "
            "kind UNINDEXED, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')"
        )

    def take(self, entries: Iterable[CatalogueEntry]) -> None:
        """Take in entries that are new, changed or removed."""
        with self._lock:
            self._db.execute("BEGIN")
            for entry in entries:
                self._drop(entry.id)
                if not entry.removed:
                    self._add(entry)
            self._db.execute("COMMIT")

    def _add(self, entry: CatalogueEntry) -> None:
        tags = " ".join(entry.tags)
        others = {form for word in _words(f"{entry.title} {tags}") for form in forms(word)}
        cursor = self._db.execute(
            "INSERT INTO words (title, tags, forms, id, kind) VALUES (?, ?, ?, ?, ?)",
            (entry.title, tags, " ".join(sorted(others)), entry.id, entry.kind),
        )
        self.entries[entry.id] = entry
        self._rows[entry.id] = cursor.lastrowid or 0

    def _drop(self, key: str) -> None:
        if self.entries.pop(key, None) is not None:
            self._db.execute("DELETE FROM words WHERE rowid = ?", (self._rows.pop(key),))

    def find(self, text: str, kind: str, wanted: Wanted | None = None) -> list[str]:
        """Ids of the entries of this kind that hold every word of ``text``, the best first.

        First those that hold the very words, in the title before the tags; then those with words
        that begin so; then, if these are few, those with other forms of the words. If there are
        none at all, those that hold any of the words.
        """
        words = _words(text)[:MOST_WORDS]
        if not words:
            return []
        # Quoted, so that no word can be an operator.
        exact = " ".join(f'"{word}"' for word in words)
        begun = " ".join(f'"{word}"*' for word in words)
        formed = " AND ".join(
            "(" + " OR ".join([f'"{word}"*', *(f'"{form}"' for form in sorted(forms(word)))]) + ")"
            for word in words
        )
        some = " OR ".join(f'"{word}"*' for word in words)
        with self._lock:
            found: dict[str, None] = {}
            for query in (f"{{title tags}} : ({exact})", f"{{title tags}} : ({begun})", formed):
                if len(found) >= (PLENTY if query is formed else MOST_FOUND):
                    break
                found |= dict.fromkeys(self._match(query, kind, wanted))
            return list(found or dict.fromkeys(self._match(some, kind, wanted)))[:MOST_FOUND]

    def _match(self, query: str, kind: str, wanted: Wanted | None) -> list[str]:
        rows = self._db.execute(
            "SELECT id FROM words WHERE words MATCH ? AND kind = ? "
            "ORDER BY bm25(words, 4.0, 2.0, 1.0), id",
            (query, kind),
        )
        found = []
        for (key,) in rows:
            if wanted is None or wanted(self.entries[key]):
                found.append(key)
                if len(found) == MOST_FOUND:
                    break
        return found

    def newest(self, kind: str, wanted: Wanted | None = None) -> list[str]:
        """Ids of all entries of this kind, the newest first."""
        some = sorted(self._of(kind, wanted), key=lambda entry: entry.id)
        some.sort(key=lambda entry: entry.at, reverse=True)
        return [entry.id for entry in some[:MOST_FOUND]]

    def tags(self, kind: str, wanted: Wanted | None = None) -> list[str]:
        """All tags of this kind's entries, the most frequent first."""
        counts = Counter(tag for entry in self._of(kind, wanted) for tag in entry.tags)
        return [tag for tag, _ in sorted(counts.items(), key=lambda each: (-each[1], each[0]))]

    def _of(self, kind: str, wanted: Wanted | None) -> Iterator[CatalogueEntry]:
        with self._lock:
            every = list(self.entries.values())
        return (each for each in every if each.kind == kind and (wanted is None or wanted(each)))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
