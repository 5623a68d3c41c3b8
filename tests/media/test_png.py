from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from perisai.errors import BrokenMedia, TooLarge
from perisai.media import MediaLimits, MediaType, open_media
from tests.common.mediawriter import plain, saved
from tests.media.looking import BLUE, LIME, RED, WHITE, drawn, look, near

RGB = plain(RED, LIME, BLUE)
IEND = b"\0\0\0\0IEND\xae\x42\x60\x82"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(data: bytes, kind: bytes, body: bytes) -> bytes:
    """Put a chunk after the header."""
    return data[:33] + chunk(kind, body) + data[33:]


def animation(*frames: tuple, size: tuple[int, int] = (3, 1), still: bytes = b"") -> bytes:
    """Return an APNG by hand: frames are (row of colours, left, dispose, blend); RGBA."""
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 6, 0, 0, 0))
    data += chunk(b"acTL", struct.pack(">II", len(frames), 0))
    if still:
        data += chunk(b"IDAT", zlib.compress(b"\0" + still * (size[0] * size[1])))
    sequence = 0
    for number, (colours, left, dispose, blend) in enumerate(frames):
        control = struct.pack(
            ">IIIIIHHBB", sequence, len(colours), 1, left, 0, 1, 10, dispose, blend
        )
        data += chunk(b"fcTL", control)
        sequence += 1
        pixels = zlib.compress(b"\0" + b"".join(bytes(c) for c in colours))
        if number == 0 and not still:
            data += chunk(b"IDAT", pixels)
        else:
            data += chunk(b"fdAT", struct.pack(">I", sequence) + pixels)
            sequence += 1
    return data + IEND


R, G, B, NONE = (*RED, 255), (*LIME, 255), (*BLUE, 255), (0, 0, 0, 0)


@pytest.mark.parametrize(("dispose", "third"), [(0, "RGB"), (1, "R.B"), (2, "RRB")])
def test_dispose(dispose, third):
    data = animation(([R, R, R], 0, 0, 0), ([G], 1, dispose, 0), ([B], 2, 0, 0))
    assert drawn(data) == ["RRR", "RGR", third]


def test_first_frame_disposed_to_previous_leaves_nothing():
    assert drawn(animation(([R, R, R], 0, 2, 0), ([B], 2, 0, 0))) == ["RRR", "..B"]


@pytest.mark.parametrize(("blend", "second"), [(0, "R.G"), (1, "RRG")])
def test_blend(blend, second):
    data = animation(([R, R, R], 0, 0, 0), ([NONE, G], 1, 0, blend))
    assert drawn(data) == ["RRR", second]


def test_separate_still_is_screened_last_and_told():
    data = animation(([R, R, R], 0, 0, 0), ([G, G, G], 0, 0, 0), still=bytes(B))
    assert drawn(data) == ["RRR", "GGG", "BBB"]
    assert "still picture for viewers without animation" in look(data)[1].carries[0]


def test_frame_beyond_the_canvas_is_clipped():
    assert drawn(animation(([R, R, R], 0, 0, 0), ([G, G], 2, 0, 1))) == ["RRR", "RRG"]


def test_broken_frame_does_not_hide_the_next():
    data = animation(([R, R, R], 0, 0, 0), ([G, G, G], 0, 0, 0), ([B, B, B], 0, 0, 0))
    place = data.find(b"fdAT") + 8
    frames, info = look(data[:place] + b"\xff\xff\xff" + data[place + 3 :])
    assert near(frames[-1], BLUE, 0)
    assert info.truncated


def test_times():
    frames, info = look(saved("PNG", RGB, duration=[120, 0, 40]))
    assert [f.duration_ms for f in frames] == [120, 100, 40]
    assert info.type is MediaType.APNG
    assert (info.frames, info.duration_ms) == (3, 260)


def test_animation_without_its_control_chunks_is_a_still():
    data = with_chunk(saved("PNG", RGB[:1]), b"acTL", struct.pack(">II", 5, 0))
    frames, info = look(data)
    assert near(frames[0], RED, 0)
    assert (len(frames), info.carries) == (1, ())


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA"])
def test_every_mode(mode):
    picture = Image.new("RGB", (9, 7), WHITE).convert(mode)
    assert near(look(saved("PNG", [picture]))[0][0], WHITE, 0)


def test_sixteen_bits_keep_their_upper_half():
    deep = Image.fromarray(np.full((5, 5), 0x8042, np.uint16))
    assert near(look(saved("PNG", [deep]))[0][0], (128, 128, 128), 0)


