"""A house with a database of its own, and the people who work in it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from perisai import settings as settings_package
from perisai.desk.actors import Actor
from perisai.desk.permissions import Role
from perisai.desk.site import make_tables
from perisai.storage.configuration import FACTS_FILE, alias_of, database
from tests.common import databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from perisai.desk.house import House

NOW = datetime(2026, 11, 6, 3, 0, tzinfo=UTC)
"""A Friday, 10 o'clock in Jakarta."""
ADDRESS = "PERISAI_STORAGE__DATABASE"


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the desk's tables and nothing in them: copied, not made for each test."""
    settings = settings_package.load(env={}, home=tmp_path_factory.mktemp("tables"))
    alias = alias_of(database(settings))
    make_tables(alias)
    connections[alias].close()
    return settings.home / FACTS_FILE


@pytest.fixture(scope="session")
def in_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """The same in PostgreSQL, emptied after each test: its address, and which tables to empty."""
    with databases.made() as address:
        home = tmp_path_factory.mktemp("tables")
        alias = alias_of(database(settings_package.load(env={ADDRESS: address}, home=home)))
        make_tables(alias)
        connections[alias].close()
        yield address, databases.empty_tables(address)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """The kind of database; see ``pytest_generate_tests``."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def environment(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """What names a database with the desk's tables and nothing in them, for settings."""
    if database_kind == "sqlite":
        shutil.copy(request.getfixturevalue("tables"), tmp_path / FACTS_FILE)
        yield {}
        return
    address, tables = request.getfixturevalue("in_postgresql")
    yield {ADDRESS: address}
    databases.empty(address, tables)


@pytest.fixture
def house(tmp_path: Path, clock: Clock, environment: dict[str, str]) -> Iterator[House]:
    settings = settings_package.load(env=environment, home=tmp_path)
    alias = alias_of(database(settings))
    from perisai.desk.house import House
    from perisai.storage.facts.log import FactLog
    from perisai.storage.facts.people import People

    yield House(FactLog(alias), People(b"k" * 32, alias), clock, alias)
    connections[alias].close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On SQLite; with ``--database`` on the kind that it names; what is marked so, on both."""
    if "database_kind" not in metafunc.fixturenames:
        return
    asked = metafunc.config.getoption("--database")
    both = metafunc.definition.get_closest_marker("on_both") is not None
    both = both if asked is None else asked == databases.BOTH
    kinds = [*databases.KINDS] if both else [asked] if asked else []
    if kinds:
        metafunc.parametrize("database_kind", kinds, indirect=True)


def actor(role: Role, name: str = "") -> Actor:
    return Actor(name or role.value, role)


INTAKE, REVIEWER, OFFICER, COMMISSIONER, AUDITOR = map(
    actor, (Role.INTAKE, Role.REVIEWER, Role.CASE_OFFICER, Role.COMMISSIONER, Role.AUDITOR)
)
