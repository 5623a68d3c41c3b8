from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from perisai.errors import UnknownMedia
from perisai.media import MediaType, open_media, sniff
from tests.common.mediawriter import clip, plain, saved

ONE, TWO = plain((255, 0, 0)), plain((255, 0, 0), (0, 0, 255))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (saved("GIF", ONE), MediaType.GIF),
        (saved("WEBP", ONE), MediaType.WEBP),
        (saved("WEBP", TWO), MediaType.WEBP),
        (saved("PNG", ONE), MediaType.PNG),
        (saved("PNG", TWO), MediaType.APNG),
        (saved("JPEG", ONE), MediaType.JPEG),
        (saved("AVIF", ONE), MediaType.AVIF),
        (saved("AVIF", TWO), MediaType.AVIF),
        (clip("mp4", "libx264"), MediaType.MP4),
        (clip("mov", "libx264"), MediaType.MP4),
        (clip("webm", "libvpx"), MediaType.WEBM),
    ],
)
def test_content_tells_the_format(data, kind):
    assert sniff(data) is kind
    assert open_media(data).info.type is kind


def archive() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a.txt", "hello")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<svg/>", "SVG"),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><title>x</title>", "HTML"),
        (b"<script>alert(1)</script>", "HTML"),
        (b"<?xml version='1.0'?><note/>", "XML"),
        (archive(), "ZIP"),
        (b"%PDF-1.7\n", "PDF"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "not WebP"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (clip("matroska", "libx264"), "Matroska"),
        (b"GIF88a" + bytes(40), "no known"),
        (bytes(range(32, 127)), "no known"),
    ],
)
def test_other_content_is_named_and_refused(data, words):
    assert sniff(data) is None
    with pytest.raises(UnknownMedia, match=words) as caught:
        open_media(data)
    assert "Perisai screens" in str(caught.value)


def test_every_beginning_of_a_file_is_looked_at_without_harm():
    for data in (saved("PNG", TWO), clip("mp4", "libx264"), clip("webm", "libvpx")):
        for end in range(60):
            sniff(data[:end])
