"""GIFs made of other files: they show the same, are small, and keep time."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from perisai.errors import MediaError, TooLarge
from perisai.media import MediaLimits, open_media
from perisai.media.rendering import TARGET, Wanted, gif_in, render
from perisai.media.sandbox import Sandbox, WorkerLimits
from tests.common import drawn, mediawriter, writers

WANTED = Wanted(220, 330, 40, 500_000)


def made(data: bytes, wanted: Wanted = WANTED) -> bytes:
    return gif_in(render(wanted.to_json(), data))


def scene(count: int, size: tuple[int, int]) -> list[Image.Image]:
    return [drawn.drawing(3, step / count, *size) for step in range(count)]


def test_a_film_becomes_a_small_gif_that_shows_the_same_for_as_long():
    pictures = [np.asarray(each.convert("RGBA")) for each in scene(30, (480, 360))]
    film = mediawriter.clip(
        "mp4", "libx264", size=(480, 360), frames=30, picture=pictures.__getitem__
    )
    gif = made(film)
    before, after = open_media(film), open_media(gif)
    shown = [frame.pixels for frame in before.frames()]
    frames = list(after.frames())
    info = after.info
    assert (info.type, info.width, info.height) == ("gif", 220, 165)
    assert abs(info.duration_ms - before.info.duration_ms) <= 100
    for frame in frames:
        at = min(len(shown) - 1, frame.time_ms // 100)
        wanted = np.asarray(Image.fromarray(shown[at]).resize((220, 165)), float)
        assert np.abs(wanted - frame.pixels).mean() < 12


@pytest.mark.parametrize("kind", ["webp", "png", "jpeg", "avif", "apng", "webm"])
def test_every_format_can_be_made_a_gif(kind):
    pictures = scene(3, (300, 200))
    data = {
        "webp": lambda: writers.webp(pictures),
        "png": lambda: mediawriter.saved("PNG", pictures[:1]),
        "jpeg": lambda: mediawriter.saved("JPEG", pictures[:1]),
        "avif": lambda: mediawriter.saved("AVIF", pictures[:1]),
        "apng": lambda: mediawriter.saved("PNG", pictures),
        "webm": lambda: mediawriter.clip("webm", "libvpx-vp9"),
    }[kind]()
    before = open_media(data)
    count = len({frame.index for frame in before.frames()})
    after = open_media(made(data))
    assert len(list(after.frames())) == count
    assert after.info.width == min(220, before.info.width)


def test_many_frames_are_left_out_evenly():
    pictures = scene(200, (64, 48))
    info = open_media(made(writers.webp(pictures, 100)))
    times = [frame.time_ms for frame in info.frames()]
    assert 20 <= len(times) <= 40
    apart = [after - before for before, after in pairwise(times)]
    assert max(apart) - min(apart) <= 300  # frames that look alike were merged when it was written
    assert abs(info.info.duration_ms - 20_000) <= 1000


def test_a_sticker_stays_transparent():
    picture = Image.new("RGBA", (60, 60))
    picture.paste((200, 30, 60, 255), (20, 20, 40, 40))
    data = mediawriter.saved("WEBP", [picture, picture.transpose(Image.Transpose.ROTATE_90)])
    with Image.open(io.BytesIO(made(data))) as gif:
        shown = gif.convert("RGBA")
    assert shown.getpixel((5, 5))[3] == 0
    red, green, blue, opacity = shown.getpixel((30, 30))
    assert opacity == 255
    assert max(abs(red - 200), abs(green - 30), abs(blue - 60)) < 12


def test_what_is_too_large_is_thinned_then_shrunk_then_refused():
    noise = np.random.default_rng(1)
    pictures = [
        Image.fromarray(noise.integers(0, 255, (200, 200, 3), np.uint8), "RGB") for _ in range(24)
    ]
    data = writers.webp(pictures, 100)
    small = made(data, Wanted(220, 330, 40, 300_000))
    assert len(small) <= 300_000
    info = open_media(small)
    assert len(list(info.frames())) < 24
    with pytest.raises(TooLarge):
        made(data, Wanted(220, 330, 40, 500))


def test_limits_hold_and_it_runs_in_the_sandbox():
    data = writers.webp(scene(4, (300, 200)))
    limited = Wanted(220, 330, 40, 500_000, MediaLimits(max_frames=2))
    with Sandbox(TARGET, 1, WorkerLimits(memory_mb=256)) as sandbox:
        assert gif_in(sandbox.stream(WANTED.to_json(), data)) == made(data)
        for wanted, broken in ((limited, data), (WANTED, b"GIF89a nothing"), (WANTED, b"x")):
            with pytest.raises(MediaError):
                gif_in(sandbox.stream(wanted.to_json(), broken))
