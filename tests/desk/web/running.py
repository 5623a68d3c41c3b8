"""``perisai desk`` as a process of its own, with an account for each role."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from perisai.desk.permissions import Role
from tests.common import screening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

PASSWORD = "kata-sandi-untuk-{}"
PLATFORM = "Contoh Pesan"
NAMES = {
    Role.INTAKE: "ani", Role.REVIEWER: "budi", Role.CASE_OFFICER: "citra",
    Role.COMMISSIONER: "dewi", Role.MINISTRY: "eko", Role.PLATFORM: "farah",
    Role.AUDITOR: "gilang", Role.ADMINISTRATOR: "hasna",
}  # fmt: skip


def environment(home: Path, **more: str) -> dict[str, str]:
    """That of this process, with the tiny model and a home of its own, and nobody's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PERISAI_")}
    home.mkdir(parents=True, exist_ok=True)
    return clean | screening.environment(home.parent, HOME=home) | more


def hire(home: Path) -> None:
    """Make an account for each role, on the command line."""
    for role, name in NAMES.items():
        words = [sys.executable, "-m", "perisai", "people", "add", name, "--role", role]
        if role is Role.PLATFORM:
            words += ["--platform", PLATFORM]
        subprocess.run(
            [*words, "--password-stdin"],
            env=environment(home), input=PASSWORD.format(name), text=True, check=True,
        )  # fmt: skip


@contextmanager
def started(home: Path, **more: str) -> Iterator[str]:
    """Start ``perisai desk`` on a free port, and stop it as Ctrl-C does; yields its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "perisai", "desk", "--port", "0"],
        env=environment(home, **more),
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have told their children to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as server:
        said = ""
        try:
            for line in server.stderr:
                said += line
                if found := re.search(r"on (http://\S+)", line):
                    break
            else:
                raise AssertionError(f"it did not start:\n{said}")
            yield found[1]
        finally:
            server.send_signal(signal.SIGINT)
            said += server.communicate(timeout=60)[1]
    assert server.returncode == 0, said
    logged = [json.loads(line) for line in said.splitlines()[1:]]
    assert logged[-1]["event"] == "stopped", said
    assert {each["level"] for each in logged} <= {"info", "warning"}, said
    assert "Traceback" not in said


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
