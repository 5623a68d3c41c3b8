"""Take the pictures of docs/desk.md: ``python -m tests.desk.web.screenshots [FOLDER]``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.common.browsers import browsing
from tests.common.servers import perisai
from tests.desk.public.screenshots import FOLDER, PHONE, keep, taken
from tests.desk.web.days import first_slice
from tests.desk.web.running import environment, hire, signed_in, started
from tests.gateway.search.house import clean

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from perisai.desk.permissions import Role

DESKTOP = {"width": 1180, "height": 900}


def main(folder: Path) -> None:
    """Walk the first slice, and keep what it shows on the way."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, browsing() as browser:
        home = Path(place) / "home"
        hire(home)
        allow(home, Path(place) / "media")
        with started(home) as base:
            known: dict[Role, Page] = {}

            def person(role: Role) -> Page:
                if role not in known:
                    known[role] = signed_in(browser, base, role, viewport=DESKTOP)
                return known[role]

            for state, page in first_slice(person):
                if state == "sample-screened":
                    page.evaluate("scrollTo(0, 0)")
                    keep([taken(page)], folder / "desk-case.png")
                elif state == "home-commissioner":
                    small = browser.new_context(
                        viewport=PHONE, color_scheme="dark", base_url=base,
                        storage_state=page.context.storage_state(),
                    ).new_page()  # fmt: skip
                    small.goto("/")
                    wide = taken(page).crop((0, 0, DESKTOP["width"], PHONE["height"]))
                    keep([wide, taken(small)], folder / "desk-home.png")
                elif state == "list-to-agree":
                    page.evaluate(
                        "document.querySelector('.listed').scrollIntoView({block: 'center'})"
                    )
                    keep([taken(page)], folder / "desk-list.png")
                elif state == "outbox":
                    keep([taken(page)], folder / "desk-outbox.png")
                elif state == "case-before-publishing":
                    page.evaluate("document.getElementById('letters').scrollIntoView()")
                    keep([taken(page)], folder / "desk-letter.png")


def allow(home: Path, media: Path) -> None:
    """Give the house a gateway that allows three drawn items."""
    media.mkdir()
    for number in range(3):
        (media / f"gambar-{number}.gif").write_bytes(clean(number))
    words = perisai("catalogue", "import", str(media))
    subprocess.run(words, env=environment(home), check=True, capture_output=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
