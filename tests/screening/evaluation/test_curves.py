from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from perisai.screening.evaluation.curves import Confusion, advise, curve
from perisai.screening.evaluation.intervals import share


def made(positives: int, negatives: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Scores with many ties: harmful files higher on average."""
    random = np.random.default_rng(seed)
    scores = np.concatenate([random.beta(4, 2, positives), random.beta(1.2, 6, negatives)])
    return np.arange(positives + negatives) < positives, np.round(scores, 2)


@pytest.mark.parametrize(("positives", "negatives"), [(1, 1), (40, 300), (500, 3)])
def test_curves_agree_with_scikit_learn(positives: int, negatives: int) -> None:
    truth, scores = made(positives, negatives)
    ours = curve(truth, scores)
    rates, recall, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_array_equal(ours.thresholds, thresholds)
    np.testing.assert_allclose(ours.false_positive_rate, rates)
    np.testing.assert_allclose(ours.recall, recall)
    assert ours.auc == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert ours.average_precision == pytest.approx(metrics.average_precision_score(truth, scores))
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    np.testing.assert_allclose(ours.precision[::-1], precision)
    np.testing.assert_allclose(ours.recall[::-1], recall)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 10)), max_size=30),
    st.integers(-1, 21).map(lambda n: n / 20),
)
def test_counts_at_any_threshold(rows: list[tuple[bool, int]], threshold: float) -> None:
    truth = np.array([row[0] for row in rows], bool)
    scores = np.array([row[1] / 10 for row in rows])
    held = scores >= threshold
    assert curve(truth, scores).at(threshold) == Confusion(
        int(sum(held & truth)),
        int(sum(~held & truth)),
        int(sum(held & ~truth)),
        int(sum(~held & ~truth)),
    )


def test_known_answers() -> None:
    ours = curve([1, 1, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.6, 0.2, 0.1])
    assert ours.auc == pytest.approx(8 / 9)
    assert ours.average_precision == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert ours.precision[0] == 1.0
    assert curve([1, 0], [0.5, 0.5]).auc == 0.5


def test_without_one_side_there_is_no_area() -> None:
    assert math.isnan(curve([], []).auc)
    assert math.isnan(curve([1], [0.5]).auc)
    assert math.isnan(curve([0], [0.5]).average_precision)
    assert curve([], []).at(0.5) == Confusion(0, 0, 0, 0)


def test_a_score_that_is_no_number_counts_as_one() -> None:
    assert curve([0, 1], [math.nan, 0.9]).at(1.0) == Confusion(0, 1, 1, 0)


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40), st.integers(1, 19))
def test_advice_is_the_highest_threshold_with_the_wanted_recall(
    numbers: list[int], wanted: int
) -> None:
    truth = np.ones(len(numbers), bool)
    scores = np.array(numbers) / 20
    want = wanted / 20
    advice = advise(curve(truth, scores), want)
    assert advice.threshold is not None
    assert np.mean(scores >= advice.threshold) >= want - 1e-12
    higher = scores[scores > advice.threshold]
    if len(higher):  # the next higher threshold would find too few
        assert np.mean(scores >= higher.min()) < want


def test_advice_says_what_it_costs_and_whether_it_is_shown() -> None:
    truth, scores = made(400, 1000)
    measured = curve(truth, scores)
    advice = advise(measured, 0.9)
    assert advice.threshold is not None
    at = measured.at(advice.threshold)
    assert advice.recall == share(at.found, 400)
    assert advice.false_positives == share(at.wrongly_held, 1000)
    assert not advice.shown
    assert advice.sure is not None
    assert advice.sure < advice.threshold
    assert advice.sure_false_positives is not None
    sure = measured.at(advice.sure)
    assert share(sure.found, 400).low >= 0.9
    above = measured.thresholds[measured.thresholds > advice.sure].min()
    assert share(measured.at(float(above)).found, 400).low < 0.9


def test_few_files_show_nothing() -> None:
    advice = advise(curve([True] * 20 + [False], [0.9] * 20 + [0.1]), 0.99)
    assert advice.threshold == 0.9
    assert advice.recall.rate == 1.0
    assert not advice.shown
    assert advice.sure is None
    assert advice.needed == 368
    none = advise(curve([False], [0.2]), 0.99)
    assert none.threshold is None
    assert not none.shown
