"""Opening the house: tables are made once, and those of a newer version are left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from perisai import settings as settings_package
from perisai.desk.opening import open_house
from perisai.errors import StorageError
from perisai.storage.configuration import alias_of, database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from perisai.settings import Settings

pytestmark = pytest.mark.on_both


@pytest.fixture
def settings(tmp_path: Path, environment: dict[str, str]) -> Iterator[Settings]:
    chosen = settings_package.load(env=environment, home=tmp_path)
    yield chosen
    connections[alias_of(database(chosen))].close()


def test_with_all_tables_there_hardly_anything_is_asked(settings: Settings):
    alias = alias_of(database(settings))
    with CaptureQueriesContext(connections[alias]) as asked:
        open_house(settings, alias)
    said = [each["sql"] for each in asked if "PRAGMA" not in each["sql"]]
    assert len(said) <= 6, said


def test_what_a_newer_version_wrote_is_left_alone(settings: Settings):
    alias = alias_of(database(settings))
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('cases', '9999_later', CURRENT_TIMESTAMP)"
        )
    try:
        with pytest.raises(StorageError, match=r"newer Perisai \(9999_later\)"):
            open_house(settings, alias)
    finally:  # this table is not emptied between tests
        with connections[alias].cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
