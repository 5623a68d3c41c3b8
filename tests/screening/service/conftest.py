"""Services in processes of their own, with the tiny model and a home of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from perisai import settings as settings_package
from tests.common import drawn, screening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.settings import Settings


@dataclass
class House:
    """A home with a socket, and the services that were started in it."""

    env: dict[str, str]
    socket: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return settings_package.load(env=self.env)

    def environment(self, **more: object) -> dict[str, str]:
        """The environment of commands here; ``more`` as for :func:`screening.environment`."""
        rest = {name: os.environ[name] for name in os.environ if not name.startswith("PERISAI_")}
        return rest | self.env | {f"PERISAI_{name}": str(value) for name, value in more.items()}

    def serve(self, **more: object) -> subprocess.Popen[str]:
        """Start a service and wait until it answers."""
        service = subprocess.Popen(
            [sys.executable, "-m", "perisai", "service"],
            env=self.environment(**more),
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(service)
        assert "screens for this machine" in service.stderr.readline()
        return service

    def run(self, *words: object, **more: object) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return subprocess.run(
            [sys.executable, "-m", "perisai", *map(str, words)],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def end(self) -> None:
        for service in self.running:
            with contextlib.suppress(ProcessLookupError):
                service.send_signal(signal.SIGCONT)
                service.kill()
            service.communicate()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny model."""
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture
def house(tiny: Path, tmp_path: Path) -> Iterator[House]:
    # Not below tmp_path: a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="perisai-"))
    path = folder / "own" / "service.sock"
    made = House(screening.environment(tiny, HOME=tmp_path / "home", SERVICE__SOCKET=path), path)
    yield made
    made.end()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def clean() -> bytes:
    return screening.clip(screening.scene(4))


@pytest.fixture(scope="session")
def explicit() -> bytes:
    frames = screening.scene(4)
    return screening.clip([*frames[:2], screening.marked(frames[2]), frames[3]])


@pytest.fixture(scope="session")
def long() -> bytes:
    """A clip that takes about a second."""
    return screening.clip([drawn.drawing(1, step / 200, 480, 360) for step in range(200)])
