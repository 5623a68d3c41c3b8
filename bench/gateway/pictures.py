"""The harmless GIFs that the upstream of these measurements offers, and new ones without end.

*Bases* are made once from the recipes of :mod:`bench.corpora` and kept. :func:`renewed` turns one
into a file that nobody has seen: the last bit of some colours of its palette changes, and so its
SHA-256 also after metadata was removed, but hardly a pixel's look.
"""

from __future__ import annotations

import io
import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from PIL import Image, ImageSequence
from tests.common import writers

from bench import corpora

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1  # of what is below
MOST = 50
WIDTHS = {"gif": 498, "tinygif": 220}
_FIRST_COLOUR = 13  # a GIF's palette stands behind header and screen descriptor
_COLOURS = 64


@dataclass(frozen=True, slots=True)
class File:
    """One file of a base: its name in the folder, and its size in pixels and bytes."""

    name: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class Base:
    """One picture: a file for each of ``gif``, ``tinygif``, ``mp4`` and ``tinymp4``."""

    name: str
    files: dict[str, File]


def bases(kind: str, folder: Path = corpora.DEFAULT) -> tuple[Path, list[Base]]:
    """Return the folder and the bases of a kind (``everyday`` or ``motion``), made if needed."""
    home = folder / f"gateway-v{corpora.VERSION}.{VERSION}" / kind
    if not home.is_dir():
        making = home.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        with ProcessPoolExecutor(2) as pool:
            made = list(pool.map(partial(_make, home=making), _recipes(kind)))
        (making / "bases.json").write_text(json.dumps([asdict(each) for each in made]))
        making.rename(home)
    return home, read(home)


def read(home: Path) -> list[Base]:
    """Read what :func:`bases` wrote."""
    return [
        Base(each["name"], {name: File(**file) for name, file in each["files"].items()})
        for each in json.loads((home / "bases.json").read_text())
    ]


def renewed(data: bytes, salt: str) -> bytes:
    """Return a GIF with other bytes for each ``salt`` and hardly another look.

    Raises ValueError for what has no common palette of at least 64 colours.
    """
    flags = data[10] if data[:4] == b"GIF8" else 0
    if not flags & 0x80 or 2 << (flags & 7) < _COLOURS:
        raise ValueError("this is no GIF with a common palette of 64 colours")
    changed = bytearray(data)
    bits = int.from_bytes(sha256(salt.encode()).digest()[: _COLOURS // 8])
    for colour in range(_COLOURS):
        changed[_FIRST_COLOUR + 3 * colour + colour % 3] ^= bits >> colour & 1
    return bytes(changed)


def _recipes(kind: str) -> list[corpora.Recipe]:
    if kind == "motion":
        return corpora.recipes("motion")
    # Nearly twice as many of each as in the corpus: a search finds fifty different ones.
    return [("everyday", name, number) for number in range(8) for name in corpora.EVERYDAY][:MOST]


def _make(recipe: corpora.Recipe, home: Path) -> Base:
    name = f"{recipe[1]}-{recipe[2]}"
    files: dict[str, File] = {}
    for form, width in WIDTHS.items():
        data = corpora.make(recipe, width)
        with Image.open(io.BytesIO(data)) as image:
            frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]
        video = form.replace("gif", "mp4")
        files[form] = _kept(home, f"{name}.{form}", data, frames[0].size)
        even = (frames[0].width & ~1, frames[0].height & ~1)
        files[video] = _kept(home, f"{name}.{video}", writers.video(frames), even)
    return Base(name, files)


def _kept(home: Path, name: str, data: bytes, size: tuple[int, int]) -> File:
    (home / name).write_bytes(data)
    return File(name, *size, len(data))
