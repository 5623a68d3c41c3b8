"""Bytes in a folder: one file for each, spread over 256 folders by the first two digits."""

from __future__ import annotations

import os
import re
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.errors import ObjectMissing, StorageError
from perisai.storage.checks import check_sha256
from perisai.storage.objects.port import check_range, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGUN = ".begun"
"""The folder of files that are not whole yet: a crash may leave one, never read."""
_LEFT_SECONDS = 3600
"""Age of a file in there that nobody can be writing any more."""
_NAME = re.compile(r"[0-9a-f]{64}")


class FolderObjects:
    """See ``port.ObjectStore``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tidied = False

    def put(self, sha256: str, data: bytes) -> None:
        """See the port. Written beside, made durable, then renamed: it is there whole or not."""
        verified(sha256, data, kept=False)
        target = self._file(sha256)
        with _explained():
            if _holds(target, data):
                return
            self._tidy()
            begun = self.folder / _BEGUN
            for folder in (begun, target.parent):
                _make(folder)
            number, name = tempfile.mkstemp(dir=begun)
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
                if _NAME.fullmatch(file.name) and file.name.startswith(file.parent.name):
                    yield file.name  # whatever else lies there is not ours

    def path(self, sha256: str) -> Path | None:
        """See the port."""
        file = self._file(sha256)
        return file if file.is_file() else None

    def _tidy(self) -> None:
        """Remove what a crash left half written, once."""
        if not self._tidied:
            self._tidied = True
            for file in (self.folder / _BEGUN).glob("*"):
                with suppress(FileNotFoundError):  # others tidy up, too
                    if time.time() - file.stat().st_mtime > _LEFT_SECONDS:
                        file.unlink()

    def _file(self, sha256: str) -> Path:
        check_sha256(sha256)
        return self.folder / sha256[:2] / sha256


def _holds(file: Path, data: bytes) -> bool:
    """Whether the file holds these bytes already: one that is damaged is written anew."""
    try:
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except FileNotFoundError:
        return False


def _make(folder: Path) -> None:
    """Make a folder and those above it; their names are durable like those of the files."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(exist_ok=True)
        _settle(folder.parent)


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
