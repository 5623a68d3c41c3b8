"""The command line with the tiny model and a home of its own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from perisai import cli
from tests.common import screening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def both(self) -> str:
        return self.out + self.err


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture
def env(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings with the tiny model, in the environment of this process and of commands."""
    for name in [name for name in os.environ if name.startswith("PERISAI_")]:
        monkeypatch.delenv(name)
    made = screening.environment(tiny, HOME=tmp_path / "home")
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "100")
    return made


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Take back what a command that serves does to the logging of its process."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
def perisai(env, capsys, logging_as_it_was):
    """Run a command in this process."""

    def run(*arguments: object) -> Said:
        status = cli.run([str(argument) for argument in arguments])
        said = Said(status, *capsys.readouterr())
        assert "Traceback" not in said.both
        return said

    return run


@pytest.fixture
def command(env):
    """Run a command in a process of its own, as people do."""

    def run(*arguments: object, data: bytes | None = None, timeout: float = 60) -> Said:
        words = [sys.executable, "-m", "perisai", *map(str, arguments)]
        done = subprocess.run(words, input=data, capture_output=True, timeout=timeout, check=False)
        said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in said.both
        return said

    return run


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clean clip, one that is explicit to the tiny model, and things beside."""
    folder = tmp_path_factory.mktemp("media")
    clean = screening.scene(4)
    (folder / "clean.gif").write_bytes(screening.clip(clean))
    (folder / ".hidden.gif").write_bytes(b"not looked at")
    (folder / "sub").mkdir()
    (folder / "sub" / "marked.gif").write_bytes(
        screening.clip([*clean[:2], screening.marked(clean[2])])
    )
    (folder / ".git").mkdir()
    (folder / ".git" / "x.gif").write_bytes(b"not looked at")
    return folder
