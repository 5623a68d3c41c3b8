"""Which process holds the bytes of a pending upload, and whether it still runs.

Bytes are in memory only, so that they are gone with the process. Each one holds a lock file in the
home folder; the system lets go of it when the process ends, however it ends.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from perisai.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

KEPT_SECONDS = 3 * 24 * 3600
"""Longer than a webhook is tried."""
_TOKEN = re.compile(r"[0-9a-f]{16}")


class Holders:
    """This process among those that hold uploads, by a name made anew at each start."""

    def __init__(self, folder: Path) -> None:
        """Make the lock file. Raises StorageError if the folder cannot be written to."""
        self.me = secrets.token_hex(8)
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._path(self.me), thread_local=False)
            self._lock.acquire(timeout=0)
        except OSError as error:
            raise StorageError(
                f"{folder}: {error.strerror or error}; the gateway says there that it runs."
            ) from error

    def runs(self, token: str) -> bool | None:
        """Whether that process runs; None if it is not one of this machine and home folder."""
        if token == self.me:
            return True
        path = self._path(token)
        if not _TOKEN.fullmatch(token) or not path.exists():
            return None
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            return True
        lock.release()
        return False

    def tidy(self) -> None:
        """Delete the files of processes that ended so long ago that nobody asks any more."""
        for path in self._folder.glob("*.lock"):
            try:
                old = time.time() - path.stat().st_mtime > KEPT_SECONDS
                if old and self.runs(path.stem) is False:
                    path.unlink()
            except OSError:  # somebody else did, or may not be helped
                continue

    def close(self) -> None:
        """Say that this process holds nothing any more."""
        self._lock.release()

    def _path(self, token: str) -> Path:
        return self._folder / f"{token}.lock"