@pytest.mark.parametrize(
    ("picture", "transparent"),
    [
        (Image.new("L", (4, 4), 100), 100),
        (Image.new("RGB", (4, 4), RED), RED),
        (Image.new("RGB", (4, 4), RED).quantize(4), 0),
        (Image.fromarray(np.full((4, 4), 500, np.uint16)), 500),
    ],
)
def test_transparent_colour(picture, transparent):
    frames, _ = look(saved("PNG", [picture], transparency=transparent))
    assert [f.background for f in frames] == ["light", "dark"]
    assert near(frames[0], WHITE, 0)


def test_orientation():
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = Image.new("RGB", (3, 2), RED)
    picture.putpixel((0, 0), BLUE)
    frames, info = look(saved("PNG", [picture], exif=exif.tobytes()))
    assert frames[0].pixels.shape == (3, 2, 3)
    assert frames[0].pixels[0, 1].tolist() == list(BLUE)  # upper left goes to upper right
    assert (info.width, info.height) == (2, 3)


def test_gamma_reveals_what_it_would_on_a_screen():
    faint = Image.new("RGB", (4, 4), (238, 222, 1))
    data = with_chunk(saved("PNG", [faint]), b"gAMA", struct.pack(">I", 20_000))
    # (238 / 255) ** (1 / 0.2) = 0.708 of the light, which sRGB writes as 219; 222: 0.500, 188
    assert near(look(data)[0][0], (219, 188, 0), 1)


def test_swapped_primaries_swap_the_colours():
    xy = (0.3127, 0.3290, 0.15, 0.06, 0.30, 0.60, 0.64, 0.33)  # red and blue exchanged
    body = struct.pack(">8I", *(round(v * 100_000) for v in xy))
    gamma = with_chunk(saved("PNG", plain(RED)), b"gAMA", (45455).to_bytes(4))
    assert near(look(with_chunk(gamma, b"cHRM", body))[0][0], BLUE, 2)
    assert near(look(with_chunk(gamma, b"cHRM", bytes(32)))[0][0], RED, 0)  # impossible
    alone = with_chunk(saved("PNG", plain(RED)), b"cHRM", body)
    assert near(look(alone)[0][0], RED, 0)


def test_unreadable_profile_is_left_out():
    body = b"x\0\x01" + zlib.compress(b"not a profile")
    assert near(look(with_chunk(saved("PNG", RGB[:1]), b"iCCP", body))[0][0], RED, 0)


def test_wrong_checksums_hide_nothing():
    data = bytearray(saved("PNG", RGB[:1]))
    data[29:33] = b"\0\0\0\0"
    place = data.find(b"IDAT")
    length = int.from_bytes(data[place - 4 : place])
    data[place + 4 + length : place + 8 + length] = b"\0\0\0\0"
    assert near(look(bytes(data))[0][0], RED, 0)


def test_cut_picture_shows_its_upper_part():
    noise = np.random.default_rng(1).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    data = saved("PNG", [Image.fromarray(noise)])
    frames, info = look(data[: len(data) * 2 // 3])
    assert info.truncated
    assert np.array_equal(frames[0].pixels[:30], noise[:30])


def test_markup_in_texts_is_named_even_when_packed():
    evil = b"<script>alert(1)</script>"
    plain_text = with_chunk(saved("PNG", RGB[:1]), b"tEXt", b"Title\0" + evil)
    packed = with_chunk(saved("PNG", RGB[:1]), b"zTXt", b"Title\0\0" + zlib.compress(evil))
    harmless = with_chunk(saved("PNG", RGB[:1]), b"tEXt", b"Title\0A cat <3")
    assert look(plain_text)[1].carries == ("HTML, SVG or script in a text",)
    assert look(packed)[1].carries == ("HTML, SVG or script in a text",)
    assert look(harmless)[1].carries == ()


def test_picture_in_a_private_chunk_is_named():
    data = with_chunk(saved("PNG", RGB[:1]), b"hiDn", saved("GIF", RGB))
    assert look(data)[1].carries == ("second image (gif) at byte 41, in a chunk 'hiDn'",)


def test_limits():
    data = saved("PNG", RGB, duration=50)
    with pytest.raises(TooLarge, match="2 frames"):
        open_media(data, MediaLimits(max_frames=2))
    with pytest.raises(TooLarge, match=r"0\.1 seconds"):
        open_media(data, MediaLimits(max_duration_ms=100))


@pytest.mark.parametrize("end", [8, 20, 40])
def test_png_without_pixels_is_broken(end):
    with pytest.raises(BrokenMedia):
        look(saved("PNG", RGB[:1])[:end])
