"""The secret that signs links, numbers and tickets, and the keys made of it.

It comes from the environment variable that ``gateway.signing_env`` names (several gateways behind
one address share it so), or is created once in the home folder, for this machine alone.
"""

from __future__ import annotations

import hmac
import os
import secrets
from typing import TYPE_CHECKING

from filelock import FileLock

from perisai.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from perisai.settings import Settings

FILE_NAME = "signing.key"
_BYTES = 32
_SHORTEST = 24
"""Characters that a secret from the environment has at least."""
_OTHERS = 0o077


def signing_secret(settings: Settings, env: Mapping[str, str] | None = None) -> bytes:
    """Return the secret, creating it in the home folder if none is set and none is there.

    Raises SettingsError for a variable that is missing or too short, and StorageError for a file
    that cannot be read or written, that others may read, or that is damaged.
    """
    name = settings.gateway.signing_env
    if name is None:
        return _from_file(settings.home / FILE_NAME)
    value = (os.environ if env is None else env).get(name, "")
    if len(value) < _SHORTEST:
        what = f"has fewer than {_SHORTEST} characters" if value else "is not set"
        raise settings.problem(
            ("gateway", "signing_env"),
            f"names the variable {name}, which {what}; "
            "`openssl rand -base64 32` makes a good secret",
        )
    return value.encode()


def derived(secret: bytes, purpose: str) -> bytes:
    """Return the key (32 bytes) for one purpose; those for others cannot be told from it."""
    return hmac.digest(secret, b"perisai " + purpose.encode(), "sha256")


def _from_file(path: Path) -> bytes:
    try:
        if not path.exists():
            _create(path)
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise StorageError(
                f"{path} can be read by others, who could sign links with it: run `chmod 600` on "
                "it; if somebody may have read it, delete it and all links are signed anew."
            )
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror or error}; the secret that signs media links is kept there."
        ) from error
    except ValueError:
        secret = b""
    if len(secret) != _BYTES:
        raise StorageError(
            f"{path} is damaged; delete it and a new one is made (links given out before then end)."
        )
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
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
