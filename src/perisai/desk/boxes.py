"""Bytes that are kept encrypted, each under a key of its own, outside of the database.

The key is wrapped under the key of people. Destroying it is destroying the bytes, wherever copies
of them lie.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from perisai.desk.house import House
    from perisai.storage.objects import ObjectStore

AGAIN = timedelta(days=2)
"""For so long it is made sure each time that bytes of something purged are gone."""


@dataclass(frozen=True, slots=True)
class Box:
    """Encrypted bytes: the name of their key, and their own, which is their SHA-256."""

    key: str
    name: str
    data: bytes


def closed(house: House, data: bytes) -> Box:
    """Encrypt bytes under a new key, which is there if the transaction is."""
    key = house.people.new(house.clock())
    box = house.people.seal_bytes(key, data)
    return Box(key, hashlib.sha256(box).hexdigest(), box)


def opened(house: House, store: ObjectStore, key: str, name: str) -> bytes | None:
    """The bytes; None if their key was destroyed. Raises StorageError if missing or damaged."""
    return house.people.open_bytes(key, store.get(name))
