from __future__ import annotations

import io
import zipfile

import pytest

from tests.common import gifwriter as g
from tests.common.mediawriter import clip, plain, saved
from tests.media.looking import RED, look

GIF = g.header(2, 2, [RED]) + g.image(g.solid(2, 2, 0)) + g.TRAILER


def archive(files: int = 2) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number in range(files):
            packed.writestr(f"{number}.txt", "hello")
    return file.getvalue()


def carries(data: bytes) -> tuple[str, ...]:
    return look(data)[1].carries


@pytest.mark.parametrize(
    "data",
    [GIF, saved("WEBP", plain(RED)), saved("PNG", plain(RED)), saved("JPEG", plain(RED)),
     saved("AVIF", plain(RED)), clip("mp4", "libx264"), clip("webm", "libvpx")],
    ids=["gif", "webp", "png", "jpeg", "avif", "mp4", "webm"],
)  # fmt: skip
class TestEveryFormat:
    def test_plain_file_carries_nothing(self, data):
        assert carries(data) == ()

    def test_archive_at_the_end(self, data):
        found = carries(data + archive())
        assert any(note.startswith("ZIP archive (2 files") for note in found)

    def test_second_image_at_the_end(self, data):
        second = saved("JPEG", plain(RED))
        assert f"second image (jpeg) at byte {len(data)}, after the end" in carries(data + second)

    def test_page_at_the_end(self, data):
        found = carries(data + b"<html><script>alert(1)</script>")
        assert f"HTML, SVG or script at byte {len(data)}, after the end" in found

    def test_unknown_bytes_at_the_end(self, data):
        found = carries(data + b"nobody knows what this is")
        assert found == (f"25 bytes of unknown data after the end (byte {len(data)})",)


def test_padding_is_nothing():
    assert carries(GIF + bytes(1000)) == ()
    assert carries(GIF + b"\r\n") == ()


def test_markup_in_a_gif_comment():
    start = g.header(2, 2, [RED]) + g.extension(0xFE, b'<svg onload="alert(1)">')
    data = start + g.image(g.solid(2, 2, 0)) + g.TRAILER
    assert carries(data)[0].startswith("HTML, SVG or script at byte ")
    assert "extension 'comment'" in carries(data)[0]


def test_xmp_is_metadata():
    xmp = b"XMP DataXMP<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>"
    data = g.header(2, 2, [RED]) + g.extension(0xFF, xmp) + g.image(g.solid(2, 2, 0)) + g.TRAILER
    assert carries(data) == ()


def test_second_gif_behind_the_first():
    assert carries(GIF + GIF) == (f"second image (gif) at byte {len(GIF)}, after the end",)


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
HIDDEN = {
    "image (gif)": GIF,
    "image (png)": saved("PNG", plain(RED)),
    "image (jpeg)": saved("JPEG", plain(RED)),
    "image (webp)": saved("WEBP", plain(RED)),
    "image (avif)": saved("AVIF", plain(RED)),
    "image (heic)": HEIC,
    "video (mp4)": clip("mp4", "libx264"),
    "video (webm or Matroska)": clip("matroska", "libx264"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_every_format_that_is_displayed_is_found_in_another(name):
    decoys = b"WEBP" * 9 + b"ftyp"[:3]
    found = carries(GIF + decoys + HIDDEN[name])
    assert f"second {name} at byte {len(GIF + decoys)}, after the end" in found
    assert "webp" not in "".join(found).replace(name, "")


def test_words_that_look_like_a_signature_are_no_second_image():
    assert "second" not in "".join(carries(GIF + b"WEBP" * 999))


def test_archive_signature_alone_is_no_archive():
    assert "ZIP" not in "".join(carries(GIF + b"PK\x05\x06" + bytes(18)))
