"""Hashes of a sample, as its finding keeps them: they are no picture, and none is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from perisai.matching.lists import Entry, Kind
from perisai.matching.lists.model import fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from perisai.matching.pdq import PdqHash
    from perisai.screening.fingerprint import Fingerprint

MOST = 600
"""Hashes that are kept of one file: every distinct frame first, crops of frames as far as it goes.

A fact stays under 60 KB with them.
"""


def told(fingerprint: Fingerprint) -> dict[str, Any]:
    """What is written down: the MD5, and ``[picture, variant, quality, hash]`` for each hash."""
    whole, crops = [], []
    for number, variants in enumerate(fingerprint.pictures):
        lines = [[number, name, pdq.quality, pdq.hex] for name, pdq in variants if _tells(pdq)]
        whole += lines[:1]
        crops += lines[1:]
    return {"md5": fingerprint.md5, "pdq": [*whole, *crops][:MOST]}


def pictures(prints: Mapping[str, Any]) -> int:
    """How many distinct frames can be told apart by their hashes."""
    return len({line[0] for line in prints.get("pdq", ())})


def entries(sha256: str, prints: Mapping[str, Any]) -> Iterator[Entry]:
    """What stands on a list for a sample; only its SHA-256 where nothing else was kept."""
    file = bytes.fromhex(sha256)
    yield Entry(Kind.SHA256, file, file=file)
    if prints.get("md5"):
        yield Entry(Kind.MD5, bytes.fromhex(prints["md5"]), file=file)
    for number, variant, quality, text in prints.get("pdq", ()):
        yield Entry(Kind.PDQ, bytes.fromhex(text), quality, variant, number, file)


def _tells(pdq: PdqHash) -> bool:
    return fault(Entry(Kind.PDQ, pdq.bits, pdq.quality)) is None
