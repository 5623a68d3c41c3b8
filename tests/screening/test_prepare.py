"""What leaves the decoding worker, run in this process unless the process itself is the point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from perisai.errors import BrokenMedia, TooLarge
from perisai.media import open_media
from perisai.media.limits import MediaLimits
from perisai.media.sandbox import Sandbox
from perisai.models.builtin import BUILT_IN
from perisai.screening.options import PrepareOptions
from perisai.screening.prepare import prepare
from tests.common import drawn, writers
from tests.common.screening import clip, scene

OPENNSFW = BUILT_IN["opennsfw"].input
HEAVY = {"openvino", "onnxruntime", "numba", "pydantic", "scipy", "sqlite3", "jinja2", "rich"}


def run(data, **options):
    """All messages of a file, with the options that the parent would send."""
    chosen = PrepareOptions(**{"inputs": (OPENNSFW,), **options})
    return list(prepare(chosen.to_json(), data))


def rows_of(messages):
    tables = [m.arrays["table"] for m in messages if m.head["kind"] == "frames"]
    residuals = [m.arrays["residuals"] for m in messages if m.head["kind"] == "frames"]
    return np.concatenate(tables), np.concatenate(residuals)


def thumb(pixels):
    return np.asarray(Image.fromarray(pixels).resize((256, 256), Image.Resampling.BILINEAR))


def residual(one, other, grid=16):
    """The largest mean difference of a tile, the plain way."""
    apart = np.abs(one.astype(int) - other.astype(int))
    side = 256 // grid
    tiles = apart.reshape(grid, side, grid, side, 3).mean(axis=(1, 3, 4))
    return tiles.max()


def test_options_survive_their_journey():
    options = PrepareOptions(inputs=(OPENNSFW,), bound=3.5, stills=True, named="a\n.gif")
    assert PrepareOptions.from_json(options.to_json()) == options


def test_messages_are_as_the_module_says():
    messages = run(clip(scene(20)), stills=True)
    kinds = [message.head["kind"] for message in messages]
    assert kinds == ["media", *["frames"] * (len(kinds) - 2), "end"]
    assert len(kinds) > 3  # so that decoding and looking overlap
    assert messages[0].head == {"kind": "media", "type": "gif", "width": 120, "height": 90}
    for message in messages[1:-1]:
        arrays = message.arrays
        new = int(arrays["table"][:, 3].sum())
        assert arrays["views0"].shape == (new, 224, 224, 3)
        assert arrays["stills"].shape == (new, 96, 96)
        assert arrays["hashes"].shape == (len(arrays["hash_rows"]), 32)
        assert {name: a.dtype.name for name, a in arrays.items()} == {
            "table": "int64", "residuals": "float32", "sizes": "int32",
            "hashes": "uint8", "hash_rows": "int32", "views0": "uint8", "view_rows0": "int32",
            "stills": "uint8",
        }  # fmt: skip
    end = messages[-1].head
    assert (end["frames"], end["duration_ms"], end["carries"]) == (20, 1600, [])
    assert set(end["stages_ms"]) >= {"decode", "thumb", "distinct", "hash", "views"}


@st.composite
def animations(draw):
    """Clips that come back to what they showed, a little or much changed, anywhere."""
    base = scene(4)
    frames = []
    for _ in range(draw(st.integers(2, 9))):
        picture = np.asarray(base[draw(st.integers(0, 3))]).astype(int)
        change = draw(st.sampled_from([0, 1, 6, 11, 13, 40]))
        top, left = draw(st.integers(0, 80)), draw(st.integers(0, 110))
        size = draw(st.sampled_from([5, 20, 90]))
        picture[top : top + size, left : left + size] += change
        frames.append(Image.fromarray(picture.clip(0, 255).astype(np.uint8)))
    return frames


@settings(max_examples=20, deadline=None)
@given(animations(), st.sampled_from([0.0, 4.0, 12.0]))
def test_every_frame_is_looked_at_or_near_one_that_was(frames, bound):
    data = writers.webp(frames, quality=95)
    shown = [thumb(frame.pixels) for frame in open_media(data).frames()]
    table, residuals = rows_of(run(data, bound=bound))
    assert len(table) == len(shown)
    ordinals = {line[2]: number for number, line in enumerate(table) if line[3]}
    for picture, line, told in zip(shown, table, residuals, strict=True):
        apart = residual(picture, shown[ordinals[line[2]]])
        assert told == pytest.approx(apart, abs=1e-4)
        assert apart <= bound
        if line[3]:
            assert apart == 0


def test_a_frame_that_comes_back_costs_no_second_look():
    one, other = drawn.stand_in(1, 120, 90), drawn.stand_in(2, 120, 90)
    messages = run(clip([one, other, one, other]))
    table, _ = rows_of(messages)
    assert table[:, 2].tolist() == [0, 1, 0, 1]
    assert table[:, 3].tolist() == [1, 1, 0, 0]
    assert sum(len(m.arrays.get("views0", ())) for m in messages) == 2


def test_every_frame_means_every_frame():
    still = drawn.stand_in(1, 120, 90)
    table, _ = rows_of(run(clip([*writers.held(still, 3), still]), every_frame=True))
    assert table[:, 3].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("size", "whole", "views"),
    [
        ((120, 90), "auto", 1),
        ((180, 90), "auto", 2),
        ((90, 180), "auto", 2),
        ((179, 90), "auto", 1),
        ((180, 90), "never", 1),
        ((120, 90), "always", 2),
    ],
)
def test_the_border_is_a_second_view_of_wide_and_tall_pictures(size, whole, views):
    data = writers.still(drawn.stand_in(3, *size), "PNG")
    message = run(data, whole=whole)[1]
    assert message.arrays["views0"].shape == (views, 224, 224, 3)
    assert message.arrays["view_rows0"].tolist() == [0] * views


def test_transparent_frames_come_on_light_and_dark():
    data = writers.apng([drawn.sticker(1, step / 3) for step in range(3)])
    table, _ = rows_of(run(data))
    assert table[:, 0].tolist() == [0, 0, 1, 1, 2, 2]
    assert table[:, 4].tolist() == [0, 1] * 3
    assert run(data)[-1].head["frames"] == 3


def test_a_flat_frame_is_not_hashable_and_says_so():
    table, _ = rows_of(messages := run(writers.still(Image.new("RGB", (64, 64), "red"), "PNG")))
    assert 0 <= table[0, 5] < 50
    assert messages[1].arrays["hashes"].shape == (0, 32)


def test_without_lists_nothing_is_hashed():
    messages = run(clip(scene(3)), hashes=False)
    assert "hashes" not in messages[1].arrays
    assert rows_of(messages)[0][:, 5].tolist() == [-1] * 3


def test_variants_are_named():
    messages = run(clip([drawn.stand_in(1)]), hashes=False, variants=True, inputs=())
    names = messages[1].head["variant_names"]
    assert names[0] == "whole"
    assert len(names) == len(messages[1].arrays["variants"]) > 20


def test_limits_hold_before_anything_is_decoded():
    with pytest.raises(TooLarge):
        run(clip(scene(5)), limits=MediaLimits(max_frames=4))
    with pytest.raises(BrokenMedia):
        run(clip(scene(2))[:13])


def test_the_worker_stays_light():
    """Memory limits bite only where the engine and Numba have not mapped gigabytes."""
    data = clip(scene(4))
    options = PrepareOptions(inputs=(OPENNSFW,), stills=True)
    with Sandbox("tests.screening.targets:prepare_and_tell", 1) as sandbox:
        *_, last = sandbox.stream(options.to_json(), data)
    loaded = {name.partition(".")[0] for name in last.head["modules"]}
    assert "PIL" in loaded
    assert not loaded & HEAVY
