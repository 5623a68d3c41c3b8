"""Exact fingerprints of a file: the same bytes, or not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Digests:
    """Lowercase hexadecimal digests of a whole file, and its length in bytes.

    MD5 is here because hash lists are exchanged with it; a collision can be made on purpose, so it
    may say "known" but never "harmless".
    """

    sha256: str
    md5: str
    size: int


def digest(source: bytes | os.PathLike[str] | str) -> Digests:
    """Digest bytes, or the file at a path, reading it once.

    Raises ``OSError`` when the file cannot be read.
    """
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    if isinstance(source, bytes):
        sha256.update(source)
        md5.update(source)
        return Digests(sha256.hexdigest(), md5.hexdigest(), len(source))
    size = 0
    with Path(source).open("rb") as file:
        while chunk := file.read(_CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
            size += len(chunk)
    return Digests(sha256.hexdigest(), md5.hexdigest(), size)
