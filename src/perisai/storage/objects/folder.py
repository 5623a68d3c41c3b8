"""Bytes in a folder: one file for each, spread over 256 folders by the first two digits."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.errors import ObjectMissing, StorageError
from perisai.storage.checks import check_sha256
from perisai.storage.objects.port import check_range, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGUN = ".begun-"
"""How the names of files begin that are not whole yet: a crash may leave one, never read."""


class FolderObjects:
    """See ``port.ObjectStore``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, sha256: str, data: bytes) -> None:
        """See the port. Written beside, made durable, then renamed: it is there whole or not."""
        verified(sha256, data, kept=False)
        target = self._file(sha256)
        if target.is_file():
            return
        with _explained():
            target.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=_BEGUN, dir=target.parent)
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _settle(target.parent)

    def get(self, sha256: str) -> bytes:
        """See the port."""
        with _explained(sha256):
            return verified(sha256, self._file(sha256).read_bytes(), kept=True)

    def read(self, sha256: str, start: int, stop: int) -> bytes:
        """See the port."""
        check_range(start, stop)
        with _explained(sha256), self._file(sha256).open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    def size(self, sha256: str) -> int | None:
        """See the port."""
        with suppress(FileNotFoundError), _explained():
            return self._file(sha256).stat().st_size
        return None

    def delete(self, sha256: str) -> None:
        """See the port."""
        with _explained():
            self._file(sha256).unlink(missing_ok=True)

    def shas(self) -> Iterator[str]:
        """See the port."""
        with _explained():
            for file in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*")):
                if not file.name.startswith("."):
                    yield file.name

    def path(self, sha256: str) -> Path | None:
        """See the port."""
        file = self._file(sha256)
        return file if file.is_file() else None

    def _file(self, sha256: str) -> Path:
        check_sha256(sha256)
        return self.folder / sha256[:2] / sha256


def _settle(folder: Path) -> None:
    """Make a new name durable, too."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _explained(sha256: str = "") -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if not sha256:
            raise
        raise ObjectMissing(f"no bytes are kept under {sha256}") from error
    except OSError as error:
        raise StorageError(f"the bytes cannot be reached: {error}; see storage.objects") from error
