"""Which searches are frequent, to warm them. In memory only, and without who asked."""

from __future__ import annotations

from collections import Counter

MOST = 20
"""Queries that are warmed."""
REMEMBERED = 2_000
LONGEST = 60
"""Characters: what is longer is no frequent query, and may tell of somebody."""


class Frequent:
    """Counts what is asked since the start; forgotten at the end.

    Nothing is given back that was not asked ``least`` times. The searcher hands over only what it
    answered without a warning: never what is blocked, and never a cry for help.
    """

    def __init__(self, least: int = 5) -> None:
        self._least = least
        self._counts: Counter[str] = Counter()

    def note(self, text: str) -> None:
        """Count one query; upper and lower case and spaces make no difference."""
        text = " ".join(text.casefold().split())
        if not text or len(text) > LONGEST:
            return
        self._counts[text] += 1
        if len(self._counts) > REMEMBERED:
            self._counts = Counter(dict(self._counts.most_common(REMEMBERED // 2)))

    def most(self) -> list[str]:
        """The most frequent queries, most frequent first."""
        return [text for text, n in self._counts.most_common(MOST) if n >= self._least]
