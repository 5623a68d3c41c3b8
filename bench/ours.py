"""Perisai on a folder of GIFs, for bench/run.py: ``python -m bench.ours screen FOLDER --json``.

``screen``   the whole of it: ``Screener.screen_many``; models and workers are started before
``prepare``  everything but the model: decoding, tiles, resizing, JPEG step, hashing, and the way
             from the workers to this process
Both print how many frames there were, how many were looked at, and how many looks that took.
Everything lies in a home of its own; ``--hashes N`` puts N random hashes on a list, so that every
distinct frame is hashed and looked up, too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from tests.common import drawn, writers

from bench.peers import spread

if TYPE_CHECKING:
    from perisai.settings import Settings


def settings_in(home: Path, **screening: object) -> Settings:
    """Return settings with a home of their own and nothing from the user's file."""
    from perisai.settings import Settings
    from perisai.settings.model import ScreeningSection

    return Settings(home=home, screening=ScreeningSection(**screening))


def list_of(home: Path, count: int) -> None:
    """Put random hashes on a list; nothing in the corpora is near any of them."""
    from perisai.matching.lists import Entry, Kind, ListStore
    from perisai.terms import Label

    store = ListStore(home)
    store.create("random", source="made for the benchmark", label=Label.LISTED)
    dice = np.random.default_rng(1)
    hashes = dice.integers(0, 256, (count, 32), dtype=np.uint8)
    store.add("random", [Entry(Kind.PDQ, row.tobytes(), quality=100) for row in hashes])


def warm_up() -> bytes:
    """A GIF that starts every worker and every path, but is in no corpus."""
    return writers.gif([drawn.drawing(99, step / 24, 240, 136) for step in range(24)])


def screen(files: list[Path], home: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Time ``screen_many``; loading models, starting workers and a warm-up are not counted."""
    from perisai.screening import Screener

    options = {"every_frame": chosen.every_frame, "whole_picture": chosen.whole}
    options["whole_picture"] = {True: "always", None: "auto", False: "never"}[chosen.whole]
    settings = settings_in(home, **options, models=tuple(chosen.models), precision=chosen.precision)
    with Screener(settings, jobs=chosen.jobs) as screener:
        list(screener.screen_many([warm_up()] * 2 * screener.jobs))
        begin = perf_counter()
        results = list(screener.screen_many(files))
        seconds = perf_counter() - begin
        engines = [getattr(model.engine, "name", "?") for model in screener.models]
    stages: Counter[str] = Counter()
    for result in results:
        stages.update(result.stages_ms)
    total = sum(result.coverage.frames for result in results)
    frames = sum(result.media.frames for result in results if result.media)
    return figures("perisai", files, frames, seconds) | {
        "jobs": chosen.jobs,
        "engines": engines,
        "displayed": total,
        "classified": sum(result.coverage.classified for result in results),
        "looks": sum(result.coverage.looks for result in results),
        "max_residual": max(result.coverage.max_residual for result in results),
        "errors": [f"{Path(r.path).name}: {r.error.code}" for r in results if r.error],
        "stages_ms": {stage: round(ms, 1) for stage, ms in stages.items()},
        "top": {
            Path(r.path).name: {
                model: {label.value: round(score, 5) for label, score in labels.items()}
                for model, labels in r.scores.items()
            }
            for r in results
        },
    }


def prepare(files: list[Path], _home: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Time the workers and the way from them, with everything a model would get, but no model."""
    from perisai.media.sandbox import Sandbox
    from perisai.models.builtin import BUILT_IN
    from perisai.screening.evidence import Evidence
    from perisai.screening.options import PrepareOptions
    from perisai.screening.screener import PREPARE

    specs = [BUILT_IN[name] for name in chosen.models]
    options = PrepareOptions(
        inputs=tuple(spec.input for spec in specs),
        hashes=chosen.hashes > 0,
        every_frame=chosen.every_frame,
    )
    payload = options.to_json()

    def one(data: bytes) -> Evidence:
        evidence = Evidence(options)
        for message in sandbox.stream(payload, data):
            evidence.take(message)
        evidence.check_over()
        return evidence

    with Sandbox(PREPARE, chosen.jobs) as sandbox, ThreadPoolExecutor(chosen.jobs) as pool:
        list(pool.map(one, [warm_up()] * 2 * chosen.jobs))
        begin = perf_counter()
        found = list(pool.map(lambda file: one(file.read_bytes()), files))
        seconds = perf_counter() - begin
    stages: Counter[str] = Counter()
    for evidence in found:
        stages.update(evidence.stages_ms)
    coverages = [evidence.coverage() for evidence in found]
    frames = sum(evidence.facts.frames for evidence in found if evidence.facts)
    return figures("perisai without the model", files, frames, seconds) | {
        "jobs": chosen.jobs,
        "displayed": sum(coverage.frames for coverage in coverages),
        "classified": sum(coverage.classified for coverage in coverages),
        "looks": sum(coverage.looks for coverage in coverages),
        "stages_ms": {stage: round(ms, 1) for stage, ms in stages.items()},
    }


def figures(name: str, files: list[Path], frames: int, seconds: float) -> dict[str, Any]:
    return {
        "name": name,
        "gifs": len(files),
        "frames": frames,
        "seconds": round(seconds, 3),
        "ms_per_frame": round(1e3 * seconds / frames, 3),
        "gifs_per_second": round(len(files) / seconds, 3),
    }


class PeakMemory:
    """Watches a process (this one) and all its children, ten times a second, in a ``with`` block.

    ``rss`` adds up resident sizes, so what processes share is counted once for each of them;
    ``pss`` (Linux) divides it among them, and is what the machine really gives.
    """

    def __init__(self, pid: int | None = None) -> None:
        self.root = psutil.Process(pid)
        self.rss = self.pss = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            rss = pss = 0
            for process in self._family():
                try:
                    memory = process.memory_full_info()
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
                rss += memory.rss
                pss += getattr(memory, "pss", memory.rss)
            self.rss, self.pss = max(self.rss, rss), max(self.pss, pss)

    def _family(self) -> list[psutil.Process]:
        try:
            return [self.root, *self.root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("screen", "prepare"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--hashes", type=int, default=0, help="hashes on a list to match against")
    parser.add_argument("--models", nargs="*", default=["opennsfw"])
    parser.add_argument("--precision", choices=("auto", "bf16", "f32"), default="auto")
    parser.add_argument("--every-frame", action="store_true")
    parser.add_argument("--whole", action=argparse.BooleanOptionalAction, default=None)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--repeat", type=int, default=1, help="screen the folder so many times")
    parser.add_argument("--memory", action="store_true", help="watch memory (slows a little)")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    files = spread(sorted(chosen.folder.glob("*.gif")), chosen.limit) * chosen.repeat
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if chosen.hashes and chosen.what == "screen":
            list_of(home, chosen.hashes)
        work = {"screen": screen, "prepare": prepare}[chosen.what]
        if chosen.memory:
            with PeakMemory() as peak:
                result = work(files, home, chosen)
            result |= {"peak_rss_mb": peak.rss / 1e6, "peak_pss_mb": peak.pss / 1e6}
        else:
            result = work(files, home, chosen)
    if chosen.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            if key != "top":
                print(f"{key:16} {value}")


if __name__ == "__main__":
    main()
