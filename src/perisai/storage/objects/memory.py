"""The object store's twin in memory, for tests and for trying things out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.errors import ObjectMissing
from perisai.storage.checks import check_sha256
from perisai.storage.objects.port import check_range, verified

if TYPE_CHECKING:
    from collections.abc import Iterator


class MemoryObjects:
    """Keeps bytes until the process ends. ``path`` is always None."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, sha256: str, data: bytes) -> None:
        """See ObjectStore."""
        self._kept[sha256] = verified(sha256, bytes(data), kept=False)

    def get(self, sha256: str) -> bytes:
        """See ObjectStore."""
        check_sha256(sha256)
        try:
            return self._kept[sha256]
        except KeyError:
            raise ObjectMissing(f"no bytes are kept as {sha256}") from None

    def read(self, sha256: str, start: int, stop: int) -> bytes:
        """See ObjectStore."""
        check_range(start, stop)
        return self.get(sha256)[start:stop]

    def size(self, sha256: str) -> int | None:
        """See ObjectStore."""
        check_sha256(sha256)
        data = self._kept.get(sha256)
        return None if data is None else len(data)

    def delete(self, sha256: str) -> None:
        """See ObjectStore."""
        check_sha256(sha256)
        self._kept.pop(sha256, None)

    def shas(self) -> Iterator[str]:
        """See ObjectStore."""
        return iter(list(self._kept))

    def path(self, sha256: str) -> None:
        """See ObjectStore: there are no files."""
        check_sha256(sha256)
