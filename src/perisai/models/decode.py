"""Turns raw numbers of a network into scores and boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from perisai.models.spec import Activation, DetectorSpec

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Found:
    """A box that survived: class number, score, and place as shares 0..1 of the picture."""

    index: int
    score: float
    box: Box


def activate(rows: NDArray[np.float32], activation: Activation) -> NDArray[np.float32]:
    """Make scores of raw numbers, class by class along the last axis."""
    if activation == "sigmoid":
        # Computed on -|x| so that a large number cannot overflow.
        small = np.exp(-np.abs(rows))
        return np.where(rows >= 0, 1 / (1 + small), small / (1 + small)).astype(np.float32)
    if activation == "softmax":
        powers = np.exp(rows - rows.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
    return rows


def boxes(
    raw: NDArray[np.float32], spec: DetectorSpec, side: tuple[int, int], content: Box
) -> list[Found]:
    """Read a YOLOv8-style answer (4 + classes, anchors), best box first.

    ``side`` is the input's (width, height) in pixels, ``content`` where in the view the picture
    lies (shares of the view, from ``preprocess.content_box``). Boxes are cut off at the picture's
    edge before overlapping ones are dropped, as NudeNet's own code does.
    """
    scores = raw[4:].max(axis=0)
    kept = np.flatnonzero(scores > spec.min_score)
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    if not len(kept):
        return []
    classes = raw[4:, kept].argmax(axis=0)
    across, down, width, height = raw[:4, kept].astype(np.float64)
    edges = np.stack([across - width / 2, down - height / 2, across + width / 2, down + height / 2])
    edges /= np.array([side[0], side[1], side[0], side[1]], np.float64)[:, None]
    start = np.array([content[0], content[1], content[0], content[1]])[:, None]
    extent = np.array([content[2] - content[0], content[3] - content[1]] * 2)[:, None]
    edges = ((edges - start) / extent).clip(0.0, 1.0)
    best = _without_overlaps(edges, classes if spec.per_class else None, spec.nms_iou)
    return [_found(int(classes[i]), float(scores[kept[i]]), edges[:, i]) for i in best]


def _found(index: int, score: float, edges: NDArray[np.float64]) -> Found:
    left, top, right, bottom = map(float, edges)
    return Found(index, score, (left, top, right, bottom))


def _without_overlaps(
    edges: NDArray[np.float64], classes: NDArray[np.int64] | None, most: float
) -> list[int]:
    """Keep the best box of every heap; ``edges`` is (4, n), best first. Shares need no pixels.

    Intersection over union does not change when both axes are scaled, each by its own factor.
    """
    left, top, right, bottom = edges
    areas = (right - left) * (bottom - top)
    alive = np.ones(edges.shape[1], bool)
    best = []
    for i in range(edges.shape[1]):
        if not alive[i]:
            continue
        best.append(i)
        wide = np.minimum(right[i], right) - np.maximum(left[i], left)
        high = np.minimum(bottom[i], bottom) - np.maximum(top[i], top)
        shared = wide.clip(0) * high.clip(0)
        union = areas[i] + areas - shared
        overlap = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
        drop = overlap > most
        if classes is not None:
            drop &= classes == classes[i]
        alive &= ~drop
    return best
