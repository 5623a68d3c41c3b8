from __future__ import annotations

import struct

import pytest
from PIL import Image

from perisai.errors import BrokenMedia, TooLarge
from perisai.media import MediaLimits, open_media
from tests.common.mediawriter import plain, saved
from tests.media.looking import BLUE, LIME, RED, look, near

RGB = plain(RED, LIME, BLUE)
STICKER = plain((255, 0, 0, 255), (0, 0, 0, 0), (0, 0, 255, 128))


def test_animation():
    frames, info = look(saved("WEBP", RGB, duration=[120, 5, 70], lossless=True))
    assert [(f.index, f.time_ms, f.duration_ms) for f in frames] == [
        (0, 0, 120),
        (1, 120, 100),  # five milliseconds play for a hundred
        (2, 220, 70),
    ]
    assert [near(f, c, 0) for f, c in zip(frames, (RED, LIME, BLUE), strict=True)] == [True] * 3
    assert (info.frames, info.duration_ms, info.truncated) == (3, 290, False)


@pytest.mark.parametrize("lossless", [True, False])
def test_still(lossless):
    frames, info = look(saved("WEBP", RGB[:1], lossless=lossless))
    assert near(frames[0], RED)
    assert (len(frames), info.duration_ms, info.width, info.height) == (1, 0, 40, 30)


def test_transparency_is_shown_on_both_backgrounds():
    frames, _ = look(saved("WEBP", STICKER, duration=50, lossless=True))
    assert [(f.index, f.background) for f in frames] == [
        (0, "opaque"), (1, "light"), (1, "dark"), (2, "light"), (2, "dark"),
    ]  # fmt: skip
    assert near(frames[1], (255, 255, 255), 0)
    assert near(frames[2], (0, 0, 0), 0)
    assert near(frames[3], (127, 127, 255), 1)
    assert near(frames[4], (0, 0, 128), 1)


def test_alpha_flag_cannot_hide_the_light_background():
    data = bytearray(saved("WEBP", STICKER, duration=50, lossless=True))
    flags = data.find(b"VP8X") + 8
    data[flags] &= ~0x10
    frames, _ = look(bytes(data))
    assert [f.background for f in frames if f.index == 1] == ["light", "dark"]


@pytest.mark.parametrize("cut", [3, 60, 200])
def test_cut_animation_shows_what_is_left(cut):
    data = saved("WEBP", [p.resize((200, 150)) for p in RGB], duration=50, quality=90)
    frames, info = look(data[:-cut])
    assert info.truncated
    assert near(frames[0], RED)
    assert near(frames[1], LIME)


def test_cut_still_shows_its_upper_part():
    random = Image.effect_noise((120, 120), 90).convert("RGB")
    whole, _ = look(saved("WEBP", [random]))
    data = saved("WEBP", [random])
    frames, info = look(data[: len(data) // 2])
    assert info.truncated
    assert (frames[0].pixels[:16] == whole[0].pixels[:16]).all()


def test_orientation_is_ignored_as_chromium_does():
    exif = Image.Exif()
    exif[0x0112] = 6
    frames, info = look(saved("WEBP", RGB[:1], exif=exif.tobytes()))
    assert frames[0].pixels.shape == (30, 40, 3)
    assert (info.width, info.height) == (40, 30)


def test_bytes_after_the_riff_are_named():
    second = saved("JPEG", RGB[:1])
    data = saved("WEBP", RGB[:1])
    _, info = look(data + second)
    assert info.carries == (f"second image (jpeg) at byte {len(data)}, after the end",)


def test_picture_in_an_unknown_chunk_is_named():
    second = saved("PNG", RGB[:1])
    second += b"\0" * (len(second) % 2)
    data = saved("WEBP", RGB[:1]) + b"abcd" + struct.pack("<I", len(second)) + second
    data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    assert "second image (png)" in look(data)[1].carries[0]


def test_limits():
    data = saved("WEBP", RGB, duration=50)
    with pytest.raises(TooLarge, match="2 frames"):
        open_media(data, MediaLimits(max_frames=2))
    with pytest.raises(TooLarge, match=r"0\.1 seconds"):
        open_media(data, MediaLimits(max_duration_ms=100))


def test_webp_without_a_picture_is_broken():
    with pytest.raises(BrokenMedia):
        look(b"RIFF\x04\0\0\0WEBP")


def test_pictures_behind_a_damaged_one_are_not_passed_over():
    pictures = [Image.effect_noise((64, 48), 90).convert("RGB") for _ in range(3)]
    data = bytearray(saved("WEBP", pictures, duration=50))
    second = data.find(b"ANMF", data.find(b"ANMF") + 4)
    content = second + 8 + 16 + 8  # after the frame's header and that of the picture in it
    data[content + 10 : content + 30] = b"\xff" * 20  # its size stays whole
    # That the tail is missing, too, is no excuse: the third picture, or most of it, is there.
    for cut in (0, 2, 200):
        with pytest.raises(BrokenMedia, match="damaged after 1"):
            look(bytes(data[: len(data) - cut]))


def test_cut_within_the_last_picture_and_behind_it_are_no_damage():
    pictures = [Image.effect_noise((64, 48), 90).convert("RGB") for _ in range(3)]
    data = saved("WEBP", pictures, duration=50)
    last = data.rfind(b"ANMF")
    for end in (last + 4, last + 20, last + 100, len(data) - 1):
        frames, info = look(data[:end])
        assert len(frames) in (2, 3)
        assert info.truncated
