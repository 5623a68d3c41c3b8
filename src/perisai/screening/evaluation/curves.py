"""Curves and thresholds from scores and the truth, in plain NumPy.

Terms and formulas as in T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters
27 (2006). A file counts as found when its score is at or above the threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perisai.screening.evaluation.intervals import Share, files_needed, share

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Counts = NDArray[np.int64]
    Rates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Confusion:
    """What one threshold does to harmful files (found, missed) and to harmless ones."""

    found: int
    missed: int
    wrongly_held: int
    let_through: int


@dataclass(frozen=True)
class Curve:
    """Every threshold that makes a difference, from the highest down.

    ``thresholds[0]`` is infinite (nothing is found). ``found[i]`` of the ``positives`` and
    ``wrong[i]`` of the ``negatives`` score at least ``thresholds[i]``.
    """

    thresholds: Rates
    found: Counts
    wrong: Counts

    @property
    def positives(self) -> int:
        """How many files carry the label."""
        return int(self.found[-1])

    @property
    def negatives(self) -> int:
        """How many files are harmless."""
        return int(self.wrong[-1])

    @property
    def recall(self) -> Rates:
        """Share of the positives that is found, at each threshold."""
        return self.found / max(self.positives, 1)

    @property
    def false_positive_rate(self) -> Rates:
        """Share of the negatives that is wrongly held, at each threshold."""
        return self.wrong / max(self.negatives, 1)

    @property
    def precision(self) -> Rates:
        """Share of positives among what is found; 1 where nothing is."""
        held = self.found + self.wrong
        return np.where(held == 0, 1.0, self.found / np.maximum(held, 1))

    @property
    def auc(self) -> float:
        """Area under the ROC curve: how often a harmful file scores above a harmless one."""
        if not self.positives or not self.negatives:
            return math.nan
        return float(np.trapezoid(self.recall, self.false_positive_rate))

    @property
    def average_precision(self) -> float:
        """Precision averaged over the steps of recall (no interpolation)."""
        if not self.positives:
            return math.nan
        return float(np.sum(np.diff(self.recall) * self.precision[1:]))

    def at(self, threshold: float) -> Confusion:
        """Count what ``threshold`` finds."""
        # The last entry that is still at or above the threshold; the first one is infinite.
        index = int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1
        found, wrong = int(self.found[index]), int(self.wrong[index])
        return Confusion(found, self.positives - found, wrong, self.negatives - wrong)


def curve(positive: ArrayLike, scores: ArrayLike) -> Curve:
    """Make the curve of ``scores`` (n,) for files that are ``positive`` (n, bool) or harmless.

    A score that is no number counts as 1, as it does for a policy.
    """
    truth = np.asarray(positive, dtype=bool)
    values = np.asarray(scores, dtype=np.float64)
    values = np.where(np.isnan(values), 1.0, values)
    order = np.argsort(-values, kind="stable")
    truth, values = truth[order], values[order]
    # Of files with the same score, only the count after the last of them is a real threshold's.
    last = np.flatnonzero(np.diff(values, append=-np.inf))
    return Curve(
        np.append(np.inf, values[last]),
        np.append(0, np.cumsum(truth)[last]).astype(np.int64),
        np.append(0, np.cumsum(~truth)[last]).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class Advice:
    """Which threshold reaches the recall that is wanted, and what it costs.

    ``threshold`` reaches it on these very files. ``shown`` tells whether that can be said of files
    like these in general, with 95 % confidence: the interval of ``recall`` begins at ``want`` or
    above. ``sure`` is the highest threshold for which that holds, or None; it takes ``needed``
    files even if not one is missed. ``threshold`` is None without positives.
    """

    want: float
    threshold: float | None
    recall: Share
    false_positives: Share
    sure: float | None
    sure_false_positives: Share | None
    needed: int

    @property
    def shown(self) -> bool:
        """Whether there are enough files to say that the recall is what is wanted."""
        return self.threshold is not None and self.recall.low >= self.want


def advise(measured: Curve, want: float) -> Advice:
    """Find the highest threshold whose recall is at least ``want`` (between 0 and 1)."""
    index = _first(measured, math.ceil(want * measured.positives - 1e-9))
    recall = share(int(measured.found[index or 0]), measured.positives)
    wrong = share(int(measured.wrong[index or 0]), measured.negatives)
    sure = _sure(measured, want)
    return Advice(
        want=want,
        threshold=None if index is None else float(measured.thresholds[index]),
        recall=recall,
        false_positives=wrong,
        sure=None if sure is None else float(measured.thresholds[sure]),
        sure_false_positives=None
        if sure is None
        else share(int(measured.wrong[sure]), measured.negatives),
        needed=files_needed(want),
    )


def _first(measured: Curve, hits: int) -> int | None:
    """Where, coming from the highest threshold, at least ``hits`` positives (and one) are found."""
    if not measured.positives:
        return None
    return int(np.searchsorted(measured.found, max(hits, 1)))


def _sure(measured: Curve, want: float) -> int | None:
    """Where the interval of the recall begins at ``want`` or above, by halving."""
    total = measured.positives
    if not total or share(total, total).low < want:
        return None
    low, high = 0, total
    while low < high:
        middle = (low + high) // 2
        if share(middle, total).low >= want:
            high = middle
        else:
            low = middle + 1
    return _first(measured, low)
