"""From bytes to verdicts, with real workers, the tiny model and real lists."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import threading
from io import BytesIO

import av
import numpy as np
import pytest
from onnx import numpy_helper
from PIL import Image

from perisai import Screener
from perisai.errors import ListError, ModelError, PolicyError, SettingsError
from perisai.matching.digests import digest
from perisai.screening import screener as module
from perisai.terms import AgeBand, Decision, Label, Source
from tests.common import drawn, screening, tinymodel, writers
from tests.common.screening import clip, create_list, decisions, marked, scene

ALL = set(AgeBand)


def without_times(result):
    return result.to_json() | {"elapsed_ms": 0}


# ---- every displayed frame counts


def test_one_flash_among_three_hundred_frames_is_found_where_it_is(screener):
    loop = scene(25)
    frames = [loop[number % 25] for number in range(300)]
    frames[217] = marked(frames[217])
    times = [40] * 300
    times[217] = 20
    result = screener.screen(clip(frames, times))
    assert [(f.frame, f.time_ms, f.label, f.source) for f in result.findings] == [
        (217, 217 * 40, Label.EXPLICIT, Source.MODEL)
    ]
    assert result.findings[0].by == "tiny"
    assert result.findings[0].score > 0.9
    assert result.decision(AgeBand.AGE_3_5) is Decision.WITHHOLD
    assert result.verdict[AgeBand.AGE_3_5].rule == "looks-explicit"
    assert result.scores["tiny"][Label.EXPLICIT] == result.findings[0].score
    assert result.media.frames == result.coverage.frames == 300
    assert result.coverage.classified <= 26  # the loop is paid for once


def test_a_frame_after_a_long_pause_is_found(screener):
    one, two = scene(2)
    result = screener.screen(clip([one, marked(two)], [60_000, 100]))
    assert [(f.frame, f.time_ms) for f in result.findings] == [(1, 60_000)]
    assert result.media.duration_ms == 60_100


@pytest.mark.parametrize("write", [writers.webp, writers.apng, writers.avif, writers.video])
def test_other_formats_than_gif(screener, write):
    frames = scene(6, 160, 120)
    frames[4] = marked(frames[4])
    result = screener.screen(write(frames))
    assert result.error is None
    assert 4 in {f.frame for f in result.findings}
    assert result.decision(AgeBand.AGE_3_5) is Decision.WITHHOLD


def test_a_clean_clip_is_allowed_for_everyone(screener):
    result = screener.screen(clip(scene(5)))
    assert decisions(result) == {Decision.ALLOW}
    assert result.findings == ()
    assert set(result.verdict.not_covered) == set(Label) - {Label.EXPLICIT}


def test_what_is_drawn_for_dark_pages_only_is_found(folder):
    """White on nothing: a blank page in light mode, a picture in dark mode."""
    grey = np.asarray(drawn.stand_in(5, 160, 120).convert("L")) > 110
    on_black = Image.fromarray(grey).convert("RGB")
    sticker = Image.new("RGBA", on_black.size, (255, 255, 255, 0))
    sticker.putalpha(Image.fromarray(grey).convert("L"))
    create_list(folder / "dark" / "home", "known", [on_black])
    with Screener(screening.settings(_sub(folder, "dark"))) as dark:
        result = dark.screen(writers.still(sticker, "PNG"))
        assert decisions(dark.screen(writers.still(Image.new("RGB", (160, 120), "white"), "PNG")))
    assert [(f.frame, f.label) for f in result.findings] == [(0, Label.LISTED)]
    assert result.findings[0].detail.endswith("on a dark background")
    assert (result.media.frames, result.coverage.frames) == (1, 2)
    assert result.decision(AgeBand.AGE_3_5) is Decision.BLOCK


def _sub(folder, name):
    path = folder / name
    path.mkdir(exist_ok=True)
    return path


# ---- how much is looked at


def test_a_video_whose_pixels_are_not_square_is_looked_at_as_it_is_shown(screener):
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = screening.WIDTH, screening.HEIGHT, "yuv420p"
        stream.sample_aspect_ratio = 2  # shown at twice the width that the file states
        for picture in [*scene(2), marked(scene(1)[0])]:
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))
    result = screener.screen(file.getvalue())
    assert result.error is None
    assert result.coverage.looks == 2 * result.coverage.classified  # wide: the border, too
    assert result.decision(AgeBand.AGE_3_5) is Decision.WITHHOLD


def test_coverage_counts_what_was_done(screener):
    one, other = drawn.stand_in(1, 120, 90), drawn.stand_in(2, 120, 90)
    result = screener.screen(clip([one, other, one, other, one]))
    coverage = result.coverage
    assert (coverage.frames, coverage.classified, coverage.looks) == (5, 2, 2)
    assert coverage.max_residual == 0
    assert [look.frame for look in result.looked_at] == [0, 1]


def test_every_frame_and_the_whole_picture_can_be_asked_for(folder):
    data = clip(writers.held(drawn.stand_in(1, 120, 90), 6))
    with Screener(screening.settings(folder), every_frame=True, whole_picture=True) as thorough:
        coverage = thorough.screen(data).coverage
    assert (coverage.frames, coverage.classified, coverage.looks) == (6, 6, 12)


def test_the_border_of_a_wide_picture_is_seen_and_of_others_on_demand(folder):
    """The model's own view leaves out 6 % at each side, where most of this mark lies."""
    wide = tinymodel.draw_mark(Image.new("RGB", (600, 240), (90, 110, 130)), 0, 100, 47)
    square = tinymodel.draw_mark(Image.new("RGB", (400, 400), (90, 110, 130)), 0, 150, 32)
    never = screening.settings(folder, SCREENING__WHOLE_PICTURE="never")
    for picture, by_default in ((wide, 2), (square, 1)):
        data = writers.still(picture, "PNG")
        seen = {}
        for name, chosen, whole in (
            ("never", never, None),
            ("default", screening.settings(folder), None),
            ("always", never, True),
        ):
            with Screener(chosen, whole_picture=whole) as screener:
                seen[name] = screener.screen(data)
        assert seen["never"].findings == ()
        assert [f.label for f in seen["always"].findings] == [Label.EXPLICIT]
        assert len(seen["default"].findings) == by_default - 1
        looks = [seen[name].coverage.looks for name in ("never", "default", "always")]
        assert looks == [1, by_default, 2]


