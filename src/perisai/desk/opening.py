"""Opens the house in a process whose Django is configured: tables, keys, the log of facts."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import Error
from filelock import FileLock, Timeout

from perisai.desk.house import House
from perisai.desk.previews import services as previews
from perisai.desk.site import make_tables
from perisai.errors import StorageError
from perisai.storage.facts.log import FactLog
from perisai.storage.facts.people import People
from perisai.storage.secret_file import BYTES, secret_in

if TYPE_CHECKING:
    from perisai.settings import Settings

PATIENCE_SECONDS = 60


def open_house(settings: Settings, alias: str = "default") -> House:
    """Make the tables if there are none, and open the house.

    Raises StorageError if the database or a key cannot be used, SettingsError for a wrong key in
    the environment.
    """
    master = people_key(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        # Desk and public page start together: one of them makes the tables.
        with FileLock(settings.home / "tables.lock", timeout=PATIENCE_SECONDS):
            make_tables(alias)
    except Timeout as error:
        raise StorageError("another process is making the tables; start again later") from error
    except Error as error:
        raise StorageError(
            f"the database cannot be used: {error}; see that it runs and has room"
        ) from error
    house = house_in(alias, master)
    house.second_share = settings.desk.second_share
    house.previews = previews.store_in(settings)
    return house


def house_in(alias: str, master: bytes) -> House:
    """The house in a database that has its tables; ``master`` is the key of people."""
    return House(FactLog(alias), People(master, alias), _now, alias)


def people_key(settings: Settings) -> bytes:
    """The key under which the keys of people are kept. Raises SettingsError or StorageError."""
    name = settings.desk.people_env
    if name is None:
        return secret_in(
            settings.home / "people.key",
            holds="the key under which personal data is sealed",
            if_lost="restore it from a backup; without it, what people told of themselves is gone",
        )
    try:
        key = bytes.fromhex(os.environ.get(name, ""))
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise settings.problem(
            ("desk", "people_env"),
            f"names {name}, which must hold {2 * BYTES} hexadecimal digits; "
            f"make them once with: openssl rand -hex {BYTES}",
        )
    return key


def _now() -> datetime:
    return datetime.now(UTC)
