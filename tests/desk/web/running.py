"""``perisai desk`` as a process of its own, with an account for each role."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.desk.permissions import Role
from tests.common import screening
from tests.common.servers import clean_environment, perisai, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[3]
PASSWORD = "kata-sandi-untuk-{}"
PLATFORM = "Contoh Pesan"
NAMES = {
    Role.INTAKE: "ani", Role.REVIEWER: "budi", Role.CASE_OFFICER: "citra",
    Role.COMMISSIONER: "dewi", Role.MINISTRY: "eko", Role.PLATFORM: "farah",
    Role.AUDITOR: "gilang", Role.ADMINISTRATOR: "hasna",
}  # fmt: skip


def environment(home: Path, **more: str) -> dict[str, str]:
    """That of this process, with the tiny model and a home of its own, and nobody's settings."""
    home.mkdir(parents=True, exist_ok=True)
    return clean_environment() | screening.environment(home.parent, HOME=home) | more


@cache
def _hired() -> Path:
    """A home in which somebody of each role has an account."""
    place = tempfile.mkdtemp(prefix="perisai-hired-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    home = Path(place) / "home"
    words = [sys.executable, "-m", "tests.desk.web.hiring"]
    subprocess.run(words, env=environment(home), cwd=ROOT, check=True)
    return home


def hire(home: Path) -> None:
    """Make an account for each role in a home that is not there yet."""
    shutil.copytree(_hired(), home, dirs_exist_ok=True)


@contextmanager
def started(home: Path, **more: str) -> Iterator[str]:
    """Start ``perisai desk`` on a free port, and stop it as Ctrl-C does; yields its address."""
    with serving(perisai("desk", "--port", "0"), environment(home, **more)) as (base, said):
        yield base
    logged = [json.loads(line) for line in said[1:]]
    assert logged[-1]["event"] == "stopped", said
    assert {each["level"] for each in logged} <= {"info", "warning"}, said


def signed_in(browser: Browser, base: str, role: Role, **more: object) -> Page:
    """A page in a fresh browser in which somebody has signed in."""
    context: BrowserContext = browser.new_context(base_url=base, locale="id-ID", **more)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=login]", NAMES[role])
    page.fill("[name=password]", PASSWORD.format(NAMES[role]))
    page.click("main button.main")
    page.wait_for_url("**/")
    return page
