"""PNGs whose chunks are damaged or stand where viewers read them differently."""

from __future__ import annotations

import struct
import zlib

import pytest
from PIL import Image

from perisai.errors import BrokenMedia
from perisai.media import MediaType
from tests.common.mediawriter import plain, saved
from tests.media.looking import BLACK, BLUE, LIME, RED, WHITE, drawn, look, near
from tests.media.test_png import IEND, B, G, R, animation, chunk, with_chunk

SIZE = (3, 1)
START = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 6, 0, 0, 0))
ACTL = chunk(b"acTL", struct.pack(">II", 2, 0))
STILL = chunk(b"IDAT", zlib.compress(b"\0" + bytes(B) * 3))


def fctl(sequence: int, size: tuple[int, int] = SIZE, at: tuple[int, int] = (0, 0)) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", sequence, *size, *at, 1, 10, 0, 0))


def fdat(sequence: int, colour: tuple[int, ...]) -> bytes:
    pixels = zlib.compress(b"\0" + bytes(colour) * 3)
    return chunk(b"fdAT", struct.pack(">I", sequence) + pixels)


def spoilt(piece: bytes) -> bytes:
    """Return a chunk with a wrong checksum."""
    return piece[:-1] + bytes([piece[-1] ^ 1])


def refused(data: bytes, words: str) -> None:
    with pytest.raises(BrokenMedia, match=words):
        look(data)


FRAME = fctl(0) + fdat(1, G)
HIDING = {
    "actl after the pixels": STILL + ACTL + FRAME,
    "actl at the very end": STILL + FRAME + ACTL,
    "no actl": STILL + FRAME,
    "no actl, control first": fctl(0) + STILL + fctl(1) + fdat(2, G),
    "data before the still": ACTL + FRAME + STILL,
    "data without a control": ACTL + STILL + fdat(0, G),
    "data that follows the still's own": ACTL + fctl(0) + STILL + fdat(1, G),
    "still larger than the first frame": ACTL + fctl(0, (1, 1)) + STILL + fctl(1) + fdat(2, G),
    "still in another place": ACTL + fctl(0, (2, 1), (1, 0)) + STILL + fctl(1) + fdat(2, G),
    "two controls before the still": ACTL + fctl(0) + fctl(1) + STILL + fctl(2) + fdat(3, G),
    "still goes on after a frame": ACTL + STILL + FRAME + STILL,
    "short control": ACTL + STILL + FRAME + chunk(b"fcTL", bytes(25)) + fdat(2, R),
    "control without a size": ACTL + STILL + FRAME + fctl(2, (0, 1)) + fdat(3, R),
}


@pytest.mark.parametrize("name", HIDING)
def test_animation_that_viewers_read_differently_is_refused(name):
    refused(START + HIDING[name] + IEND, "animation")


def test_sound_animation_is_still_shown():
    both = START + ACTL + STILL + FRAME + IEND
    assert drawn(both) == ["GGG", "BBB"]
    assert drawn(START + ACTL + fctl(0) + STILL + fctl(1) + fdat(2, G) + IEND) == ["BBB", "GGG"]


def test_announced_animation_without_frames_is_a_still_wherever_it_is_announced():
    for body in (ACTL + STILL, STILL + ACTL):
        assert drawn(START + body + IEND) == ["BBB"]
    assert look(START + STILL + ACTL + IEND)[1].type is MediaType.PNG


@pytest.mark.parametrize("kept", [9, 20, 33])
def test_animation_cut_within_a_control_shows_what_came_before(kept):
    data = animation(([R, R, R], 0, 0, 0), ([G, G, G], 0, 0, 0))
    frames, info = look(data + fctl(3)[:kept])  # IEND first: what follows is no longer the picture
    assert len(frames) == 2
    cut = data.removesuffix(IEND)
    frames, info = look(cut + fctl(3)[:kept])
    assert len(frames) == 2
    assert info.truncated


GAMMA = chunk(b"gAMA", (20_000).to_bytes(4))
PICTURE = saved("PNG", plain(RED))
PIXELS = PICTURE.index(b"IDAT") - 4


def palette_picture(*pieces: bytes) -> bytes:
    """Return a row of red, lime and blue with these chunks before its pixels."""
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 1, 8, 3, 0, 0, 0))
    return start + b"".join(pieces) + chunk(b"IDAT", zlib.compress(b"\0\0\1\2")) + IEND


