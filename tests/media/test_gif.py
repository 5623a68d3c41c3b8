"""Each expectation is worked out by hand from the GIF89a text and confirmed by Chromium 156."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from perisai.errors import BrokenMedia, TooLarge
from perisai.media import MediaLimits, open_media
from tests.common import gifwriter as g
from tests.common.mediawriter import saved
from tests.media.looking import BLUE, LIME, RED, WHITE, drawn, look

PALETTE = [RED, LIME, BLUE, WHITE]
R, G, B, W = range(4)


def row_of_three(disposal: int) -> bytes:
    """Red all over; green in the middle with ``disposal``; blue on the right."""
    return (
        g.header(3, 1, PALETTE)
        + g.control(1)
        + g.image([[R, R, R]])
        + g.control(disposal)
        + g.image([[G]], left=1)
        + g.control(0)
        + g.image([[B]], left=2)
        + g.TRAILER
    )


@pytest.mark.parametrize(
    ("disposal", "third"),
    [
        (0, "RGB"),  # unspecified: it stays
        (1, "RGB"),  # do not dispose
        (2, "R.B"),  # "restore to background": to transparent
        (3, "RRB"),  # restore to previous
        (4, "RRB"),  # old writers' word for 3
        (5, "RGB"),
        (6, "RGB"),
        (7, "RGB"),
    ],
)
def test_disposal_says_what_the_next_image_is_drawn_on(disposal, third):
    assert drawn(row_of_three(disposal)) == ["RRR", "RGR", third]


def test_first_image_restored_to_previous_leaves_nothing():
    data = g.header(3, 1, PALETTE) + g.control(3) + g.image([[R, R, R]])
    assert drawn(data + g.image([[B]], left=2) + g.TRAILER) == ["RRR", "..B"]


def test_restored_background_is_clipped_to_the_canvas():
    data = g.header(2, 1, PALETTE) + g.image([[R, R]]) + g.control(2) + g.image([[G, G]], left=1)
    assert drawn(data + g.image([[B]]) + g.TRAILER) == ["RR", "RG", "B."]


def test_background_colour_is_ignored():
    data = g.header(4, 3, PALETTE, background=B) + g.image(g.solid(2, 1, G), left=1, top=1)
    assert drawn(data + g.TRAILER) == ["..../.GG./...."]


def test_larger_first_image_enlarges_the_canvas():
    data = g.header(2, 2, PALETTE) + g.image(g.solid(4, 3, G)) + g.TRAILER
    assert drawn(data) == ["GGGG/GGGG/GGGG"]
    assert (open_media(data).info.width, open_media(data).info.height) == (4, 3)


def test_moved_first_image_enlarges_the_canvas():
    assert drawn(g.header(2, 1, PALETTE) + g.image([[W, G]], left=2) + g.TRAILER) == ["..WG"]


def test_larger_later_image_is_clipped():
    data = g.header(2, 2, PALETTE) + g.image(g.solid(2, 2, R)) + g.image(g.solid(4, 3, G))
    assert drawn(data + g.TRAILER) == ["RR/RR", "GG/GG"]


def test_image_outside_of_the_canvas_shows_what_was_there():
    data = g.header(2, 1, PALETTE) + g.image([[W, W]]) + g.image([[R, G]], left=9)
    assert drawn(data + g.TRAILER) == ["WW", "WW"]


def test_zero_sized_image_is_a_frame_of_its_own():
    empty = g.image([[]], size=(0, 0))
    data = g.header(2, 1, PALETTE) + g.image([[R, R]]) + empty + g.image([[G, G]]) + g.TRAILER
    assert drawn(data) == ["RR", "RR", "GG"]


def test_pixels_of_a_zero_sized_image_are_not_passed_over():
    # Firefox spreads them over the whole canvas, Chromium shows none of them.
    hidden = g.image([[G, G]], size=(0, 0))
    data = g.header(2, 1, PALETTE) + g.image([[R, R]]) + hidden + g.TRAILER
    with pytest.raises(BrokenMedia, match="no size"):
        look(data)


def test_zero_sized_screen_takes_the_size_of_the_first_image():
    assert drawn(g.header(0, 0, PALETTE) + g.image([[G, B]]) + g.TRAILER) == ["GB"]


def test_local_palette_wins():
    data = g.header(2, 1, PALETTE) + g.image([[0, 1]], palette=[BLUE, WHITE]) + g.image([[0, 1]])
    assert drawn(data + g.TRAILER) == ["BW", "RG"]


def test_image_without_any_palette_is_refused():
    # Chromium shows it in black, Pillow in shades of grey.
    with pytest.raises(BrokenMedia, match="palette"):
        look(g.header(2, 1) + g.image([[0, 3]]) + g.TRAILER)
    good = g.header(2, 1) + g.image([[R, R]], palette=PALETTE)
    assert drawn(good + g.TRAILER) == ["RR"]
    with pytest.raises(BrokenMedia, match="palette"):
        look(good + g.image([[0, 3]]) + g.TRAILER)


def test_colour_that_the_palette_lacks_is_refused():
    # Chromium shows black, Firefox begins the palette again.
    data = g.header(3, 1, PALETTE) + g.image([[R, 4, 5]]) + g.TRAILER
    with pytest.raises(BrokenMedia, match="palette"):
        look(data)


def test_colour_that_the_palette_lacks_may_be_transparent():
    data = g.header(3, 1, PALETTE) + g.control(0, 10, 200) + g.image([[R, 200, B]]) + g.TRAILER
    assert drawn(data) == ["R.B"]
    with pytest.raises(BrokenMedia, match="palette"):
        look(data.replace(g.image([[R, 200, B]]), g.image([[R, 200, 4]])))


def test_transparent_index_keeps_what_was_there():
    data = g.header(2, 1, PALETTE) + g.image([[R, R]]) + g.control(0, 10, B) + g.image([[G, B]])
    assert drawn(data + g.TRAILER) == ["RR", "GR"]


def test_control_holds_for_one_image_only():
    data = g.header(2, 1, PALETTE) + g.control(0, 10, G) + g.image([[R, G]]) + g.image([[R, G]])
    assert drawn(data + g.TRAILER) == ["R.", "RG"]


def test_gif87a_may_be_transparent_too():
    data = g.header(2, 1, PALETTE, version=b"GIF87a") + g.control(0, 10, G) + g.image([[R, G]])
    assert drawn(data + g.TRAILER) == ["R."]


@pytest.mark.parametrize("height", [1, 2, 3, 5, 8, 10, 17])
def test_interlaced_rows_come_in_four_passes(height):
    rows = [[at % 4] for at in range(height)]
    data = g.header(1, height, PALETTE) + g.image(rows, interlaced=True) + g.TRAILER
    assert drawn(data) == ["/".join("RGBW"[at % 4] for at in range(height))]


def test_delays_of_ten_milliseconds_or_less_become_a_tenth_of_a_second():
    images = b"".join(g.control(0, delay) + g.image([[R]]) for delay in (0, 1, 2, 50))
    frames, info = look(g.header(1, 1, PALETTE) + images + g.TRAILER)
    assert [f.duration_ms for f in frames] == [100, 100, 20, 500]
    assert [f.time_ms for f in frames] == [0, 100, 200, 220]
    assert info.duration_ms == 720


def test_transparent_frame_comes_on_light_and_on_dark():
    data = g.header(2, 1, PALETTE) + g.control(0, 10, G) + g.image([[R, G]]) + g.image([[B, B]])
    frames, info = look(data + g.TRAILER)
    assert [(f.index, f.background) for f in frames] == [(0, "light"), (0, "dark"), (1, "opaque")]
    assert frames[0].pixels.tolist() == [[[255, 0, 0], [255, 255, 255]]]
    assert frames[1].pixels.tolist() == [[[255, 0, 0], [0, 0, 0]]]
    assert info.frames == 2


def test_frames_stay_as_they_were_when_later_ones_are_drawn():
    frames, _ = look(row_of_three(0))
    assert [f.pixels[0, 1].tolist() for f in frames] == [[255, 0, 0], [0, 255, 0], [0, 255, 0]]
    with pytest.raises(ValueError, match="read-only"):
        frames[0].pixels[0, 0] = 1


def test_missing_trailer_is_told_but_harmless():
    data = g.header(1, 1, PALETTE) + g.image([[R]]) + g.image([[G]])
    assert drawn(data) == ["R", "G"]
    assert open_media(data).info.truncated


def test_cut_image_is_shown_as_far_as_it_goes():
    cut = g.image(g.solid(4, 4, G), keep_bytes=8, terminator=False)
    data = g.header(4, 4, PALETTE) + g.image(g.solid(4, 4, R)) + cut
    frames, info = look(data)
    assert frames[1].pixels[0].tolist() == [[0, 255, 0]] * 4
    assert info.truncated
    assert info.frames == 2


def test_short_image_amid_others_hides_none_of_them():
    short = g.image(g.solid(4, 4, G), keep_bytes=8)
    data = g.header(4, 4, PALETTE) + g.image(g.solid(4, 4, R)) + short + g.image(g.solid(4, 4, B))
    pictures = drawn(data + g.TRAILER)
    assert pictures[0] == "/".join(["RRRR"] * 4)
    assert pictures[1].startswith("GGGG/")
    assert pictures[2] == "/".join(["BBBB"] * 4)


def test_corrupt_codes_end_the_image_where_they_stand():
    codes = g.pack_codes([256, 1, 1, 1, 1, 500, 1, 1, 1], 9)
    bad = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 4, 0) + b"\x08" + g.sub_blocks(codes)
    data = g.header(4, 4, PALETTE) + bad + g.image(g.solid(4, 4, B)) + g.TRAILER
    assert drawn(data) == ["GGGG/..../..../....", "BBBB/BBBB/BBBB/BBBB"]
    assert look(data)[1].truncated


def test_codes_may_begin_without_a_clear_and_end_without_an_end():
    for codes in ([1, 2, 3, 0, 257], [256, 1, 2, 3, 0]):
        body = b"\x08" + g.sub_blocks(g.pack_codes(codes, 9))
        image = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 1, 0) + body
        assert drawn(g.header(4, 1, PALETTE) + image + g.TRAILER) == ["GBWR"]


@pytest.mark.parametrize("junk", [b"\0", b"\x7f\xff" * 9])
def test_images_after_bytes_that_begin_no_block_are_read(junk):
    shown = g.header(1, 1, PALETTE) + g.image([[R]])
    frames, info = look(shown + junk + g.control() + g.image([[G]]) + g.TRAILER)
    assert len(frames) == 2  # browsers stop at the first, other viewers go on
    assert info.truncated


def test_junk_instead_of_a_trailer_is_named():
    shown = g.header(1, 1, PALETTE) + g.image([[R]])
    frames, info = look(shown + b"\x7f" * 9)
    assert len(frames) == 1
    assert info.truncated
    assert info.carries == (f"9 bytes of unknown data after the end (byte {len(shown)})",)


def test_plain_text_and_comments_draw_nothing_and_keep_the_control():
    text = g.control(0, 10, G) + g.extension(1, bytes(12)) + g.extension(0xFE, b"hello")
    data = g.header(2, 1, PALETTE) + g.image([[W, W]]) + text + g.image([[R, G]]) + g.TRAILER
    assert drawn(data) == ["WW", "RW"]
    assert look(data)[1].carries == ()


@pytest.mark.parametrize("data", [b"GIF89a", b"GIF89a" + bytes(7), g.header(3, 3, PALETTE)])
def test_gif_without_an_image_is_broken(data):
    with pytest.raises(BrokenMedia, match=r"image|header"):
        look(data)


def test_gif_of_which_nothing_can_be_decoded_is_broken():
    nothing = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 4, 0) + b"\x08\x00"
    with pytest.raises(BrokenMedia, match="Not one pixel"):
        look(g.header(4, 4, PALETTE) + nothing + g.TRAILER)


def test_too_many_frames_are_refused_before_decoding():
    data = g.header(1, 1, PALETTE) + g.image([[R]]) * 11 + g.TRAILER
    with pytest.raises(TooLarge, match="more than 10 frames"):
        open_media(data, MediaLimits(max_frames=10))
    assert len(look(data, MediaLimits(max_frames=11))[0]) == 11


def test_too_long_and_too_many_pixels_are_refused_before_decoding():
    data = g.header(10, 10, PALETTE) + (g.control(0, 500) + g.image(g.solid(10, 10, R))) * 3
    with pytest.raises(TooLarge, match="longer than 10 seconds"):
        open_media(data, MediaLimits(max_duration_ms=10_000))
    with pytest.raises(TooLarge, match="may be decoded"):
        open_media(data, MediaLimits(max_total_pixels=299))


def test_same_pixels_as_pillow_where_pillow_follows_browsers():
    random = np.random.default_rng(3)
    noise = random.integers(0, 256, (6, 40, 50, 3), dtype=np.uint8)
    pictures = [Image.fromarray(p).quantize(64) for p in noise]
    data = saved("GIF", pictures, duration=70, disposal=1, interlace=1)
    frames, info = look(data)
    assert info.frames == 6
    with Image.open(io.BytesIO(data)) as theirs:
        for number, frame in enumerate(frames):
            theirs.seek(number)
            assert np.array_equal(np.asarray(theirs.convert("RGB")), frame.pixels)
            assert frame.duration_ms == 70


def test_large_code_tables_decode_like_pillow():
    random = np.random.default_rng(4)
    smooth = random.integers(0, 256, (9, 12, 3), dtype=np.uint8)
    picture = Image.fromarray(smooth).resize((600, 450)).quantize(256)
    frames, info = look(saved("GIF", [picture]))
    assert not info.truncated
    assert np.array_equal(frames[0].pixels, np.asarray(picture.convert("RGB")))
