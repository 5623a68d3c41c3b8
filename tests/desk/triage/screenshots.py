"""Take the pictures of docs/triage.md: ``python -m tests.desk.triage.screenshots [FOLDER]``."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perisai.desk.actors import Actor
from perisai.desk.permissions import Role
from tests.common.browsers import browsing
from tests.desk.public.screenshots import FOLDER, PHONE, keep, taken
from tests.desk.web.running import environment, hire, signed_in, started

DESKTOP = {"width": 1180, "height": 740}
FILL = "fill"
APPS = ("Contoh Pesan", "Obrolan Ceria", "Stiker Kita", "Klip Pendek")
SAID = (
    "Di pencarian GIF kucing muncul gambar telanjang",
    "Stiker kartun ini tidak untuk anak, beredar di grup kelas",
    "Anak saya diancam orang yang mengirim GIF ini",
    "Hasil ketiga untuk selamat pagi tidak sopan",
)
KINDS, AGES = ("naked", "sexual", "drawn", "other"), ("", "6-9", "10-12", "13-15", "adult")
FIRST, SECOND = Actor("budi", Role.REVIEWER), Actor("kedua", Role.REVIEWER)


def fill(home: Path) -> None:
    """Lay four weeks of complaints, and cases on which two reviewers gave their opinions."""
    from perisai import settings
    from perisai.desk.site import configure_site

    chosen = settings.load(home=home)
    configure_site(chosen, "desk")
    from perisai.desk.cases import domain as cases
    from perisai.desk.opening import open_house
    from perisai.desk.opinions import domain as opinions
    from tests.desk.conftest import INTAKE
    from tests.desk.test_first_journey import SAMPLE

    some, now = random.Random(3), [datetime.now(UTC) - timedelta(days=28)]
    house = open_house(chosen).at(lambda: now[0])
    for number in range(130):
        now[0] += timedelta(hours=some.uniform(0, 10))
        told = {
            "what": some.choice(SAID), "app": some.choice(APPS), "age": some.choice(AGES),
            "kind": some.choice(KINDS),
        }  # fmt: skip
        if number % 7 == 0:
            told["link"] = f"https://gif.example/view?id={some.choice((1, 1, 1, 2))}"
        house.receive(told)
    house.second_share = 1.0
    for number in range(12):
        case = house.open_case(
            INTAKE, title=f"GIF dalam pencarian ({number})", platform=some.choice(APPS),
            words=["kucing"], promised=now[0] + timedelta(days=some.choice((1, 2, 9))),
        ).id  # fmt: skip
        house.change_case(case, FIRST, lambda c: cases.screened(c, FIRST, SAMPLE))
        outcome = some.choice(cases.OUTCOMES)
        house.change_case(case, FIRST, lambda c: cases.decide(c, FIRST, outcome, "x"))  # noqa: B023
        other = outcome if some.random() < 0.7 else "unclear"
        house.change_case(
            case,
            SECOND,
            lambda c: opinions.give(c, SECOND, c.opinions.waiting.decision, other, "y"),  # noqa: B023
        )
    now[0] = datetime.now(UTC)
    house.tick()


def main(folder: Path) -> None:
    """Take the queue, and the figures on a desk and on a phone."""
    with tempfile.TemporaryDirectory() as place, browsing() as browser:
        home = Path(place) / "home"
        hire(home)
        words = [sys.executable, "-m", "tests.desk.triage.screenshots", FILL, str(home)]
        subprocess.run(words, env={**os.environ, **environment(home)}, check=True)
        with started(home) as base:
            page = signed_in(browser, base, Role.INTAKE, viewport=DESKTOP)
            page.goto("/queue")
            keep([taken(page)], folder / "desk-queue.png")
            page.goto("/figures")
            small = browser.new_context(
                viewport=PHONE, color_scheme="dark", base_url=base,
                storage_state=page.context.storage_state(),
            ).new_page()  # fmt: skip
            small.goto("/figures#waiting")
            keep([taken(page), taken(small)], folder / "desk-figures.png")


if __name__ == "__main__":
    if sys.argv[1:2] == [FILL]:
        fill(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
