"""What hash lists say through the whole pipeline, and how a match on an abuse list is sealed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from PIL import ImageOps

from perisai import Screener
from perisai.errors import ListError
from perisai.matching.digests import digest
from perisai.matching.lists import ListStore
from perisai.terms import AgeBand, Decision, Label, Source
from tests.common import drawn, screening, writers
from tests.common.screening import add_pictures, clip, create_list, decisions, marked, scene

ALL = set(AgeBand)


def _sub(folder, name):
    path = folder / name
    path.mkdir(exist_ok=True)
    return path


def test_findings_of_lists_say_which_frame_and_how_near(folder):
    home = _sub(folder, "lists")
    picture = drawn.stand_in(4, 200, 150)
    whole = clip(scene(3))
    store = create_list(home / "home", "pictures", [picture, ImageOps.mirror(picture)])
    create_list(home / "home", "files", sha256=digest(whole).sha256)
    frames = [*scene(3, 200, 150), ImageOps.mirror(picture), *scene(3, 200, 150)]
    with Screener(screening.settings(home)) as screener:
        by_file = screener.screen(whole)
        flash = screener.screen(writers.webp(frames, [70, 80, 90, 10, 80, 80, 80], quality=90))
        store.remove("pictures")
        assert screener.screen(writers.webp(frames)).findings == ()
        add = ListStore(home / "home")
        add.create("later", source="tests", label=Label.LISTED)
        add_pictures(add, "later", [picture])
        later = screener.screen(writers.webp(frames))
    assert [(f.frame, f.by, f.detail) for f in by_file.findings] == [
        (None, "files", "the file's sha256")
    ]
    assert by_file.decision(AgeBand.AGE_3_5) is Decision.BLOCK
    (found,) = flash.findings
    assert (found.frame, found.time_ms, found.by, found.score) == (3, 240, "pictures", 1.0)
    # The mirrored picture is on the list as such: nearer than any turn of the other.
    assert int(found.detail.split()[0]) <= 8
    assert found.detail.endswith("(whole)")
    assert [f.by for f in later.findings] == ["later"]


def test_only_the_named_lists_count_and_expired_ones_never(folder):
    home = _sub(folder, "expired")
    picture = drawn.stand_in(6, 200, 150)
    today = date.today()  # noqa: DTZ011 - lists expire by the UTC day; a day off is far enough
    create_list(home / "home", "over", [picture], expires=today - timedelta(days=2))
    create_list(home / "home", "valid", [picture], expires=today + timedelta(days=2))
    create_list(home / "home", "other", [drawn.stand_in(7)])
    data = writers.still(picture, "PNG")
    with Screener(screening.settings(home)) as screener:
        assert [f.by for f in screener.screen(data).findings] == ["valid"]
    with Screener(screening.settings(home), lists=["other"]) as screener:
        result = screener.screen(data)
        assert result.findings == ()
        assert Label.LISTED not in result.verdict.not_covered  # "other" could say it
    with pytest.raises(ListError, match="'over' has expired"):
        Screener(screening.settings(home), lists=["over", "other"])


def test_naming_lists_never_switches_an_abuse_list_off(folder):
    home = _sub(folder, "not-a-choice")
    picture = drawn.stand_in(6, 200, 150)
    create_list(home / "home", "sealed", [picture], label=Label.ABUSE)
    create_list(home / "home", "other", [drawn.stand_in(7)])
    for names in (["other"], []):
        with Screener(screening.settings(home), lists=names) as screener:
            assert decisions(screener.screen(writers.still(picture, "PNG"))) == {Decision.BLOCK}


def test_a_named_list_that_is_removed_meanwhile_leaves_nothing_allowed(folder):
    home = _sub(folder, "removed")
    create_list(home / "home", "gone", [drawn.stand_in(7)])
    data = writers.still(drawn.stand_in(6, 200, 150), "PNG")
    with Screener(screening.settings(home), lists=["gone"]) as screener:
        assert decisions(screener.screen(data)) == {Decision.ALLOW}
        ListStore(home / "home").remove("gone")
        result = screener.screen(data)
    assert decisions(result) == {Decision.UNSCREENABLE}
    assert result.error is not None
    assert result.error.code == "bad_list"


@pytest.fixture(scope="module")
def abuse(folder):
    """A result with a frame on an abuse list, one on another list, and one that a model minds."""
    home = _sub(folder, "abuse")
    picture, other = drawn.stand_in(8, 200, 150), drawn.stand_in(9, 200, 150)
    create_list(home / "home", "sealed-list", [picture], label=Label.ABUSE)
    create_list(home / "home", "common-list", [other])
    frames = [*scene(2, 200, 150), picture, other, marked(other), picture]
    with Screener(screening.settings(home), stills=True) as screener:
        yield screener.screen(writers.webp(frames, quality=90), name="upload.webp")


def test_abuse_blocks_for_everyone_and_leaves_no_detail(abuse):
    assert decisions(abuse) == {Decision.BLOCK}
    assert abuse.sealed
    assert abuse.verdict.refer
    assert abuse.stills == {}
    assert abuse.looked_at == ()
    assert abuse.scores == {}
    assert abuse.coverage.frames == abuse.coverage.classified == 0
    for finding in abuse.findings:
        assert (finding.frame, finding.time_ms, finding.by, finding.detail) == (None, None, "", "")
    sealed = [f for f in abuse.findings if f.label is Label.ABUSE]
    assert [(f.source, f.score) for f in sealed] == [(Source.HASH, 1.0)]


def test_the_json_of_abuse_tells_only_where_to_turn(abuse):
    told = abuse.to_json()
    assert told["refer"]
    assert "sealed-list" not in str(told)
    assert "common-list" not in str(told)
    assert "tiny" not in str(told)
    assert told["scores"] == {}
    assert set(told["coverage"].values()) == {0}
    assert {(f["frame"], f["time_ms"], f["detail"]) for f in told["findings"]} == {(None, None, "")}
