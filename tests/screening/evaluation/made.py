"""Samples with made-up scores, and files with made-up pictures, for the tests of evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from perisai.policy import AgeBand, Finding, Label, Policy, Source
from perisai.screening.evaluation.labelled import LabelledFile
from perisai.screening.evaluation.measuring import Evaluation, Sample
from perisai.settings import Settings
from tests.common import tinymodel

if TYPE_CHECKING:
    from collections.abc import Sequence

POLICY = Policy.load("id")
MODELS = {"opennsfw": frozenset({Label.EXPLICIT})}


def sample(
    score: float,
    label: Label | None = None,
    *,
    name: str = "",
    media: str = "gif",
    kind: str = "",
    error: str | None = None,
) -> Sample:
    """One file with one score of OpenNSFW."""
    finding = Finding(Source.MODEL, Label.EXPLICIT, score, by="opennsfw")
    verdict = POLICY.judge([finding], MODELS["opennsfw"], reviewers=True)
    word = label or "harmless"
    path = Path(name or f"{word}/{score}.{media}")
    scores = {} if error else {"opennsfw": {Label.EXPLICIT: score}}
    return Sample(
        LabelledFile(path, label, kind), str(path), media, scores, verdict.decisions, error
    )


def evaluation(
    samples: Sequence[Sample], want: float = 0.99, band: AgeBand = AgeBand.AGE_3_5
) -> Evaluation:
    """Count samples under the policy of Indonesia."""
    return Evaluation(samples, MODELS, POLICY, want, band)


def many(harmful: int = 40, harmless: int = 120, seed: int = 2) -> list[Sample]:
    """Scores that overlap, in three media types and two kinds."""
    random = np.random.default_rng(seed)
    media = ("gif", "webp", "mp4")
    found = [
        sample(float(s), Label.EXPLICIT, name=f"explicit/{i}", media=media[i % 3])
        for i, s in enumerate(random.beta(2.2, 1, harmful))
    ]
    return found + [
        sample(float(s), name=f"harmless/{i}", media=media[i % 3], kind=("sport", "art")[i % 2])
        for i, s in enumerate(random.beta(0.5, 6, harmless))
    ]


def write_material(folder: Path) -> Path:
    """Write GIFs of noise: five with the mark that the model finds, six without, one broken."""
    random = np.random.default_rng(5)
    for number in range(11):
        label = "explicit" if number < 5 else "harmless/noise"
        noise = random.integers(0, 90, (96, 96, 3), dtype=np.uint8)
        still = Image.fromarray(noise)
        marked = Image.fromarray(tinymodel.mark_pixels(noise)) if number < 5 else still.rotate(90)
        path = folder / label / f"{number}.gif"
        path.parent.mkdir(parents=True, exist_ok=True)
        still.save(path, save_all=True, append_images=[marked, still], duration=80, loop=0)
    copy = folder / "harmless" / "noise" / "copy.gif"
    copy.write_bytes((folder / "harmless" / "noise" / "7.gif").read_bytes())
    (folder / "harmless" / "broken.gif").write_bytes(b"GIF89a")
    return folder


def settings(folder: Path) -> Settings:
    """Settings with the tests' model alone, and all state in ``folder``."""
    model = tinymodel.write(folder)
    return Settings(
        home=folder / "home",
        screening={"models": [tinymodel.NAME], "jobs": 2},
        models={tinymodel.NAME: tinymodel.table(model)},
    )
