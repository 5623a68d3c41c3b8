"""Where the service's socket lies, and who of several processes may serve there."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from perisai.errors import ServiceError, SettingsError

if TYPE_CHECKING:
    from perisai.settings import Settings

LONGEST_PATH = 100
"""Bytes: Linux takes 107, others a few less."""
BACKLOG = 128


def socket_path(settings: Settings) -> Path:
    """Where the socket of this machine's service is. Raises SettingsError if that cannot work."""
    path = Path(settings.service.socket or settings.home / "service.sock").expanduser().absolute()
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise SettingsError(
            f"service.socket: {path} is longer than the {LONGEST_PATH} bytes that a socket's path "
            "may have; choose a shorter one, such as /run/user/UID/perisai.sock"
        )
    return path


class Claim:
    """The right to serve at a path, held by at most one process; gone with the process.

    A lock file beside the socket decides, never the socket: one that a killed service left behind
    is removed by whoever holds the lock, and by nobody else. The folder is made for this user
    alone; one that others may write to is refused, since they could put a socket of theirs there.
    Raises ServiceError, also while another process serves.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_folder(path.parent)
        self._lock = _lock(path.with_name(path.name + ".lock"))
        self.socket: socket.socket | None = None
        try:
            self._bind()
        except BaseException:
            self.release()
            raise

    def _bind(self) -> None:
        self._remove_stale()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # By mask and not by chmod: there is no moment in which others could connect.
        before = os.umask(0o177)
        try:
            self.socket.bind(os.fspath(self.path))
        except OSError as error:
            raise ServiceError(f"{self.path}: {error.strerror}; see service.socket") from error
        finally:
            os.umask(before)
        self.socket.listen(BACKLOG)  # who comes while the models load waits for them

    def _remove_stale(self) -> None:
        with suppress(FileNotFoundError):
            if not stat.S_ISSOCK(self.path.lstat().st_mode):
                raise ServiceError(
                    f"{self.path} is no socket, and is left alone; move it away or choose another "
                    "service.socket"
                )
            self.path.unlink()

    def release(self) -> None:
        """Remove the socket and give the right up. May be called again."""
        if self._lock < 0:
            return
        if self.socket is not None:
            self.path.unlink(missing_ok=True)
            self.socket.close()
        # The lock file stays: removing it would let two processes lock two files of one name.
        os.close(self._lock)
        self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def _check_folder(folder: Path) -> None:
    status = folder.stat()
    if status.st_uid not in (os.geteuid(), 0):
        raise ServiceError(
            f"{folder} belongs to another user; choose a folder of yours for service.socket"
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX:
        raise ServiceError(
            f"others may write to {folder}, and could stand in for the service; run "
            f"`chmod go-w {folder}`, or choose another service.socket"
        )


def _lock(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        handle = os.open(path, flags, 0o600)
    except OSError as error:
        raise ServiceError(f"{path}: {error.strerror}; see service.socket") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        who = os.read(handle, 20).decode("ascii", "replace").strip()
        os.close(handle)
        raise ServiceError(
            f"A screening service runs already at {path.with_suffix('')}"
            f"{f' (process {who})' if who.isdigit() else ''}. One is enough for a machine: use it, "
            "or stop it first."
        ) from error
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return handle
