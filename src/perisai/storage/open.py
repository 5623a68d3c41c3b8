"""Opens what the settings name, and brings the tables up to date first."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from perisai.errors import StorageError
from perisai.storage.configuration import (
    PATIENCE_SECONDS,
    alias_of,
    configure,
    gateway_database,
)
from perisai.storage.objects.folder import FolderObjects
from perisai.storage.tables import behind, bring_up_to_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.settings import Settings
    from perisai.storage.objects.port import ObjectStore
    from perisai.storage.ports import Store

LABELS = ("storage",)
"""Whose tables the gateway needs."""

_TURN = 0x70657269736169
"""The number of PostgreSQL's lock for changing the tables: "perisai" in ASCII."""


def open_store(settings: Settings) -> Store:
    """Open the database; the first time, and after an update, its tables are made or changed.

    Raises SettingsError if ``storage.database`` is no address, StorageError if it cannot be used or
    if a newer Perisai wrote it.
    """
    from django.db import Error, connections  # noqa: PLC0415 - programs without need no Django

    configure(settings)
    wanted = gateway_database(settings)
    alias = alias_of(wanted)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        if _in_a_file(wanted):
            Path(wanted["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        if behind(alias, LABELS):
            # Two programs that start together must not both change the tables.
            with _alone(alias, wanted):
                bring_up_to_date(alias, LABELS)
    except (OSError, Error) as error:
        said = " ".join(str(error).split())  # drivers write several lines
        raise StorageError(
            f"the database cannot be opened: {said}; see storage.database in the settings"
        ) from error
    finally:
        connections[alias].close()  # whoever uses the store may be another thread
    from perisai.storage.database import DatabaseStore  # noqa: PLC0415 - needs a configured Django

    return DatabaseStore(alias)


def has_store(settings: Settings) -> bool:
    """Whether a gateway has made its tables in the database that the settings name.

    Raises SettingsError if that is no address, StorageError if it cannot be asked.
    """
    from django.db import Error, connections  # noqa: PLC0415 - needs a configured Django

    wanted = gateway_database(settings)
    if _in_a_file(wanted):
        return Path(wanted["NAME"]).exists()
    try:
        with connections[alias_of(wanted)].cursor() as cursor:
            cursor.execute("SELECT to_regclass('storage_counter') IS NOT NULL")
            return bool(cursor.fetchone()[0])
    except Error as error:
        raise StorageError(
            "the database of the gateway cannot be asked; see that it runs"
        ) from error


@contextmanager
def _alone(alias: str, wanted: dict[str, Any]) -> Iterator[None]:
    """Keep all others from changing the tables: of this machine, or of all that share a server."""
    if _in_a_file(wanted):
        with FileLock(f"{wanted['NAME']}.lock", timeout=PATIENCE_SECONDS):
            yield
        return
    from django.db import connections  # noqa: PLC0415

    with connections[alias].cursor() as cursor:
        # Both end with the connection, which open_store closes.
        cursor.execute("SELECT pg_advisory_lock(%s)", [_TURN])
        cursor.execute("SET statement_timeout TO 0")  # a large table takes its time
    yield


def _in_a_file(wanted: dict[str, Any]) -> bool:
    return str(wanted["ENGINE"]).endswith("sqlite3")


def open_objects(settings: Settings) -> ObjectStore:
    """Open the place of the bytes: a folder, or a bucket, which is not asked for anything yet.

    Raises SettingsError for what is neither.
    """
    place = settings.storage.objects
    if place is None or "://" not in place:
        return FolderObjects(settings.home / (place or "objects"))
    from perisai.storage.objects.s3 import S3Objects, open_bucket  # noqa: PLC0415 - an extra

    try:
        return S3Objects(open_bucket(settings, place))
    except ValueError as error:
        raise settings.problem(("storage", "objects"), f"{error}, or a folder") from error
