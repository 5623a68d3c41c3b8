"""The chain of hashes: each fact names all that went before it, so that no past can be changed.

A *link* is SHA-256 over the link before and the SHA-256 of the fact's canonical JSON (sorted keys,
no spaces, UTF-8). There are two chains: one through each stream (a case, a complaint), and one
through the whole log, so that a stream cannot vanish as a whole either. The construction is that of
a hash list as in RFC 6962, section 2, without its tree.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGINNING = "0" * 64
"""What stands before the first link."""


def canonical(values: Mapping[str, object]) -> str:
    """Return the one JSON text of these values. Raises ValueError for NaN and infinity."""
    return json.dumps(
        values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest(number: int, stream: str, position: int, kind: str, at: str, by: str, data: str) -> str:
    """Return the SHA-256 of one fact; ``data`` is canonical JSON, ``at`` ISO 8601 in UTC."""
    whole = [number, stream, position, kind, at, by, data]
    text = json.dumps(whole, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def link(before: str, fact: str) -> str:
    """Return the link of the fact with this digest after the link ``before``."""
    return hashlib.sha256(bytes.fromhex(before) + bytes.fromhex(fact)).hexdigest()
