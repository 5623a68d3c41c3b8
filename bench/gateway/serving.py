"""Starts the real programs that are measured, each in a process of its own, and ends them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from subprocess import PIPE
from typing import TYPE_CHECKING, TextIO

import psutil

from bench import corpora

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from perisai.settings import Settings

ROOT = corpora.ROOT
BANDS = {"teen": "13-15", "adult": "adult"}
KEYS = {name: f"bench-key-{name}" for name in BANDS}
START_SECONDS = 60.0
_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ }}
    default_type image/gif;
    server {{
        listen 127.0.0.1:{port};
        root {root};
    }}
}}
"""


@dataclass(slots=True)
class Server:
    """A running program and where it answers."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])


@contextmanager
def upstream(folder: Path, *options: str, port: int = 0) -> Iterator[Server]:
    """Run :mod:`bench.gateway.upstream`."""
    words = [sys.executable, "-m", "bench.gateway.upstream", str(folder), *options]
    with _saying_its_port([*words, "--port", str(port)]) as server:
        yield server


@contextmanager
def passthrough(folder: Path) -> Iterator[Server]:
    """Run :mod:`bench.gateway.passthrough`."""
    with _saying_its_port([sys.executable, "-m", "bench.gateway.passthrough", str(folder)]) as one:
        yield one


@contextmanager
def gateway(home: Path, upstream_url: str, *lines: str) -> Iterator[Server]:
    """Run ``perisai serve`` over one upstream, with its state in ``home`` and keys for bands.

    ``lines`` are added to ``[gateway]`` in its settings.
    """
    environment = prepare(home, upstream_url, *lines)
    port = free_port()
    words = [sys.executable, "-m", "perisai", "serve", "--port", str(port)]
    log = home / "log.txt"
    with log.open("a") as stderr, _running(words, environment, stderr=stderr) as process:
        server = Server(process, f"http://127.0.0.1:{port}")
        _wait_for(server)
        yield server


@contextmanager
def nginx(root: Path, folder: Path) -> Iterator[Server]:
    """Run nginx with one worker process over the files of ``root``; its state is in ``folder``."""
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, root=root, port=port))
    program = _nginx()
    assert program is not None, "see missing_nginx()"
    words = [program, "-c", str(config), "-p", str(folder), "-e", f"{folder}/error.log"]
    words += ["-g", "user root;"] if os.geteuid() == 0 else []
    with _running(words, dict(os.environ)) as process:
        server = Server(process, f"http://127.0.0.1:{port}")
        _wait_for(server)
        yield server


def missing_nginx() -> str | None:
    """Say why nginx cannot run, or None if it can."""
    return None if _nginx() else "nginx is not installed (apt-get install nginx-light)"


def _nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def prepare(home: Path, upstream_url: str, *lines: str) -> dict[str, str]:
    """Write settings and keys into ``home`` unless they are there; return the environment."""
    config = home / "perisai.toml"
    environment = environment_of(home)
    if not config.exists():
        home.mkdir(parents=True, exist_ok=True)
        config.write_text(
            "\n".join(
                [
                    "[gateway]",
                    "warm_minutes = 0",
                    *lines,
                    "[gateway.upstreams.bench]",
                    'type = "tenor"',
                    f'base = "{upstream_url}/v2/"',
                    "private = true",
                    "per_second = 1000",
                    "",
                ]
            )
        )
        for name, band in BANDS.items():
            _perisai(environment, "keys", "create", name, "--age-band", band,
                     "--key", KEYS[name], "--per-minute", "100000000")  # fmt: skip
    return environment


def environment_of(home: Path) -> dict[str, str]:
    """Return an environment in which Perisai keeps everything in ``home``."""
    mine = {k: v for k, v in os.environ.items() if not k.startswith("PERISAI_")}
    return mine | {"PERISAI_HOME": str(home), "PERISAI_CONFIG": str(home / "perisai.toml")}


def settings_of(home: Path) -> Settings:
    """Return the settings of a gateway that :func:`gateway` runs."""
    from perisai import settings

    return settings.load(env=environment_of(home))


def processor(server: Server) -> tuple[float, float]:
    """Seconds of processor time, the program's own and the system's for it, workers included."""
    root = psutil.Process(server.process.pid)
    times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
    return sum(each.user for each in times), sum(each.system for each in times)


def idle(server: Server) -> bool:
    """Whether a program and its workers have nothing to do, as far as one second tells."""
    begun = sum(processor(server))
    time.sleep(1)
    return sum(processor(server)) - begun < 0.2


def free_port() -> int:
    """Return a port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _perisai(environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, "-m", "perisai", *words]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True)


def started(words: Sequence[str]) -> subprocess.Popen[str]:
    """Start a program that says its port, and return when it has."""
    process = subprocess.Popen(words, cwd=ROOT, text=True, stdout=PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


@contextmanager
def _saying_its_port(words: Sequence[str]) -> Iterator[Server]:
    with _running(words, dict(os.environ), stdout=PIPE) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f"{' '.join(words)} did not start")
        server = Server(process, f"http://127.0.0.1:{port}")
        _wait_for(server)
        yield server


@contextmanager
def _running(
    words: Sequence[str],
    environment: dict[str, str],
    stdout: int | None = None,
    stderr: TextIO | None = None,
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        words, env=environment, cwd=ROOT, text=True, stdout=stdout, stderr=stderr
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(server: Server) -> None:
    """Wait until somebody listens there."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.process.poll() is not None:
            raise RuntimeError(f"{server.process.args} ended with {server.process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{server.process.args} does not listen after {START_SECONDS:.0f} s")
