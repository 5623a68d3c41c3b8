"""The index of words, one for each kind of database, behind one function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.db import connections
from django.db.models.expressions import RawSQL

from perisai.desk.search.models import SearchRow
from perisai.desk.search.words import asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TABLE = "search_words"
"""The virtual table in SQLite."""


MOST = 10_000
"""So many rows are found at most, the newest: for words that are in nearly everything."""

SORTED = 4 * MOST
"""PostgreSQL has no index that is in order of words and of age: up to so many are put in order."""

ROWS = SearchRow._meta.db_table


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for: all words of one of ``ways``, or longer ones that begin so.

    There is one way at least, and no way without words. ``about`` is the word of ours that stands
    in every row of this sort. Words have letters and digits alone: nothing in them is an operator.
    """

    ways: Sequence[Sequence[str]]
    about: str

    def query(self, beginning: str, both: str, either: str, whole: str) -> str:
        """The same in the language of an index."""
        each = (both.join(beginning.format(word) for word in words) for words in self.ways)
        return f"({either.join(f'({way})' for way in each)}){both}{whole.format(self.about)}"


class Index(Protocol):
    """Finds the rows that have a beginning of each word."""

    def newest(self, words: Words) -> tuple[str, list[str]]:
        """A question for key, kind and audience of the newest rows that have the words.

        With its parameters.
        """


class Fts5:
    """SQLite's own index of words."""

    def newest(self, words: Words) -> tuple[str, list[str]]:
        """As the port says."""
        query = words.query('"{}"*', " AND ", " OR ", '"{}"')
        found = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT {MOST}"  # noqa: S608 - names of ours
        return f"SELECT key, kind, audience FROM {ROWS} WHERE row IN ({found})", [query]  # noqa: S608


class Lexemes:
    """PostgreSQL's ``tsvector``, made of our own words: its parser has no say."""

    def newest(self, words: Words) -> tuple[str, list[str]]:
        """As the port says.

        The index of words is asked first, and put in order what it knows. Of words that are in
        very many rows the newest are found sooner by going back through the rows themselves.
        """
        query = words.query("'{}':*", " & ", " | ", "'{}'")
        having = f"SELECT row, key, kind, audience FROM {ROWS} WHERE lexemes @@ %s::tsquery"  # noqa: S608 - names of ours
        known = "(SELECT count(*) FROM hit)"
        found = (
            f"WITH hit AS MATERIALIZED ({having} LIMIT {SORTED + 1}) "  # noqa: S608
            "SELECT key, kind, audience FROM ("
            f"SELECT row, key, kind, audience FROM hit WHERE {known} <= {SORTED} UNION ALL "
            f"({having} AND {known} > {SORTED} ORDER BY row DESC LIMIT {MOST})"
            f") every ORDER BY row DESC LIMIT {MOST}"
        )
        return found, [query, query]


class Plain:
    """Looks into every row: for a SQLite that was built without FTS5."""

    def newest(self, words: Words) -> tuple[str, list[str]]:
        """As the port says; a space stands before every word of a row."""
        ways = [[*(f" {word}" for word in way), f" {words.about}"] for way in words.ways]
        wanted = " OR ".join(" AND ".join("instr(text, %s) > 0" for _ in way) for way in ways)
        return (
            f"SELECT key, kind, audience FROM {ROWS} WHERE {wanted} ORDER BY row DESC LIMIT {MOST}",  # noqa: S608 - names of ours
            [word for way in ways for word in way],
        )


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


def keys(
    alias: str, texts: Iterable[str], about: str, seen: Sequence[tuple[str, str]]
) -> RawSQL | None:
    """A question for the keys of rows that have every word of one of the texts; None without words.

    A word is also found as the beginning of a longer one. Of the newest rows those count whose kind
    and audience are among ``seen``.
    """
    ways = [words for words in map(asked, texts) if words]
    if not ways:
        return None
    newest, given = index_of(alias).newest(Words(ways, about))
    pairs = ", ".join(["(%s, %s)"] * len(seen))
    # IS TRUE: else PostgreSQL makes a join of it, thinks that hardly a row is left, and then goes
    # through all that are left for each row of the list.
    of_seen = f"((kind, audience) IN (VALUES {pairs})) IS TRUE"
    return RawSQL(  # noqa: S611 - what is asked is a parameter, the names are ours
        f"SELECT key FROM ({newest}) newest WHERE {of_seen}",  # noqa: S608
        [*given, *(each for pair in seen for each in pair)],
    )
