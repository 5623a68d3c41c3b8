"""What keeps bytes under their SHA-256."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from perisai.errors import StorageError
from perisai.storage.checks import check_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ObjectStore(Protocol):
    """Bytes under their SHA-256: whole or not there. Calls may come from any thread.

    Every call raises StorageError if ``sha256`` is not 64 lower-case hexadecimal digits, or if the
    store cannot be reached.
    """

    def put(self, sha256: str, data: bytes) -> None:
        """Keep the bytes, durably when this returns. Raises StorageError if the hash differs."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises ObjectMissing if there are none, StorageError if they are damaged."""
        ...

    def read(self, sha256: str, start: int, stop: int) -> bytes:
        """The bytes from ``start`` up to, without, ``stop``; fewer where the object ends before.

        A part cannot be checked against the hash. Raises ObjectMissing; ValueError unless
        0 <= start <= stop.
        """
        ...

    def size(self, sha256: str) -> int | None:
        """How many bytes there are; None if the object is missing."""
        ...

    def delete(self, sha256: str) -> None:
        """Forget the bytes; that they are missing already is no error."""
        ...

    def shas(self) -> Iterator[str]:
        """The SHA-256 of everything there is, in any order."""
        ...

    def path(self, sha256: str) -> Path | None:
        """The file that holds the bytes; None if missing or if the store has no files."""
        ...


def verified(sha256: str, data: bytes, *, kept: bool) -> bytes:
    """Return the bytes if they have this SHA-256; else raise StorageError.

    ``kept`` says that the bytes come out of a store, not from whoever wants to put them there.
    """
    check_sha256(sha256)
    if hashlib.sha256(data).hexdigest() == sha256:
        return data
    if kept:
        raise StorageError(
            f"the bytes kept as {sha256} are damaged and are not used; delete that object, and it "
            "will be fetched and screened anew"
        )
    raise StorageError(f"these bytes do not have the SHA-256 {sha256}; they were not kept")


def check_range(start: int, stop: int) -> None:
    """Raise ValueError unless 0 <= start <= stop."""
    if not 0 <= start <= stop:
        raise ValueError(f"a range needs 0 <= start <= stop, not {start} and {stop}")
