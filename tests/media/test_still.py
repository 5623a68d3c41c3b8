from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from perisai.errors import BrokenMedia
from tests.common.mediawriter import plain, saved
from tests.media.looking import BLUE, RED, WHITE, look, near

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped() -> bytes:
    """Return an ICC profile whose red and blue primaries are exchanged."""
    profile = bytearray(SRGB)
    places = {
        bytes(profile[at : at + 4]): at
        for at in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12)
    }
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile)


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    return data[:2] + bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2) + body + data[2:]


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK", "YCbCr"])
def test_every_mode(mode):
    frames, info = look(saved("JPEG", [Image.new("RGB", (9, 7), WHITE).convert(mode)], quality=95))
    assert near(frames[0], WHITE, 8)
    assert (info.frames, info.width, info.height, info.truncated) == (1, 9, 7, False)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_as_browsers_apply_it(orientation):
    upright = Image.fromarray(np.kron([[0, 90], [150, 255]], np.ones((16, 8))).astype(np.uint8))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # stored lying: the camera was turned
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    frames, info = look(saved("JPEG", [stored], exif=exif.tobytes(), quality=95))
    assert (info.width, info.height) == upright.size
    assert np.abs(frames[0].pixels[..., 0].astype(int) - np.asarray(upright)).max() < 12


@pytest.mark.parametrize(
    "exif", [b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\xff\xff\xff\xff", bytes(30)]
)
def test_broken_exif_is_ignored(exif):
    data = with_segment(saved("JPEG", plain(RED)), 0xE1, b"Exif\0\0" + exif)
    assert near(look(data)[0][0], RED)


def test_profile_is_applied():
    for kind in ("JPEG", "PNG"):
        assert near(look(saved(kind, plain(RED), icc_profile=swapped()))[0][0], BLUE, 8)
        assert near(look(saved(kind, plain(RED), icc_profile=SRGB))[0][0], RED, 3)
        assert near(look(saved(kind, plain(RED), icc_profile=b"nonsense"))[0][0], RED, 3)


def test_cut_picture_shows_its_upper_part():
    noise = Image.effect_noise((160, 160), 80)
    whole, _ = look(saved("JPEG", [noise]))
    data = saved("JPEG", [noise])
    frames, info = look(data[: len(data) * 2 // 3])
    assert info.truncated
    assert np.array_equal(frames[0].pixels[:64], whole[0].pixels[:64])


def test_missing_end_marker_is_told():
    frames, info = look(saved("JPEG", plain(RED))[:-2])
    assert near(frames[0], RED)
    assert info.truncated


def test_what_follows_the_end_is_named_and_a_thumbnail_is_not():
    data = saved("JPEG", plain(RED))
    second = saved("JPEG", plain(BLUE))
    assert look(data + second)[1].carries == (
        f"second image (jpeg) at byte {len(data)}, after the end",
    )
    thumbnail = with_segment(data, 0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0" + second)
    assert look(thumbnail)[1].carries == ()


def test_comments_are_searched():
    data = with_segment(saved("JPEG", plain(RED)), 0xFE, b"<html><script>x</script>")
    assert look(data)[1].carries == ("HTML, SVG or script at byte 6, in a comment",)
    assert look(with_segment(saved("JPEG", plain(RED)), 0xFE, b"made with love"))[1].carries == ()


def test_progressive():
    assert near(look(saved("JPEG", plain(RED), progressive=True))[0][0], RED)


@pytest.mark.parametrize("end", [3, 20, 160])
def test_jpeg_without_pixels_is_broken(end):
    with pytest.raises(BrokenMedia):
        look(saved("JPEG", plain(RED))[:end])


def test_no_pillow_setting_is_changed():
    from PIL import ImageFile

    data = saved("JPEG", [Image.effect_noise((90, 90), 80)])
    assert look(data[:-400])[1].truncated
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    assert Image.open(io.BytesIO(saved("PNG", plain(RED)))).size == (40, 30)
