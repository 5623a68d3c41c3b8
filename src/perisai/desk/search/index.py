"""The index of words, one for each kind of database, behind one function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.db import connections
from django.db.models import BooleanField, F, Func, Model
from django.db.models.expressions import RawSQL

from perisai.desk.search.models import SearchRow
from perisai.desk.search.words import asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

Row = TypeVar("Row", bound=Model)

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

    There is one way at least, and no way without words. ``kinds`` are those of the rows, ``about``
    is the word of ours that stands in all rows of these kinds. Words have letters and digits alone:
    nothing in them is an operator.
    """

    ways: Sequence[Sequence[str]]
    kinds: Sequence[str]
    about: str

    def query(self, beginning: str, both: str, either: str) -> str:
        """The same in the language of an index, but for what the rows are."""
        each = (both.join(beginning.format(word) for word in words) for words in self.ways)
        return either.join(f"({way})" for way in each)


class Index(Protocol):
    """Finds the rows that have a beginning of each word."""

    def newest(self, words: Words) -> tuple[str, list[str]]:
        """A question for key, kind and audience of the newest rows that have the words.

        With its parameters.
        """

    def narrowed(self, rows: QuerySet[Row], question: str, given: Sequence[str]) -> QuerySet[Row]:
        """Those of the rows whose ids answer a question."""


class Fts5:
    """SQLite's own index of words."""

    def newest(self, words: Words) -> tuple[str, list[str]]:
        """As the port says."""
        ways = words.query('"{}"*', " AND ", " OR ")
        query = f'({ways}) AND "{words.about}"'
        found = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC LIMIT {MOST}"  # noqa: S608 - names of ours
        return f"SELECT key, kind, audience FROM {ROWS} WHERE row IN ({found})", [query]  # noqa: S608

    def narrowed(self, rows: QuerySet[Row], question: str, given: Sequence[str]) -> QuerySet[Row]:
        """As the port says."""
        return rows.filter(id__in=RawSQL(question, given))  # noqa: S611 - made here


class Lexemes:
    """PostgreSQL's ``tsvector``, made of our own words: its parser has no say."""

    def newest(self, words: Words) -> tuple[str, list[str]]:
        """As the port says.

        The index of words is asked first, of which there is one for each ``about``, and what it
        knows is put in order. Of words that are in very many rows the newest are found sooner by
        going back through the rows themselves.
        """
        query = words.query("'{}':*", " & ", " | ")
        kinds = ", ".join(["%s"] * len(words.kinds))
        having = (
            f"SELECT row, key, kind, audience FROM {ROWS} "  # noqa: S608 - names of ours
            f"WHERE lexemes @@ %s::tsquery AND kind IN ({kinds})"
        )
        found = (
            f"WITH hit AS MATERIALIZED ({having} LIMIT {SORTED + 1}), "  # noqa: S608
            f"known AS MATERIALIZED (SELECT count(*) <= {SORTED} AS whole FROM hit) "
            "SELECT key, kind, audience FROM ("
            "SELECT row, key, kind, audience FROM hit WHERE (SELECT whole FROM known) UNION ALL "
            f"({having} AND NOT (SELECT whole FROM known) ORDER BY row DESC LIMIT {MOST})"
            f") every ORDER BY row DESC LIMIT {MOST}"
        )
        return found, [query, *words.kinds] * 2

    def narrowed(self, rows: QuerySet[Row], question: str, given: Sequence[str]) -> QuerySet[Row]:
        """As the port says.

        PostgreSQL cannot know how many there will be. If it may join, and thinks of a few, it goes
        through thousands for each row; those of an array are looked up one by one.
        """
        found = RawSQL(f"ARRAY({question})", given)  # noqa: S611 - made here
        among: Func = Func(
            F("id"), found, template="%(expressions)s", arg_joiner=" = ANY",
            output_field=BooleanField(),
        )  # fmt: skip
        return rows.filter(among)


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

    def narrowed(self, rows: QuerySet[Row], question: str, given: Sequence[str]) -> QuerySet[Row]:
        """As the port says."""
        return rows.filter(id__in=RawSQL(question, given))  # noqa: S611 - made here


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


def having(
    rows: QuerySet[Row], texts: Iterable[str], about: str, seen: Sequence[tuple[str, str]]
) -> QuerySet[Row]:
    """Those of the rows that have every word of one of the texts; none without words.

    A word is also found as the beginning of a longer one. ``about`` is what the rows are; of the
    newest that have the words those count whose kind and audience are among ``seen``.
    """
    ways = [words for words in map(asked, texts) if words]
    if not ways:
        return rows.none()
    index = index_of(rows.db)
    kinds = list(dict.fromkeys(kind for kind, _ in seen))
    newest, given = index.newest(Words(ways, kinds, about))
    pairs = ", ".join(["(%s, %s)"] * len(seen))
    question = f"SELECT key FROM ({newest}) newest WHERE (kind, audience) IN (VALUES {pairs})"  # noqa: S608 - names of ours
    return index.narrowed(rows, question, [*given, *(each for pair in seen for each in pair)])
