"""Settings, clips and lists for tests that screen: the tiny model, small frames, own folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai import settings as settings_package
from perisai.matching import variants
from perisai.matching.lists import Entry, Kind, ListStore
from perisai.terms import AgeBand, Label
from tests.common import drawn, tinymodel, writers

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from perisai.settings import Settings

WIDTH, HEIGHT = 120, 90


def environment(folder: Path, **more: object) -> dict[str, str]:
    """Environment that makes Perisai keep its state in ``folder`` and look with the tiny model.

    ``more`` holds settings by their variable's name without ``PERISAI_``.
    """
    model, config = folder / "tiny.onnx", folder / "perisai-test.toml"
    if not config.exists():
        tinymodel.write(folder)
        config.write_text(tinymodel.toml(model))
    fixed = {
        "PERISAI_HOME": folder / "home",
        "PERISAI_CONFIG": config,
        "PERISAI_SCREENING__JOBS": 2,
    }
    given = {f"PERISAI_{name}": value for name, value in more.items()}
    return {name: str(value) for name, value in (fixed | given).items()}


def settings(folder: Path, **more: object) -> Settings:
    """Return the settings of :func:`environment`."""
    return settings_package.load(env=environment(folder, **more))


def scene(count: int = 8, width: int = WIDTH, height: int = HEIGHT) -> list[Image.Image]:
    """Harmless drawn frames that differ from one another."""
    return [drawn.drawing(1, step / count, width, height) for step in range(count)]


def marked(picture: Image.Image) -> Image.Image:
    """Return the picture with the mark that the tiny model takes for explicit, in its middle."""
    return Image.fromarray(tinymodel.mark_pixels(np.asarray(picture.convert("RGB")), share=0.5))


def clip(frames: list[Image.Image], durations: int | list[int] = 80) -> bytes:
    """Write a GIF."""
    return writers.gif(frames, durations, shared=False)


def create_list(
    home: Path,
    name: str,
    pictures: list[Image.Image] | None = None,
    *,
    label: Label = Label.LISTED,
    sha256: str | None = None,
    expires: date | None = None,
) -> ListStore:
    """Make a list with these pictures (in all variants) and this file's SHA-256 on it."""
    store = ListStore(home)
    store.create(name, source="tests", label=label, expires=expires)
    if pictures:
        add_pictures(store, name, pictures)
    if sha256:
        store.add(name, [Entry(Kind.SHA256, bytes.fromhex(sha256))])
    return store


def add_pictures(store: ListStore, name: str, pictures: list[Image.Image]) -> None:
    """Put pictures on a list in all their variants."""
    store.add(
        name,
        [
            Entry(Kind.PDQ, pdq.bits, pdq.quality, variant, number)
            for number, picture in enumerate(pictures)
            for variant, pdq in variants.list_hashes(np.asarray(picture.convert("RGB")))
        ],
    )


def decisions(result):
    """What the age bands get, without repetition."""
    return {result.decision(band) for band in AgeBand}
