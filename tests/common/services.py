"""Screening services in processes of their own, with the tiny model and a home of their own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from perisai import settings as settings_package
from tests.common import screening

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
        while self.running:
            service = self.running.pop()
            with contextlib.suppress(ProcessLookupError):
                service.send_signal(signal.SIGCONT)
                service.kill()
            service.communicate()


@contextmanager
def house_at(tiny: Path, home: Path, **more: object) -> Iterator[House]:
    """Give a house with this home, and end its services after; ``tiny`` holds the model."""
    # The socket does not lie in the home of a test: a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="perisai-"))
    path = folder / "own" / "service.sock"
    made = House(screening.environment(tiny, HOME=home, SERVICE__SOCKET=path, **more), path)
    try:
        yield made
    finally:
        made.end()
        shutil.rmtree(folder)
