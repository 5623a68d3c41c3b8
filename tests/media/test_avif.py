from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from PIL import Image

from perisai.errors import BrokenMedia, TooLarge
from perisai.media import MediaLimits, open_media
from tests.common.mediawriter import clip, plain, saved
from tests.media.looking import BLUE, LIME, RED, look, near

RGB = plain(RED, LIME, BLUE)


def test_sequence():
    frames, info = look(saved("AVIF", RGB, duration=[120, 5, 70]))
    assert [f.duration_ms for f in frames] == [120, 100, 70]
    assert [near(f, c) for f, c in zip(frames, (RED, LIME, BLUE), strict=True)] == [True] * 3
    assert (info.frames, info.duration_ms, info.carries, info.truncated) == (3, 290, (), False)


def test_still_with_transparency():
    frames, _ = look(saved("AVIF", plain((255, 0, 0, 128))))
    assert [f.background for f in frames] == ["light", "dark"]
    assert near(frames[0], (255, 127, 127))
    assert near(frames[1], (128, 0, 0))


def test_other_still_beside_a_sequence_is_screened_and_told():
    data = bytearray(saved("AVIF", RGB, duration=50))
    assert data[8:12] == b"avis"
    data[8:12] = b"avif"  # a browser now shows the still; the sequence is still in the file
    frames, info = look(bytes(data))
    assert near(frames[0], RED)
    assert [near(f, c) for f, c in zip(frames[-2:], (LIME, BLUE), strict=True)] == [True] * 2
    assert info.carries == ("a sequence beside the still picture (screened after it)",)


@pytest.mark.parametrize("brand", [b"avif", b"isom"])
def test_picture_that_is_a_film_at_the_same_time_is_refused(brand):
    fragments = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    film = clip("mp4", "libx264", frames=3, **fragments)
    still = bytearray(saved("AVIF", plain(RED, size=(32, 16))))
    still[8:12] = brand
    # Fragments name their bytes from their own beginning, so that they can stand anywhere.
    both = bytes(still) + film[int.from_bytes(film[:4]) :]
    with pytest.raises(BrokenMedia, match="a film at the same time"):
        look(both)


def test_sequence_with_transparency_is_no_film():
    frames, info = look(saved("AVIF", plain((255, 0, 0, 128), (0, 0, 255, 128)), duration=50))
    assert (len(frames), info.frames, info.carries) == (4, 2, ())


def test_orientation():
    exif = Image.Exif()
    exif[0x0112] = 6
    frames, info = look(saved("AVIF", RGB[:1], exif=exif.tobytes()))
    assert frames[0].pixels.shape == (40, 30, 3)
    assert (info.width, info.height) == (30, 40)


def test_limits():
    with pytest.raises(TooLarge, match="2 frames"):
        open_media(saved("AVIF", RGB, duration=50), MediaLimits(max_frames=2))
    media = open_media(saved("AVIF", RGB, duration=500), MediaLimits(max_duration_ms=900))
    with pytest.raises(TooLarge, match=r"0\.9 seconds"):
        list(media.frames())


def noisy_sequence() -> tuple[bytearray, list[tuple[int, int]]]:
    """Return a sequence of four pictures, and where the bytes of each begin and end."""
    noise = [Image.effect_noise((96, 80), 90).convert("RGB") for _ in range(4)]
    data = saved("AVIF", noise, duration=50)
    table = data.index(b"stsz") + 12
    sizes = [int.from_bytes(data[table + 4 * n : table + 4 * n + 4]) for n in range(1, 5)]
    first = data.index(b"stco") + 12
    ends = accumulate(sizes, initial=int.from_bytes(data[first : first + 4]))
    return bytearray(data), list(pairwise(ends))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_pictures_behind_a_damaged_one_are_not_passed_over(number):
    data, places = noisy_sequence()
    begin, end = places[number]
    data[begin:end] = bytes(end - begin)
    with pytest.raises(BrokenMedia, match=f"damaged after {number}"):
        look(bytes(data))


def test_sequence_cut_in_its_last_picture_is_broken():
    data, places = noisy_sequence()
    with pytest.raises(BrokenMedia):
        look(bytes(data[: places[-1][0] + 5]))


def test_damaged_sequence_beside_a_still_is_not_passed_over():
    data, places = noisy_sequence()
    data[8:12] = b"avif"
    begin, end = places[2]
    data[begin:end] = bytes(end - begin)
    with pytest.raises(BrokenMedia, match="damaged after 2"):
        look(bytes(data))


def test_still_beside_a_sequence_that_cannot_be_opened_is_not_passed_over():
    data = bytearray(saved("AVIF", RGB, duration=50))
    assert data[8:12] == b"avis"
    offset = data.index(b"iloc") + 18  # of the still's bytes: past one item's numbers
    data[offset : offset + 4] = len(data).to_bytes(4)
    with pytest.raises(BrokenMedia, match="damaged after 0"):
        look(bytes(data))
    data[offset - 18 : offset - 14] = b"ilok"
    with pytest.raises(BrokenMedia, match="beside its"):
        look(bytes(data))


@pytest.mark.parametrize("end", [30, 200])
def test_cut_avif_is_broken(end):
    with pytest.raises(BrokenMedia):
        look(saved("AVIF", RGB[:1])[:end])


def test_file_in_the_tail_is_named():
    data = saved("AVIF", RGB[:1])
    assert look(data + saved("GIF", RGB))[1].carries == (
        f"second image (gif) at byte {len(data)}, after the end",
    )