PLTE = chunk(b"PLTE", bytes((*RED, *LIME, *BLUE)))
HOLES = chunk(b"tRNS", bytes(3))
LOOKS = {
    "gamma after the pixels": PICTURE.removesuffix(IEND) + GAMMA + IEND,
    "gamma with a wrong checksum": PICTURE[:PIXELS] + spoilt(GAMMA) + PICTURE[PIXELS:],
    "gamma of a wrong length": with_chunk(PICTURE, b"gAMA", (20_000).to_bytes(5)),
    "two gammas": with_chunk(PICTURE[:PIXELS] + GAMMA + PICTURE[PIXELS:], b"gAMA", b"\0\0\xb1\x8f"),
    "gamma after the palette": palette_picture(PLTE, GAMMA),
    "gamma that no screen has": with_chunk(PICTURE, b"gAMA", (2_300).to_bytes(4)),
    "gamma the other way": with_chunk(PICTURE, b"gAMA", (2_000_000).to_bytes(4)),
    "srgb of an unknown intent": with_chunk(PICTURE, b"sRGB", b"\x09"),
    "holes before the palette": palette_picture(HOLES, PLTE),
    "holes without a palette": palette_picture(HOLES),
    "more holes than colours": palette_picture(PLTE, chunk(b"tRNS", bytes(4))),
    "no holes at all": palette_picture(PLTE, chunk(b"tRNS", b"")),
    "holes with a wrong checksum": palette_picture(PLTE, spoilt(HOLES)),
    "holes after the pixels": palette_picture(PLTE).removesuffix(IEND) + HOLES + IEND,
    "transparent colour of a wrong length": with_chunk(PICTURE, b"tRNS", bytes(8)),
    "transparent colour out of range": with_chunk(PICTURE, b"tRNS", b"\1\xff\0\0\0\0"),
}


@pytest.mark.parametrize("name", LOOKS)
def test_looks_that_viewers_read_differently_are_refused(name):
    refused(LOOKS[name], "viewers")


def test_sound_chunks_that_change_the_looks_are_taken():
    assert near(look(PICTURE[:PIXELS] + GAMMA + PICTURE[PIXELS:])[0][0], RED, 0)
    assert drawn(palette_picture(GAMMA, PLTE)) == ["RGB"]
    assert drawn(palette_picture(PLTE, chunk(b"tRNS", b"\xff\0"))) == ["R.B"]
    twice = with_chunk(PICTURE[:PIXELS] + GAMMA + PICTURE[PIXELS:], b"gAMA", (20_000).to_bytes(4))
    assert near(look(twice)[0][0], RED, 0)  # the same twice


def test_transparent_colour_beside_an_alpha_channel_is_ignored():
    data = with_chunk(saved("PNG", plain((*RED, 255))), b"tRNS", bytes(6))
    assert near(look(data)[0][0], RED, 0)


def test_gamma_of_zero_is_ignored():
    assert near(look(with_chunk(PICTURE, b"gAMA", bytes(4)))[0][0], RED, 0)


def grey_with_hole(depth: int, at: int) -> bytes:
    """Return black beside white, of which one is transparent: black (``at`` 0) or white (1)."""
    most = (1 << depth) - 1
    bits = "".join(f"{value:0{depth}b}" for value in (0, most)).ljust(8, "0")
    row = bytes(int(bits[n : n + 8], 2) for n in range(0, len(bits), 8))
    header = struct.pack(">IIBBBBB", 2, 1, depth, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"tRNS", (at * most).to_bytes(2)) + chunk(b"IDAT", zlib.compress(b"\0" + row))
    return data + IEND


def colour_with_hole() -> bytes:
    """Return a transparent colour of sixteen bits beside white."""
    header = struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    colour = struct.pack(">HHH", 0x12FF, 0x34FF, 0x56FF)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tRNS", colour)
    return data + chunk(b"IDAT", zlib.compress(b"\0" + colour + b"\xff" * 6)) + IEND


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("at", [0, 1])
def test_transparent_grey_of_every_depth(depth, at):
    light, dark = look(grey_with_hole(depth, at))[0]
    assert near(light, WHITE, 0) == (at == 0)
    assert near(dark, BLACK, 0) == (at == 1)


def test_transparent_colour_of_sixteen_bits():
    light, dark = look(colour_with_hole())[0]
    assert light.pixels.tolist() == [[list(WHITE), list(WHITE)]]
    assert dark.pixels.tolist() == [[list(BLACK), list(WHITE)]]


def test_second_header_is_refused():
    other = struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0)
    refused(START + chunk(b"IHDR", other) + STILL + IEND, "viewers")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_what_pillow_writes_is_in_order(mode):
    picture = Image.new("RGB", (4, 4), RED).convert(mode)
    solid = {} if mode in ("LA", "RGBA") else {"transparency": (0, 0, 0) if mode == "RGB" else 0}
    look(saved("PNG", [picture], icc_profile=b"nonsense", **solid))
    look(saved("PNG", [picture, picture.rotate(90)], duration=50, **solid))
