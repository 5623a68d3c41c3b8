"""Secrets that lie in the home folder, each in a file of its own that nobody else may read."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from filelock import FileLock

from perisai.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

BYTES = 32
_OTHERS = 0o077


def secret_in(path: Path, *, holds: str, if_lost: str) -> bytes:
    """Return the secret (32 bytes) in this file, making it if there is none.

    ``holds`` and ``if_lost`` say in messages what the secret is for, and what to do when it may be
    known or is gone. Raises StorageError for a file that cannot be read or written, that others may
    read, or that is damaged.
    """
    try:
        if not path.exists():
            _create(path)
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise StorageError(
                f"{path} can be read by others: run `chmod 600` on it. It holds {holds}; if "
                f"somebody may have read it: {if_lost}."
            )
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}; it holds {holds}.") from error
    except ValueError:
        secret = b""
    if len(secret) != BYTES:
        raise StorageError(f"{path} is damaged; it holds {holds}: {if_lost}.")
    return secret


def _create(path: Path) -> None:
    """Write a new secret as a whole or not at all; of several processes the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock"), timeout=30):
        if path.exists():
            return
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
