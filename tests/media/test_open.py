from __future__ import annotations

import os
import struct
import time
import tracemalloc
import warnings
import zlib

import numpy as np
import pytest

from perisai.errors import BrokenMedia, MediaError, TooLarge, UnknownMedia
from perisai.media import Media, MediaLimits, MediaType, open_media
from tests.common import gifwriter as g
from tests.common.mediawriter import clip, plain, saved
from tests.media.looking import BLUE, RED, look

HUGE = 65_535


def png(data: bytes) -> bytes:
    """Return the PNG with a header that says 65,535 x 65,535."""
    header = struct.pack(">II", HUGE, HUGE) + data[24:29]
    return data[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + data[33:]


def jpeg() -> bytes:
    data = bytearray(saved("JPEG", plain(RED)))
    place = data.find(b"\xff\xc0") + 5
    data[place : place + 4] = b"\xff" * 4
    return bytes(data)


def webp() -> bytes:
    data = bytearray(saved("WEBP", plain(RED, BLUE), duration=50))
    place = data.find(b"VP8X") + 12
    data[place : place + 6] = b"\xfe\xff\x00" * 2
    return bytes(data)


def avif(frames: int) -> bytes:
    data = saved("AVIF", plain(*(RED, BLUE)[:frames]))
    size = b"\0\0\0\x14ispe\0\0\0\0"
    place = data.find(size) + len(size)
    return data[:place] + struct.pack(">II", HUGE, HUGE) + data[place + 8 :]


BOMBS = {
    "gif canvas": g.header(HUGE, HUGE, [RED]) + g.image([[0]]) + g.TRAILER,
    "gif first image": g.header(9, 9, [RED]) + g.image([[0]], size=(HUGE, HUGE)) + g.TRAILER,
    "gif later image": g.header(9, 9, [RED])
    + g.image([[0]])
    + g.image([[0]], size=(HUGE, HUGE))
    + g.TRAILER,
    "png": png(saved("PNG", plain(RED))),
    "apng": png(saved("PNG", plain(RED, BLUE))),
    "jpeg": jpeg(),
    "webp": webp(),
    "avif": avif(1),
    "avif sequence": avif(2),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_refused_at_once_and_takes_no_memory(name):
    look(saved("JPEG", plain(RED)))  # imports are not measured
    with pytest.raises(MediaError):
        open_media(BOMBS[name])
    tracemalloc.start()
    begun = time.perf_counter()
    with pytest.raises(TooLarge, match=r"65,53\d x 65,53\d"):
        open_media(BOMBS[name])
    seconds = time.perf_counter() - begun
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 0.5
    assert peak < 4_000_000


def test_bytes_are_limited_before_reading(tmp_path):
    path = tmp_path / "large.gif"
    path.write_bytes(b"GIF89a" + bytes(2000))
    with pytest.raises(TooLarge, match="2,006 bytes; the limit is 2,000"):
        open_media(path, MediaLimits(max_bytes=2000))
    with pytest.raises(TooLarge):
        open_media(path.read_bytes(), MediaLimits(max_bytes=2000))


def test_name_that_lies_is_told(tmp_path):
    path = tmp_path / "funny.gif"
    path.write_bytes(clip("mp4", "libx264"))
    media = open_media(path)
    assert media.info.type is MediaType.MP4
    assert media.info.carries == ("it is named .gif but its content is mp4",)
    assert open_media(str(path)).info.carries == media.info.carries
    upload = open_media(path.read_bytes(), named="FUNNY.GIF")
    assert upload.info.carries == media.info.carries


@pytest.mark.parametrize("name", ["a.png", "a.apng", "a", "a.dat", "a.PNG"])
def test_name_that_fits_or_says_nothing_is_not_told(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(saved("PNG", plain(RED)))
    assert open_media(path).info.carries == ()


def test_what_cannot_be_read_is_a_media_error(tmp_path):
    with pytest.raises(MediaError, match="cannot be read"):
        open_media(tmp_path / "missing.gif")
    with pytest.raises(MediaError, match="is not a file"):
        open_media(tmp_path)
    os.mkfifo(tmp_path / "pipe.gif")
    with pytest.raises(MediaError, match="is not a file"):
        open_media(tmp_path / "pipe.gif")


def test_buffers_are_taken_too():
    data = saved("PNG", plain(RED))
    assert open_media(bytearray(data)).info.width == 40
    assert open_media(memoryview(data)).info.width == 40


def test_frames_can_be_read_twice():
    for data in (saved("GIF", plain(RED, BLUE)), saved("WEBP", plain(RED, BLUE), duration=50),
                 saved("PNG", plain(RED, BLUE)), saved("AVIF", plain(RED, BLUE)),
                 clip("mp4", "libx264")):  # fmt: skip
        media = open_media(data)
        assert isinstance(media, Media)
        first, second = list(media.frames()), list(media.frames())
        facts = media.info
        assert len(first) == len(second) >= 2
        for one, two in zip(first, second, strict=True):
            assert np.array_equal(one.pixels, two.pixels)
            assert (one.index, one.time_ms, one.background) == (
                two.index,
                two.time_ms,
                two.background,
            )
        assert list(media.frames())[-1].index + 1 == facts.frames


def test_pixels_are_rgb_rows_that_lie_together():
    for data in (saved("GIF", plain(RED)), saved("WEBP", plain((255, 0, 0, 9))),
                 saved("JPEG", plain(RED)), clip("webm", "libvpx")):  # fmt: skip
        for frame in open_media(data).frames():
            assert frame.pixels.dtype == np.uint8
            assert frame.pixels.shape[2] == 3
            assert frame.pixels.flags.c_contiguous
            assert not frame.pixels.flags.writeable


def test_garbage_ends_in_a_named_error():
    random = np.random.default_rng(5)
    starts = [b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x99\0\0\0WEBP",
              b"\0\0\0\x1cftypavif", b"\0\0\0\x1cftypisom", b"\x1a\x45\xdf\xa3\x86\x42\x82\x84webm",
              b""]  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for start in starts:
            for _ in range(20):
                with pytest.raises((UnknownMedia, BrokenMedia, TooLarge)):
                    look(start + random.bytes(200))
