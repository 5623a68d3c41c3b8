"""Compressed answers: undone, bounded, and none that nobody asked for."""

from __future__ import annotations

import gzip
import zlib

import pytest

from perisai.errors import FetchRefused, UpstreamError
from tests.gateway.fetching.asking import LIMIT, asked, packed


def test_compressed_answers_are_undone() -> None:
    data = b"GIF89a" * 1000
    twice = gzip.compress(data) + gzip.compress(b"more")
    assert asked({"/a.gif": packed(gzip.compress(data))}) == data
    assert asked({"/a.gif": packed(zlib.compress(data), "deflate")}) == data
    assert asked({"/a.gif": packed(twice, "GZIP")}) == data + b"more"


def test_a_compressed_bomb_is_cut_off() -> None:
    bomb = gzip.compress(bytes(60_000_000))
    assert len(bomb) < LIMIT
    with pytest.raises(FetchRefused, match="larger than"):
        asked({"/a.gif": packed(bomb)})
    members = gzip.compress(bytes(LIMIT)) * 50
    with pytest.raises(FetchRefused, match="larger than"):
        asked({"/a.gif": packed(members)})
    assert len(asked({"/a.gif": packed(gzip.compress(bytes(LIMIT)))})) == LIMIT


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x"])
def test_compression_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(FetchRefused, match="not asked for"):
        asked({"/a.gif": packed(b"xxxx", encoding)})


@pytest.mark.parametrize("data", [b"no gzip at all", gzip.compress(b"x" * 5000, mtime=0)[:-9]])
def test_broken_compression_is_an_upstream_error(data: bytes) -> None:
    with pytest.raises(UpstreamError, match="broken"):
        asked({"/a.gif": packed(data)})
