"""One worker process as its parent sees it: started, talked to, ended."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from perisai.media.wire import SOCKET_BUFFER

_PASSED_ON = (
    "PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONHOME",
    "LANG",
    "LC_ALL",
)
"""What an interpreter may need to start. Nothing else: the parent's environment holds secrets."""
_ENVIRONMENT = {
    # One thread each: the workers are the parallelism, and every thread reserves address space.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
}
_NOISE_BYTES = 4000
_GRACE_SECONDS = 2.0
"""From the end of a worker's stream to its own end; then it is ended."""


def _import_path() -> str:
    """This process's ``sys.path``: what can be imported here can be imported by the worker.

    The current folder ("") is left out: a stranger's files may lie there.
    """
    return os.pathsep.join(
        dict.fromkeys(str(Path(entry).absolute()) for entry in sys.path if entry)
    )


class WorkerProcess:
    """A running ``perisai.media.worker``; :attr:`socket` is non-blocking."""

    def __init__(self, target: str, memory_mb: int, cpu_seconds: int) -> None:
        self.ready = False
        self.jobs = 0
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            self.socket, child = socket.socketpair()
            ours.callback(self.socket.close)
            theirs.callback(child.close)
            for end in (self.socket, child):
                with contextlib.suppress(OSError):  # some systems refuse instead of granting less
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
            self.socket.settimeout(0)
            lifeline, self._lifeline = os.pipe()
            ours.callback(os.close, self._lifeline)
            theirs.callback(os.close, lifeline)
            self._noise, stderr = os.pipe()
            ours.callback(os.close, self._noise)
            theirs.callback(os.close, stderr)
            # A worker that writes much on stderr loses the rest instead of waiting for us.
            os.set_blocking(stderr, False)
            os.set_blocking(self._noise, False)
            config = {
                "target": target,
                "socket": child.fileno(),
                "lifeline": lifeline,
                "memory_mb": memory_mb,
                "cpu_seconds": cpu_seconds,
            }
            passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "perisai.media.worker", json.dumps(config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                pass_fds=(child.fileno(), lifeline),
                env=passed | _ENVIRONMENT | {"PYTHONPATH": _import_path()},
                cwd="/",
            )
            self._open = ours.pop_all()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def outcome(self) -> int:
        """Exit status after the stream has ended; negative is the signal. Ends it if need be."""
        try:
            return self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.returncode

    def noise(self) -> str:
        """The last of what it wrote on stderr since it started, bounded and printable."""
        kept = b""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._noise, 65536):
                kept = (kept + chunk)[-_NOISE_BYTES:]
        text = kept.decode("utf-8", "replace").strip()
        return "".join(c if c.isprintable() or c == "\n" else " " for c in text)

    def kill(self) -> None:
        """End it now. May be called from any thread, and again."""
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Close our ends. Only by the thread that talks to it: another may be waiting on them."""
        self._open.close()
