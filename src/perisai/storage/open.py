"""Opens what the settings name, and brings the tables up to date first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from filelock import FileLock

from perisai.errors import StorageError
from perisai.storage.configuration import alias_of, configure, database
from perisai.storage.objects.folder import FolderObjects

if TYPE_CHECKING:
    from perisai.settings import Settings
    from perisai.storage.objects.port import ObjectStore
    from perisai.storage.ports import Store


def open_store(settings: Settings) -> Store:
    """Open the database; the first time, and after an update, its tables are made or changed.

    Raises SettingsError if ``storage.database`` is no address, StorageError if it cannot be used.
    """
    from django.core.management import call_command  # noqa: PLC0415 - needs a configured Django
    from django.db import Error  # noqa: PLC0415

    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        configure(settings)
        alias = alias_of(database(settings))
        # Two programs that start together must not both change the tables.
        with FileLock(settings.home / "database.lock"):
            call_command("migrate", database=alias, verbosity=0, interactive=False)
    except (OSError, Error) as error:
        raise StorageError(
            f"the database cannot be opened: {error}; see storage.database in the settings"
        ) from error
    from perisai.storage.database import DatabaseStore  # noqa: PLC0415 - needs a configured Django

    return DatabaseStore(alias)


def open_objects(settings: Settings) -> ObjectStore:
    """Open the place of the bytes: a folder. Raises SettingsError for what is none."""
    place = settings.storage.objects
    if place is not None and "://" in place:
        raise settings.problem(
            ("storage", "objects"), "must be a folder; other places are not supported yet"
        )
    return FolderObjects(settings.home / (place or "objects"))
