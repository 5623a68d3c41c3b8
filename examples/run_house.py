"""``make run``: the GIF search, the public page and the desk, over sample data, on this machine.

The first start makes a catalogue (see run_gateway.py) and lays a sample incident. One process holds
the model for all. Everything stays in one folder, so that the next start takes seconds.

Usage: python examples/run_house.py [--home FOLDER] [--port N] [--public-port N] [--desk-port N]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import run_gateway
from run_gateway import HOST, Failed, port_to_use

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "2"
"""Of the sample incident in the folder: another one is made anew."""
PASSWORD = "kucing-oranye-naik-sepeda"  # noqa: S105 - printed at every start, for this machine only
START_SECONDS = 120
STOP_SECONDS = 40


@dataclass
class Part:
    """One process of the house."""

    name: str
    process: subprocess.Popen[str]
    ready: threading.Event


def prepare(home: Path) -> None:
    """Make the catalogue and lay the incident, unless they are there.

    The trial keeps previews, so that they can be tried: there are only stand-ins to be seen.
    """
    os.environ.setdefault("PERISAI_DESK__PREVIEW_DAYS", "7")
    done = home / "incident-version"
    if not (done.is_file() and done.read_text() == VERSION):
        (home / "demo-version").unlink(missing_ok=True)  # both begin anew, or neither
    run_gateway.prepare(home)
    if done.is_file():
        return
    print("\nA sample incident for the desk:")
    flash = next((home / "catalogue").rglob("stand-in-0-flash.gif"))
    # A process of its own: there is one Django in each, and the catalogue needed less of it.
    words = [sys.executable, "-m", "perisai", "seed", str(flash), "--password", PASSWORD]
    if subprocess.run(words, check=False).returncode:
        raise Failed("The sample incident could not be laid; see above.")
    done.write_text(VERSION)


@contextlib.contextmanager
def running(commands: dict[str, list[str]]) -> Iterator[list[Part]]:
    """Start every part, and stop all of them at the end, last first."""
    parts: list[Part] = []
    try:
        for name, words in commands.items():
            parts.append(_start(name, words))
        yield parts
    finally:
        for part in reversed(parts):
            if part.process.poll() is None:
                part.process.send_signal(signal.SIGINT)
        for part in parts:
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.process.wait(STOP_SECONDS)
            part.process.kill()


def _start(name: str, words: list[str]) -> Part:
    # In a group of its own: Ctrl-C is for this program, which then stops the others in order.
    process = subprocess.Popen(
        [sys.executable, "-m", "perisai", *words],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    part = Part(name, process, threading.Event())
    threading.Thread(target=_listen, args=(part,), daemon=True).start()
    end = time.monotonic() + START_SECONDS
    while not part.ready.wait(0.1):
        if process.poll() is not None or time.monotonic() > end:
            raise Failed(f"The {name} did not start; see above.")
    return part


def _listen(part: Part) -> None:
    for line in part.process.stderr or ():
        if re.search(r"Ctrl-C stops", line):
            part.ready.set()
        else:
            print(f"[{part.name}] {line}", end="", file=sys.stderr)


def greeting(gateway: str, public: str, desk: str) -> str:
    """Say what is where, and who can sign in."""
    from perisai.desk.sample_names import NAMES  # noqa: PLC0415 - pulls in what the desk needs

    accounts = "\n".join(f"      {name:<14}{role}" for role, name in NAMES.items())
    return f"""
{run_gateway.greeting(gateway).rstrip().removesuffix("Ctrl-C stops it.").rstrip()}

  The public page:  {public}/         help lines, a complaint, its receipt
                    {public}/hasil    results
  The desk:         {desk}/         what waits, cases, letters

    Sign in at the desk with the password {PASSWORD} as
{accounts}

  Ctrl-C stops all of it.
"""


def serve(ports: dict[str, int]) -> int:
    """Run everything until Ctrl-C, or until one part ends by itself."""
    urls = {name: f"http://{HOST}:{port}" for name, port in ports.items()}
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    commands = {
        "screening service": ["service"],
        "gateway": ["serve", "--demo", "--host", HOST, "--port", f"{ports['gateway']}"],
        "public page": ["public", "--host", HOST, "--port", f"{ports['public']}"],
        "desk": ["desk", "--host", HOST, "--port", f"{ports['desk']}"],
    }
    try:
        with running(commands) as parts:
            print(greeting(urls["gateway"], urls["public"], urls["desk"]), flush=True)
            while not stopped.wait(0.5):
                ended = [part.name for part in parts if part.process.poll() is not None]
                if ended:
                    raise Failed(f"The {ended[0]} ended by itself; see above.")
            print("\nStopping ...")
    except KeyboardInterrupt:
        print("\nStopping ...")
    print("Stopped. Everything is kept: the next start takes seconds.")
    return 0


def main() -> int:
    """Prepare and serve; returns 0 when all went well."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--home", type=Path, default=Path("build/demo-home"))
    options.add_argument("--port", type=int, default=8000)
    options.add_argument("--public-port", type=int, default=8010)
    options.add_argument("--desk-port", type=int, default=8020)
    chosen = options.parse_args()
    try:
        ports = {
            "gateway": port_to_use(chosen.port),
            "public": port_to_use(chosen.public_port, "PUBLIC_PORT"),
            "desk": port_to_use(chosen.desk_port, "DESK_PORT"),
        }
        prepare(chosen.home.resolve())
        return serve(ports)
    except Failed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before it was ready; the next start begins anew.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