# ---- files that cannot be screened, among others that can


@pytest.fixture(scope="module")
def careful(folder):
    """A screener whose workers also do harm, with short limits."""
    chosen = screening.settings(
        folder, WORKER__WALL_SECONDS=3, WORKER__MEMORY_MB=512, MEDIA__MAX_BYTES=3_000_000
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PREPARE", "tests.screening.targets:harm_or_prepare")
        with Screener(chosen) as screener:
            yield screener


BOMB = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\1\0;"
HARMFUL = {
    "nothing": (b"", "unknown_media"),
    "text": (b"Good morning.", "unknown_media"),
    "page": (b"<!doctype html><p>No picture", "unknown_media"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown_media"),
    "cut": (b"GIF89a" + b"\xff" * 40, "broken_media"),
    "bomb": (BOMB, "too_large"),
    "long": (bytes(3_000_001), "too_large"),
    "killed": (b"harm:die", "worker_died"),
    "hung": (b"harm:hang", "worker_timeout"),
    "bloated": (b"harm:bloat", "worker_memory"),
    "nonsense": (b"harm:nonsense", "worker_died"),
    "silent": (b"harm:silence", "worker_died"),
    "lying": (b"harm:lie", "worker_died"),
}


def test_one_bad_file_withholds_itself_and_the_batch_goes_on(careful):
    clean, dirty = clip(scene(3)), clip([marked(scene(3)[0])])
    bad = [data for data, _ in HARMFUL.values()]
    batch = [*itertools.chain.from_iterable((clean, data) for data in bad), dirty]
    results = list(careful.screen_many(batch))
    assert len(results) == len(batch)
    by_hash = {result.sha256: result for result in results if result.sha256}
    for name, (data, code) in HARMFUL.items():
        if name == "long":
            continue
        result = by_hash[digest(data).sha256]
        assert result.error is not None, name
        assert result.error.code == code, (name, result.error)
        assert decisions(result) == {Decision.UNSCREENABLE}
        assert result.error.message.isprintable()
        assert len(result.error.message) > 20
    assert [r.error.code for r in results if not r.sha256] == ["too_large"]
    assert decisions(by_hash[digest(clean).sha256]) == {Decision.ALLOW}
    assert by_hash[digest(dirty).sha256].decision(AgeBand.AGE_3_5) is Decision.WITHHOLD


def test_a_path_that_cannot_be_read_is_a_result(screener, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for path in ("pipe", "folder", "dangling", "missing", "nul\0"):
        result = screener.screen(tmp_path / path)
        assert result.error.code == "broken_media"
        assert decisions(result) == {Decision.UNSCREENABLE}
        assert result.sha256 == ""


def test_a_listed_file_is_blocked_though_it_cannot_be_decoded(folder):
    home = _sub(folder, "broken")
    data = b"GIF89a broken"
    create_list(home / "home", "known", sha256=digest(data).sha256)
    with Screener(screening.settings(home)) as listed:
        result = listed.screen(data)
    assert result.error.code == "broken_media"
    assert result.decision(AgeBand.AGE_3_5) is Decision.BLOCK
    assert result.decision(AgeBand.ADULT) is Decision.UNSCREENABLE


def test_a_model_that_fails_on_a_file_leaves_that_file_unscreened(tmp_path):
    """A network whose answer is not a number has seen nothing."""
    chosen = screening.settings(tmp_path)
    network = tinymodel.build()
    for constant in network.graph.initializer:
        if constant.name == "steepness":
            constant.CopyFrom(numpy_helper.from_array(np.array(np.nan, np.float32), "steepness"))
    (tmp_path / "tiny.onnx").write_bytes(network.SerializeToString())
    with Screener(chosen) as screener:
        results = list(screener.screen_many([clip(scene(2))] * 3))
    assert {result.error.code for result in results} == {ModelError.code}
    assert "not a number" in results[0].error.message
    assert decisions(results[0]) == {Decision.UNSCREENABLE}


# ---- the ways in


def test_bytes_and_path_give_the_same(screener, tmp_path):
    data = clip([*scene(4), marked(scene(4)[0])])
    path = tmp_path / "a.gif"
    path.write_bytes(data)
    from_bytes = without_times(screener.screen(data, name=str(path)))
    assert without_times(screener.screen(path)) == from_bytes
    assert without_times(screener.screen(str(path))) == from_bytes
    assert without_times(asyncio.run(screener.screen_async(path))) == from_bytes
    assert screener.screen(data).path == "<bytes>"


def test_a_name_that_lies_is_told(screener, tmp_path):
    path = tmp_path / "a.gif"
    path.write_bytes(writers.still(scene(1)[0], "PNG"))
    assert "gif" in " ".join(screener.screen(path).media.carries)
    assert screener.screen(path.read_bytes()).media.carries == ()


def test_many_are_screened_in_any_order_and_none_is_lost(screener):
    files = [clip([drawn.stand_in(n, 60, 45)] * 2) for n in range(12)]
    results = list(screener.screen_many(files))
    assert sorted(r.sha256 for r in results) == sorted(digest(f).sha256 for f in files)
    again = {r.sha256: without_times(r) for r in screener.screen_many(reversed(files))}
    assert again == {r.sha256: without_times(r) for r in results}
    assert list(screener.screen_many([])) == []


def test_an_endless_stream_of_sources_is_read_only_as_needed(screener):
    data = clip(scene(2))
    taken = itertools.count()

    def endless():
        while next(taken) < 10_000:
            yield data

    stream = screener.screen_many(endless())
    assert [result.error for result in itertools.islice(stream, 20)] == [None] * 20
    stream.close()
    assert next(taken) < 40


def test_async_screening_lets_the_loop_go_on(screener):
    async def both():
        ticks = 0
        task = asyncio.gather(*(screener.screen_async(clip(scene(6))) for _ in range(4)))
        while not task.done():
            await asyncio.sleep(0.001)
            ticks += 1
        return ticks, await task

    ticks, results = asyncio.run(both())
    assert ticks > 3
    assert all(result.error is None for result in results)


def test_threads_may_share_a_screener(screener):
    data = clip([*scene(5), marked(scene(5)[2])])
    expected, seen = without_times(screener.screen(data)), []
    threads = [
        threading.Thread(target=lambda: seen.append(without_times(screener.screen(data))))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [expected] * 6


def test_closing_ends_the_workers_and_may_be_repeated(folder):
    before = threading.active_count()
    screener = Screener(screening.settings(folder))
    list(screener.screen_many([clip(scene(2))] * 3))
    workers = [worker.pid for worker in screener._sandbox._live]
    assert workers
    screener.close()
    screener.close()
    gc.collect()
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert threading.active_count() == before
    after = screener.screen(clip(scene(2)))
    assert after.error.code in ("bad_list", "worker_died")
    assert after.decision(AgeBand.ADULT) is Decision.UNSCREENABLE


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        ({"policy": "strict"}, PolicyError),
        ({"lists": ["nowhere"]}, ListError),
        ({"models": ["nobody"]}, SettingsError),
        ({"models": []}, SettingsError),  # else everything would be allowed, unseen
    ],
)
def test_a_wrong_choice_is_told_at_once(folder, choice, error):
    with pytest.raises(error):
        Screener(screening.settings(folder), **choice)


# ---- the results hold what reports need


def test_stills_are_small_and_grey_and_only_there_if_asked_for(screener, folder):
    data = clip([scene(2)[0], marked(scene(2)[1])])
    stills = screener.screen(data).stills
    assert sorted(stills) == [0, 1]
    assert {still.shape for still in stills.values()} == {(96, 96)}
    with Screener(screening.settings(folder)) as plain:
        assert plain.screen(data).stills == {}


def test_the_still_of_a_transparent_frame_is_the_worse_of_both(screener):
    """Half a mark is drawn; the other half is the page's own colour."""
    sticker = Image.new("RGBA", (120, 120), (0, 0, 0, 0))
    sticker.paste(marked(Image.new("RGB", (120, 120))).crop((20, 20, 100, 100)), (20, 20))
    with BytesIO() as file:
        sticker.save(file, "PNG")
        result = screener.screen(file.getvalue())
    assert {f.frame for f in result.findings} == {0}
    assert list(result.stills) == [0]
    assert len(result.looked_at) == 2


def test_time_is_accounted_for(screener):
    result = screener.screen(clip(scene(8)))
    assert set(result.stages_ms) >= {"decode", "thumb", "distinct", "views", "model"}
    assert 0 < sum(result.stages_ms.values()) < 2 * result.elapsed_ms
