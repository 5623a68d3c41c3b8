"""All tables of a PostgreSQL database as they were at one moment, by COPY, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import Error, connections, transaction

from perisai.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FOLDER = "database"
Table = tuple[str, list[str]]
"""A name, and the columns that are not computed."""


def copy(alias: str, folder: Path) -> tuple[list[Table], tuple[int, str]]:
    """Write each table into a file of the folder; return what they are, and the end of the log.

    Everything is of one moment: one transaction that sees what was there when it began.
    """
    connection = connections[alias]
    connection.close()  # nothing may have begun
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL statement_timeout TO 0")  # a large table takes its time
        found = tables(cursor)
        for name, columns in found:
            asked = f"COPY {_listed(name, columns)} TO STDOUT"
            with (folder / f"{name}.copy").open("wb") as file, cursor.copy(asked) as rows:
                for data in rows:
                    file.write(data)
        cursor.execute("SELECT to_regclass('facts_head') IS NOT NULL")
        row = None
        if cursor.fetchone()[0]:
            cursor.execute("SELECT number, link FROM facts_head")
            row = cursor.fetchone()
    return found, (row[0], row[1]) if row else (0, "0" * 64)


def tables(cursor: Any) -> list[Table]:  # noqa: ANN401 - Django's
    """Every table of ours."""
    cursor.execute(
        "SELECT c.table_name, c.column_name FROM information_schema.columns c "
        "JOIN information_schema.tables t USING (table_schema, table_name) "
        "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' "
        "AND c.is_generated = 'NEVER' ORDER BY c.table_name, c.ordinal_position"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    return list(found.items())


def fill(alias: str, folder: Path, wanted: Iterable[Sequence[Any]]) -> None:
    """Put the rows back into tables that were made just now, within the caller's transaction.

    Raises StorageError if the tables are not those that were backed up.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout TO 0")
        have = dict(tables(cursor))
        made = [(str(name), [str(each) for each in columns]) for name, columns in wanted]
        if {name: sorted(columns) for name, columns in made} != {
            name: sorted(columns) for name, columns in have.items()
        }:
            raise StorageError(
                "the backup has other tables than this version of Perisai; restore it with the "
                "version that made it (the manifest names it), and update afterwards"
            )
        listed = ", ".join(f'"{name}"' for name in have)
        cursor.execute(f"TRUNCATE {listed}")
        for name, columns in made:
            asked = f"COPY {_listed(name, columns)} FROM STDIN"
            with (folder / f"{name}.copy").open("rb") as file, cursor.copy(asked) as rows:
                while data := file.read(1024 * 1024):
                    rows.write(data)
        _reset(cursor)


def _listed(name: str, columns: Sequence[str]) -> str:
    quoted = ", ".join(f'"{column}"' for column in columns)
    return f'"{name}" ({quoted})'


def _reset(cursor: Any) -> None:  # noqa: ANN401 - Django's
    """Let numbers go on after those that are there."""
    cursor.execute(
        "SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), "
        "column_name) FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')"
    )
    for table, column, sequence in cursor.fetchall():
        cursor.execute(
            f'SELECT setval(%s, coalesce((SELECT max("{column}") FROM "{table}"), 0) + 1, false)',  # noqa: S608 - names of the database
            [sequence],
        )


def is_empty(alias: str) -> bool:
    """Whether there is no table in it. Raises StorageError if it does not answer."""
    try:
        with connections[alias].cursor() as cursor:
            return not tables(cursor)
    except Error as error:
        raise StorageError(
            f"the database cannot be used: {error}; see that it runs and has room"
        ) from error
