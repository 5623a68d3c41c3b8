"""The index of words, one for each kind of database, behind one function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.db import connections
from django.db.models.expressions import RawSQL

from perisai.desk.search.models import SearchRow
from perisai.desk.search.words import asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

TABLE = "search_words"
"""The virtual table in SQLite."""


MOST = 10_000
"""So many are found at most: for words that are in nearly everything."""

LOOKED_AT = 4 * MOST
"""PostgreSQL has no index that is in order of words and of age: so many are put in order."""


class Index(Protocol):
    """Finds the rows that have a beginning of each word."""

    def matching(self, rows: QuerySet[SearchRow], words: Sequence[str]) -> QuerySet[SearchRow]:
        """Those of the rows in which every word is, or begins a word; of very many the newest."""


class Fts5:
    """SQLite's own index of words."""

    def matching(self, rows: QuerySet[SearchRow], words: Sequence[str]) -> QuerySet[SearchRow]:
        """As the port says. Words have letters and digits alone: nothing in them is an operator."""
        query = " ".join(f'"{word}"*' for word in words)
        found = RawSQL(  # noqa: S611 - the words are a parameter, the name of the table is ours
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT {MOST}",  # noqa: S608
            [query],
        )
        return rows.filter(row__in=found)


class Lexemes:
    """PostgreSQL's ``tsvector``, made of our own words: its parser has no say."""

    def matching(self, rows: QuerySet[SearchRow], words: Sequence[str]) -> QuerySet[SearchRow]:
        """As the port says."""
        query = " & ".join(f"'{word}':*" for word in words)
        # Kept apart, so that the index of words is asked and not every row, the newest first.
        found = RawSQL(  # noqa: S611 - as above
            "WITH hit AS MATERIALIZED (SELECT row FROM search_searchrow "  # noqa: S608
            f"WHERE lexemes @@ %s::tsquery LIMIT {LOOKED_AT}) "
            f"SELECT row FROM hit ORDER BY row DESC LIMIT {MOST}",
            [query],
        )
        return rows.filter(row__in=found)


class Plain:
    """Looks into every row: for a SQLite that was built without FTS5."""

    def matching(self, rows: QuerySet[SearchRow], words: Sequence[str]) -> QuerySet[SearchRow]:
        """As the port says; a space stands before every word of a row."""
        found = rows
        for word in words:
            found = found.filter(text__contains=f" {word}")
        return rows.filter(row__in=found.order_by("-row").values("row")[:MOST])


def index_of(alias: str) -> Index:
    """The index that this database has."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        return Lexemes()
    return Fts5() if has_fts5(alias) else Plain()


def has_fts5(alias: str) -> bool:
    """Whether this SQLite has an index of words. Asked once for each database."""
    known = _FTS5.get(connections[alias].settings_dict["NAME"])
    if known is None:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1 FROM sqlite_master WHERE name = %s", [TABLE])
            known = cursor.fetchone() is not None
        _FTS5[connections[alias].settings_dict["NAME"]] = known
    return known


_FTS5: dict[str, bool] = {}


def found(alias: str, text: str, about: str) -> QuerySet[SearchRow]:
    """The rows that have every word of a question, or a word that begins so; none without words.

    ``about`` is the word of ours that stands in every row of this sort.
    """
    rows = SearchRow.objects.using(alias).all()
    words = asked(text)
    return index_of(alias).matching(rows, [*words, about]) if words else rows.none()
