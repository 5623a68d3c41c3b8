"""A listed clip is known by the share of it that is shown, from file to verdict."""

from __future__ import annotations

import pytest

from perisai import Screener
from perisai.matching.lists import ListStore, entries_of
from perisai.matching.lists.model import Kind
from perisai.screening.fingerprint import fingerprint_file
from perisai.terms import AgeBand, Decision, Label
from tests.common import drawn, screening, writers

LISTED = [drawn.stand_in(n, 160, 120) for n in range(20, 26)]
OTHER = [drawn.stand_in(n, 160, 120) for n in range(30, 38)]


@pytest.fixture(scope="module")
def known(folder):
    """A screener whose list holds one clip as a clip only, not its single pictures."""
    chosen = screening.settings(folder)
    path = folder / "listed.gif"
    path.write_bytes(writers.gif(LISTED, 200))
    entries = entries_of(fingerprint_file(path, chosen))
    store = ListStore(chosen.home)
    store.create("clips", source="tests", label=Label.LISTED)
    store.add("clips", [entry for entry in entries if entry.kind is Kind.CLIP])
    with Screener(chosen) as screener:
        yield screener


def found(screener, frames, durations=200):
    result = screener.screen(writers.webp(frames, durations, quality=90))
    assert result.error is None
    return [(f.frame, f.by, f.detail) for f in result.findings], result


def test_padding_and_a_harmless_first_frame_do_not_help(known):
    findings, result = found(known, [*OTHER, *LISTED, *OTHER])
    assert findings == [(None, "clips", "100% of the listed clip, 100% of it in order")]
    assert result.decision(AgeBand.AGE_3_5) is Decision.BLOCK


def test_order_is_told_and_not_needed(known):
    ((_, _, detail),), _ = found(known, LISTED[::-1])
    assert detail.startswith("100% of the listed clip")
    assert "100% of it in order" not in detail


def test_unlike_clips_and_one_picture_in_common_are_not_found(known):
    assert found(known, OTHER)[0] == []
    assert found(known, [*OTHER, LISTED[0]])[0] == []


def test_a_file_that_breaks_off_is_matched_by_what_was_seen(known):
    data = writers.gif(LISTED, 200)
    result = known.screen(data[: len(data) * 9 // 10])
    assert result.media.truncated
    assert [f.by for f in result.findings] == ["clips"]


def test_a_fingerprint_of_a_pipe_or_a_folder_is_refused(tmp_path):
    import os

    from perisai.errors import BrokenMedia

    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing"):
        with pytest.raises(BrokenMedia):
            fingerprint_file(path, screening.settings(tmp_path))
