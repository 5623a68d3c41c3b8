"""Take the pictures of the README: ``python -m tests.gateway.demo.screenshots [FOLDER]``."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.common.browsers import browsing
from tests.gateway.demo.running import Visit, running, visiting

FOLDER = Path(__file__).parents[3] / "docs" / "images"
LARGEST = 250_000
STILL = {"reduced_motion": "reduce"}


def keep(visit: Visit, file: Path) -> None:
    """Write what the page shows, with few colours."""
    visit.page.wait_for_load_state("networkidle")
    with Image.open(io.BytesIO(visit.page.screenshot())) as taken:
        taken.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    print(f"{size:9,}  {file}")  # noqa: T201 - a command
    if size > LARGEST:
        raise SystemExit(f"{file} is over {LARGEST:,} bytes.")


def send(visit: Visit, title: str) -> None:
    """Send the item with this title."""
    before = visit.page.locator(".pair").count()
    visit.page.click(f".tile[title^='{title}']")
    visit.page.wait_for_selector(f".pair >> nth={before}")
    visit.page.wait_for_load_state("networkidle")


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        running(Path(home) / "home") as place,
        browsing() as browser,
    ):
        with visiting(browser, place.base, locale="en-GB", height=900, **STILL) as visit:
            visit.age("adult")
            visit.choose("eye")
            send(visit, "Retina")
            visit.age("16-17")
            visit.choose("bike")
            keep(visit, folder / "demo.png")
            visit.choose("porn")
            keep(visit, folder / "demo-blocked.png")
        with visiting(
            browser, place.base, width=400, height=820, color_scheme="dark", **STILL
        ) as visit:
            visit.choose("pendidikan seks")
            keep(visit, folder / "demo-small.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
