"""Make the fuzzer's seed corpus: tiny files in every format, all of our own making.

python fuzz/make_seeds.py          # writes fuzz/seeds/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.common import gifwriter as gif  # noqa: E402  # the path above comes first
from tests.common.mediawriter import clip, saved  # noqa: E402

PALETTE = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


def main() -> None:
    """Write all seeds."""
    folder = HERE / "seeds"
    folder.mkdir(exist_ok=True)
    seeds = {**gifs(), **pictures(), **videos()}
    for name, data in seeds.items():
        (folder / name).write_bytes(data)
    print(f"{len(seeds)} seeds, {sum(map(len, seeds.values())):,} bytes in {folder}")


def gifs() -> dict[str, bytes]:
    """Return GIFs that use each feature of the format."""
    start = gif.header(8, 6, PALETTE)
    whole = gif.image(gif.solid(8, 6, 0))
    part = gif.image([[1, 2, 3]] * 3, left=2, top=1)
    disposals = b"".join(gif.control(d, 10, 3) + part for d in range(4))
    return {
        "still.gif": start + whole + gif.TRAILER,
        "disposals.gif": start + whole + disposals + gif.TRAILER,
        "local.gif": gif.header(4, 4)
        + gif.control(1, 0)
        + gif.image(gif.solid(4, 4, 2), palette=PALETTE, interlaced=True)
        + gif.TRAILER,
        "extensions.gif": start
        + gif.extension(0xFF, b"NETSCAPE2.0" + b"\x01\0\0")
        + gif.extension(0xFE, b"<svg onload=alert(1)>")
        + gif.extension(0x01, bytes(12))
        + whole
        + gif.TRAILER
        + b"PK\x03\x04",
        "large_first.gif": gif.header(2, 2, PALETTE) + whole + gif.control() + part,
        "pillow.gif": saved("GIF", pictures_of("P"), duration=50, disposal=2),
    }


def pictures() -> dict[str, bytes]:
    """Return stills and animations that Pillow writes."""
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb, rgba = pictures_of("RGB"), pictures_of("RGBA")
    return {
        "lossy.webp": saved("WEBP", rgb[:1]),
        "lossless.webp": saved("WEBP", rgba[:1], lossless=True),
        "animated.webp": saved("WEBP", rgba, duration=40),
        "still.png": saved("PNG", rgb[:1], exif=exif.tobytes()),
        "palette.png": saved("PNG", pictures_of("P")[:1], transparency=0),
        "animated.png": saved("PNG", rgba, duration=40, disposal=2, blend=1),
        "default.png": saved("PNG", rgb, duration=40, default_image=True),
        "still.jpg": saved("JPEG", rgb[:1], exif=exif.tobytes(), comment=b"hello"),
        "progressive.jpg": saved("JPEG", rgb[:1], progressive=True),
        "cmyk.jpg": saved("JPEG", [rgb[0].convert("CMYK")]),
        "still.avif": saved("AVIF", rgba[:1], speed=10),
        "animated.avif": saved("AVIF", rgb, duration=40, speed=10),
    }


def videos() -> dict[str, bytes]:
    """Return short clips that FFmpeg writes."""
    return {
        "h264.mp4": clip("mp4", "libx264"),
        "fragments.mp4": clip("mp4", "libx264", movflags="frag_keyframe+empty_moov"),
        "vp8.webm": clip("webm", "libvpx"),
        "vp9alpha.webm": clip("webm", "libvpx-vp9", "yuva420p"),
    }


def pictures_of(mode: str) -> list[Image.Image]:
    """Return three different pictures of 12 x 10 pixels."""
    random = np.random.default_rng(7)
    noise = random.integers(0, 256, (3, 10, 12, 4), dtype=np.uint8)
    return [Image.fromarray(p).convert("RGB" if mode != "RGBA" else mode).convert(mode)
            for p in noise]  # fmt: skip


if __name__ == "__main__":
    main()
