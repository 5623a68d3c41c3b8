"""Made-up hashes: random bits stand for pictures nobody has ever seen."""

from __future__ import annotations

import hashlib

import numpy as np

from perisai.matching.lists import Entry, Kind


def hashes(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def near(row: np.ndarray, bits: int, seed: int = 0) -> np.ndarray:
    """The hash with so many bits turned."""
    turned = np.unpackbits(row)
    turned[np.random.default_rng(seed).permutation(256)[:bits]] ^= 1
    return np.packbits(turned)


def pictures(rows: np.ndarray, first: int = 0) -> list[Entry]:
    return [Entry(Kind.PDQ, row.tobytes(), 100, "whole", first + i) for i, row in enumerate(rows)]


def digests(text: str) -> tuple[str, str]:
    data = text.encode()
    return hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest()


def file_entries(text: str) -> list[Entry]:
    sha256, md5 = digests(text)
    file = bytes.fromhex(sha256)
    return [
        Entry(Kind.SHA256, file, file=file),
        Entry(Kind.MD5, bytes.fromhex(md5), file=file),
    ]
