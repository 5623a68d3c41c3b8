"""Databases for tests: SQLite in a file, and PostgreSQL where a server answers.

``PERISAI_TEST_POSTGRES`` names the server as ``postgresql://USER@HOST:PORT/NAME``, where USER may
make databases; without it, one on this machine is tried. A database is made for each test that asks
for one, and dropped when it ends.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "PERISAI_TEST_POSTGRES"
USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"
KINDS = ("sqlite", "postgresql")
BOTH = "both"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--database=postgresql`` runs all tests of the desk on that kind, ``both`` on both."""
    parser.addoption("--database", choices=(*KINDS, BOTH), help="tests of the desk on this kind")


def server() -> str:
    return os.environ.get(ADDRESS, USUAL)


@cache
def missing() -> str:
    """Why there is no PostgreSQL; empty if there is one."""
    import psycopg

    try:
        with psycopg.connect(server(), connect_timeout=3) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            )
            allowed = (row.fetchone() or (False,))[0]
    except psycopg.Error as error:
        return f"no PostgreSQL answers ({ADDRESS} may name one): {str(error).splitlines()[0]}"
    return "" if allowed else f"the user of {ADDRESS} may not make databases"


def ask(statement: str, address: str = "") -> list[tuple[object, ...]]:
    """Carry out one statement in a database, or outside of the tests' databases."""
    import psycopg

    with psycopg.connect(address or server(), autocommit=True) as connection:
        done = connection.execute(statement.encode())
        return done.fetchall() if done.description else []


@contextmanager
def made() -> Iterator[str]:
    """The address of an empty database; the test is skipped where no server answers."""
    if missing():
        pytest.skip(missing())
    name = f"perisai_test_{os.getpid()}_{secrets.token_hex(4)}"
    ask(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    try:
        yield urlsplit(server())._replace(path=f"/{name}").geturl()
    finally:
        ask(f"DROP DATABASE {name} WITH (FORCE)")


def empty_tables(address: str) -> list[str]:
    """The tables of this database in which there is nothing."""
    names = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", address)
    return [str(name) for (name,) in names if not ask(f'SELECT 1 FROM "{name}" LIMIT 1', address)]


NO_GATEWAY = """DO $$ DECLARE one text; BEGIN
FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^storage_'
LOOP EXECUTE format('DROP TABLE %I CASCADE', one); END LOOP;
DELETE FROM django_migrations WHERE app = 'storage'; END $$"""
"""A house has no gateway before one has run: whoever opens it makes its tables."""


def empty(address: str, tables: list[str]) -> None:
    """Delete what is in these tables: many times faster than another database."""
    deleted = (f'DELETE FROM "{name}"' for name in tables)
    statements = ["SET LOCAL lock_timeout = '10s'", *deleted, NO_GATEWAY]
    ask(f"BEGIN; {'; '.join(statements)}; COMMIT", address)


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of an empty database of PostgreSQL, for one test."""
    with made() as address:
        yield address


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path) -> str:
    """The address of an empty database of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/facts.sqlite3"
    return request.getfixturevalue("postgresql")
