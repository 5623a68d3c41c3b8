"""Makes every row anew from the facts, or compares, without ever holding all facts in memory."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from django.db import connections, transaction

from perisai.desk import projections
from perisai.desk.search import index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model

    from perisai.desk.house import House
    from perisai.storage.facts.records import Fact

AT_ONCE = 2_000
"""Rows that are held in memory while a table is read."""


def rebuild(
    house: House, *, write: bool, told: Callable[[int], None] = lambda _: None
) -> list[str]:
    """Compute every row from the facts; return what differed from what was written.

    ``told`` is called with the number of facts that were gone through.
    """
    alias = house.alias
    with transaction.atomic(using=alias):
        house.log.hold()
        # Of each row only a number is held: equal rows have equal ones, and no others ever will.
        written = {hash(projections.values(row)): _name(row) for row in _written(alias)}
        if write:
            for table in projections.TABLES:
                table._default_manager.using(alias).all().delete()
        different, new = [], _Writer(alias) if write else None
        for row in projections.everything(_counted(house.log.by_stream(), told), house.people):
            if written.pop(hash(projections.values(row)), None) is None:
                different.append(_name(row))
            if new:
                new.add(row)
        if new:
            new.write()
        if write:
            transaction.on_commit(functools.partial(tidy, alias), using=alias)
    return sorted({*different, *written.values()})


def tidy(alias: str) -> None:
    """Let the database take in that all rows are new. Not within a transaction.

    PostgreSQL takes new tables for all but empty until it looks, and joins them in ways that are a
    hundred times slower. It also keeps what was deleted, and answers nothing from an index alone,
    until it has cleared up; it does both by itself later, or never. SQLite's index of words keeps
    what was deleted, and finds words four times slower, until it is put together anew.
    """
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW statement_timeout")
            (patience,) = cursor.fetchone()
            cursor.execute("SET statement_timeout = 0")  # as long as a slow disk needs
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [patience])
        elif index.has_fts5(alias):
            cursor.execute(f"INSERT INTO {index.TABLE}({index.TABLE}) VALUES ('optimize')")  # noqa: S608 - names of ours


def _counted(facts: Iterator[Fact], told: Callable[[int], None]) -> Iterator[Fact]:
    for number, fact in enumerate(facts, 1):
        yield fact
        if number % AT_ONCE == 0:
            told(number)


def _written(alias: str) -> Iterator[Model]:
    for table in projections.TABLES:
        yield from table._default_manager.using(alias).order_by().iterator(chunk_size=AT_ONCE)


def _name(row: Model) -> str:
    name, key, *_ = projections.values(row)
    return f"{name} {key}"


class _Writer:
    """Writes rows many at a time."""

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._waiting: dict[type[Model], list[Model]] = {}

    def add(self, row: Model) -> None:
        """Write it soon."""
        waiting = self._waiting.setdefault(type(row), [])
        waiting.append(row)
        if len(waiting) == projections.TOGETHER:
            self._write(type(row))

    def write(self) -> None:
        """Write all that are left."""
        for table in self._waiting:
            self._write(table)

    def _write(self, table: type[Model]) -> None:
        rows = self._waiting[table]
        table._default_manager.using(self._alias).bulk_create(rows)
        rows.clear()
