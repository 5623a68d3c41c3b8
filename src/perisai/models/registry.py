"""Turns what a network answers into labels, and lists the models that settings ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perisai.errors import ModelError, SettingsError
from perisai.models import decode
from perisai.models.builtin import BUILT_IN
from perisai.models.engine import Engine, EngineChoice, PrecisionChoice, open_engine
from perisai.models.preprocess import content_box
from perisai.models.spec import ModelSpec, spec_from_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from perisai.terms import Label


DOUBTFUL = (0.09, 0.91)
"""Scores in bf16 that are computed again in f32.

bf16 moves OpenNSFW's log-odds by up to 0.23 (2,008 views, docs/decisions/0006), which moves a score
p by 0.23 p (1 - p): nearly 0.06 in the middle. Outside of these limits that is at most 0.019.
"""


@dataclass(frozen=True, slots=True)
class Region:
    """Something that a detector found.

    ``name`` is the model's own class, ``label`` ours (None for harmless ones such as a face), and
    ``box`` is left, top, right, bottom as shares 0..1 of the picture.
    """

    name: str
    score: float
    box: tuple[float, float, float, float]
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a model says about one view: a score 0..1 for every label that it knows."""

    scores: dict[Label, float]
    regions: tuple[Region, ...] = ()


class Model:
    """A model ready to look; several threads may share it."""

    def __init__(self, spec: ModelSpec, engine: Engine) -> None:
        self.spec = spec
        self.name = spec.name
        self.labels = spec.labels
        self.generation = spec.generation
        self.engine = engine

    def look(
        self, batch: NDArray[np.uint8], sizes: Sequence[tuple[int, int]] | None = None
    ) -> list[Look]:
        """Look at views made by ``preprocess.views``: (n, height, width, 3) uint8 RGB.

        ``sizes`` are the (width, height) of the n pictures: a detector needs them to say where in
        the picture its boxes lie (without them, where in the view). Raises ModelError, also when
        the network answers with something that is no score: silence must not pass for safety.
        """
        contents = [decode.WHOLE] * len(batch)
        if sizes is not None:
            contents = [content_box(self.spec.input, size) for size in sizes]
        looks = self._read(self.engine.run(batch), contents)
        if self.engine.approximate:
            again = [i for i, look in enumerate(looks) if _doubtful(look)]
            if again:
                exact = self.engine.run(batch[again], exact=True)
                better = self._read(exact, [contents[i] for i in again])
                for i, look in zip(again, better, strict=True):
                    looks[i] = look
        return looks

    def _read(self, raw: NDArray[np.float32], contents: list[decode.Box]) -> list[Look]:
        if not np.isfinite(raw).all():
            raise ModelError(f"model {self.name}: the network answered with something not a number")
        if self.spec.kind == "classifier":
            return self._classified(raw)
        return [self._detected(each, box) for each, box in zip(raw, contents, strict=True)]

    def _classified(self, raw: NDArray[np.float32]) -> list[Look]:
        classes = len(self.spec.output.classes)
        rows = raw.reshape(len(raw), -1)
        if rows.shape[1] != classes:
            raise ModelError(
                f"model {self.name}: it answers with {rows.shape[1]} numbers a picture, but "
                f"models.{self.name}.output.classes names {classes}"
            )
        rows = self._checked(decode.activate(rows, self.spec.output.activation))
        return [Look(self._scores(enumerate(map(float, row)))) for row in rows]

    def _detected(self, raw: NDArray[np.float32], content: decode.Box) -> Look:
        settings, output = self.spec.detector, self.spec.output
        if settings is None or raw.ndim != 2 or raw.shape[0] != 4 + len(output.classes):
            raise ModelError(
                f"model {self.name}: a detector must answer with {4 + len(output.classes)} rows "
                f"(4 and the classes), but the answer has shape {raw.shape}"
            )
        side = (self.spec.input.width, self.spec.input.height)
        raw[4:] = self._checked(decode.activate(raw[4:].T, output.activation)).T
        found = decode.boxes(raw, settings, side, content)
        regions = tuple(
            Region(output.classes[each.index], each.score, each.box, output.labels[each.index])
            for each in found
        )
        return Look(self._scores((each.index, each.score) for each in found), regions)

    def _checked(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        if rows.size and (rows.min() < -0.01 or rows.max() > 1.01):
            raise ModelError(
                f"model {self.name}: scores must lie in 0..1; if the network gives raw numbers, "
                f"set models.{self.name}.output.activation to softmax or sigmoid"
            )
        return rows.clip(0.0, 1.0)

    def _scores(self, pairs: Any) -> dict[Label, float]:  # noqa: ANN401 (class number, score)
        scores = dict.fromkeys(sorted(self.labels), 0.0)
        for index, score in pairs:
            label = self.spec.output.labels[index]
            if label is not None:
                scores[label] = max(scores[label], score)
        return scores


def _doubtful(look: Look) -> bool:
    """Whether any score that matters lies where bf16 is not sure enough."""
    low, high = DOUBTFUL
    return any(low < score < high for score in look.scores.values())


def model_specs(configs: Mapping[str, Mapping[str, Any]]) -> list[ModelSpec]:
    """Return the specs that the ``[models.NAME]`` tables of the settings ask for.

    A table of a built-in model holds only what differs from it (most often nothing). Raises
    SettingsError naming the key.
    """
    specs = []
    for name, table in configs.items():
        base = BUILT_IN.get(name)
        if base is None and not table:
            known = ", ".join(BUILT_IN)
            raise SettingsError(
                f"models.{name}: no built-in model has this name (there are {known}); "
                "describe your own with the keys in docs/models.md"
            )
        specs.append(spec_from_mapping(name, table, base))
    return specs


def load_models(
    configs: Mapping[str, Mapping[str, Any]],
    *,
    cache_dir: Path | None = None,
    threads: int | None = None,
    engine: EngineChoice = "auto",
    precision: PrecisionChoice = "auto",
) -> list[Model]:
    """Open every model that the settings ask for; see :func:`model_specs` and ``open_engine``.

    Raises SettingsError, ModelMissing, ModelChanged or ModelError.
    """
    return [
        Model(
            spec,
            open_engine(
                spec, engine=engine, precision=precision, threads=threads, cache_dir=cache_dir
            ),
        )
        for spec in model_specs(configs)
    ]
