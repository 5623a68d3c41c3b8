"""Servers of ours as processes of their own: started on a free port, stopped as Ctrl-C does."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LISTENS = r"on (http://\S+)"
CONFUSING = (
    b"Host: localhost\r\nHost: evil.example",
    b"Host: evil.example",
    b"Host: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
    b"Host: localhost\r\nX: a\r\n b\r\nY: \x00",
)
"""Heads that two servers might read differently."""


def clean_environment() -> dict[str, str]:
    """The environment of this process without anybody's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PERISAI_")}


def perisai(*words: object) -> list[str]:
    """The command line of ``perisai WORDS``."""
    return [sys.executable, "-m", "perisai", *map(str, words)]


@contextmanager
def serving(
    words: Sequence[str], env: dict[str, str], *, stream: str = "stderr", listens: str = LISTENS
) -> Iterator[tuple[str, list[str]]]:
    """Start a server; yields its address, and a list that has all that it said when it has ended.

    It says where it listens on ``stream``. It must end with status 0 and without a traceback.
    """
    said: list[str] = []
    with subprocess.Popen(
        words,
        env=env,
        text=True,
        **{stream: subprocess.PIPE},
        # Whoever runs the tests in the background may have told their children to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as server:
        try:
            for line in getattr(server, stream):
                said.append(line)
                if found := re.search(listens, line):
                    break
            else:
                raise AssertionError(f"it did not start:\n{''.join(said)}")
            yield found[1], said
        finally:
            server.send_signal(signal.SIGINT)
            rest = server.communicate(timeout=60)[("stdout", "stderr").index(stream)]
            said += rest.splitlines(keepends=True)
    assert server.returncode == 0, "".join(said)
    assert "Traceback" not in "".join(said)


def spoken(base: str, *parts: bytes) -> bytes:
    """Say something by hand and read what comes back."""
    place, answer = urlsplit(base), b""
    with socket.create_connection((place.hostname, place.port), timeout=20) as line:
        try:
            for part in parts:
                line.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while more := line.recv(65536):
                answer += more
        except ConnectionResetError:
            pass
    return answer
