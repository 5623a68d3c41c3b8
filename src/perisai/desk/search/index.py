"""The index of words, one for each kind of database, behind one function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from django.db import connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

from perisai.desk.search.models import SearchRow
from perisai.desk.search.words import asked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

TABLE = "search_words"
"""The virtual table in SQLite."""


MOST = 10_000
"""So many are found at most: for words that are in nearly everything."""

LOOKED_AT = 4 * MOST
"""PostgreSQL has no index that is in order of words and of age: so many are put in order."""


Ways = Sequence[Sequence[str]]
"""What is looked for: all words of one of these."""


class Index(Protocol):
    """Finds the rows that have a beginning of each word."""

    def matching(self, rows: QuerySet[SearchRow], ways: Ways) -> QuerySet[SearchRow]:
        """Those of the rows in which every word of one way is, or begins a word.

        There is one way at least, and no way without words; of very many rows the newest are found.
        """


class Fts5:
    """SQLite's own index of words."""

    def matching(self, rows: QuerySet[SearchRow], ways: Ways) -> QuerySet[SearchRow]:
        """As the port says. Words have letters and digits alone: nothing in them is an operator."""
        query = _query(ways, '"{}"*', " AND ", " OR ")
        found = RawSQL(  # noqa: S611 - the words are a parameter, the name of the table is ours
            f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT {MOST}",  # noqa: S608
            [query],
        )
        return rows.filter(row__in=found)


class Lexemes:
    """PostgreSQL's ``tsvector``, made of our own words: its parser has no say."""

    def matching(self, rows: QuerySet[SearchRow], ways: Ways) -> QuerySet[SearchRow]:
        """As the port says."""
        query = _query(ways, "'{}':*", " & ", " | ")
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

    def matching(self, rows: QuerySet[SearchRow], ways: Ways) -> QuerySet[SearchRow]:
        """As the port says; a space stands before every word of a row."""
        wanted = Q()
        for words in ways:
            every = Q()
            for word in words:
                every &= Q(text__contains=f" {word}")
            wanted |= every
        return rows.filter(row__in=rows.filter(wanted).order_by("-row").values("row")[:MOST])


def _query(ways: Ways, beginning: str, both: str, either: str) -> str:
    """What is looked for in the language of an index."""
    each = (both.join(beginning.format(word) for word in words) for words in ways)
    return either.join(f"({way})" for way in each)


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


def found(alias: str, texts: Iterable[str], about: str) -> QuerySet[SearchRow]:
    """The rows that have every word of one of the questions, or a word that begins so.

    None without words. ``about`` is the word of ours that stands in every row of this sort.
    """
    rows = SearchRow.objects.using(alias).all()
    ways = [[*words, about] for words in map(asked, texts) if words]
    return index_of(alias).matching(rows, ways) if ways else rows.none()
