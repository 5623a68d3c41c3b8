"""The secret that signs links, numbers and tickets, and the keys made of it.

It comes from the environment variable that ``gateway.signing_env`` names (several gateways behind
one address share it so), or is created once in the home folder, for this machine alone.
"""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from perisai.storage.secret_file import secret_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.settings import Settings

FILE_NAME = "signing.key"
_SHORTEST = 24
"""Characters that a secret from the environment has at least."""


def signing_secret(settings: Settings, env: Mapping[str, str] | None = None) -> bytes:
    """Return the secret, creating it in the home folder if none is set and none is there.

    Raises SettingsError for a variable that is missing or too short, and StorageError for a file
    that cannot be read or written, that others may read, or that is damaged.
    """
    name = settings.gateway.signing_env
    if name is None:
        return secret_in(
            settings.home / FILE_NAME,
            holds="the secret that signs media links",
            if_lost="delete it and a new one is made; links given out before end then",
        )
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
