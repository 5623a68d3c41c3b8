"""A short run of the fuzzer's plain mode; docs/media.md tells of the long one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "fuzz"


def test_two_thousand_mutations(monkeypatch):
    monkeypatch.syspath_prepend(FUZZ)
    import fuzz_media

    seeds = [path.read_bytes() for path in sorted((FUZZ / "seeds").iterdir())]
    assert len(seeds) >= 20
    outcomes = {fuzz_media.screen(fuzz_media.mutated(seeds, 5_000_000 + n)) for n in range(2000)}
    assert {"gif", "apng", "webp", "jpeg", "avif", "mp4", "webm", "BrokenMedia"} <= outcomes
    sys.modules.pop("fuzz_media")


@pytest.mark.parametrize("number", [35_256, 155_458])
def test_files_that_once_took_gigabytes(monkeypatch, number):
    monkeypatch.syspath_prepend(FUZZ)
    import fuzz_media

    seeds = [path.read_bytes() for path in sorted((FUZZ / "seeds").iterdir())]
    assert fuzz_media.screen(fuzz_media.mutated(seeds, number)) == "BrokenMedia"
