from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.matching import digests
from perisai.matching.digests import digest

if TYPE_CHECKING:
    from pathlib import Path


@given(st.binary(max_size=300))
def test_digests_of_bytes(data: bytes) -> None:
    found = digest(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.md5 == hashlib.md5(data).hexdigest()
    assert found.size == len(data)


def test_a_file_longer_than_one_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_CHUNK", 7)
    data = bytes(range(256)) * 3
    path = tmp_path / "x.gif"
    path.write_bytes(data)
    assert digest(path) == digest(str(path)) == digest(data)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        digest(tmp_path / "none.gif")
