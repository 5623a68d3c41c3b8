"""Raw numbers become scores and boxes."""

import numpy as np
import pytest

from perisai.models.decode import WHOLE, activate, boxes
from perisai.models.spec import DetectorSpec


def answer(*rows, classes=2):
    """Rows of (centre x, centre y, width, height, scores...) as a network gives them."""
    return np.array(rows, np.float32).reshape(-1, 4 + classes).T.copy()


def test_activations():
    rows = np.array([[0.0, 1000.0, -1000.0]], np.float32)
    assert activate(rows, "sigmoid").tolist() == [[0.5, 1.0, 0.0]]
    assert activate(rows, "softmax").tolist() == [[0.0, 1.0, 0.0]]
    assert activate(rows, "none") is rows


def test_box_in_shares_of_the_picture():
    (found,) = boxes(answer((50, 25, 20, 10, 0.1, 0.8)), DetectorSpec(), (100, 50), WHOLE)
    assert (found.index, found.score) == (1, pytest.approx(0.8))
    assert found.box == pytest.approx((0.4, 0.4, 0.6, 0.6))


def test_box_is_carried_back_through_the_letterbox_and_cut_at_the_edge():
    raw = answer((50, 20, 40, 60, 0.9, 0.0))  # in a 100 x 100 view whose upper half is the picture
    (found,) = boxes(raw, DetectorSpec(), (100, 100), (0.0, 0.0, 1.0, 0.5))
    assert found.box == pytest.approx((0.3, 0.0, 0.7, 1.0))


def test_of_overlapping_boxes_the_best_stays():
    raw = answer((50, 50, 40, 40, 0.6, 0), (52, 50, 40, 40, 0, 0.9), (10, 10, 8, 8, 0.3, 0))
    spec = DetectorSpec(min_score=0.25)
    assert [x.index for x in boxes(raw, spec, (100, 100), WHOLE)] == [1, 0]
    apart = DetectorSpec(min_score=0.25, per_class=True)
    scores = [x.score for x in boxes(raw, apart, (100, 100), WHOLE)]
    assert scores == pytest.approx([0.9, 0.6, 0.3])


def test_weak_and_absent_boxes():
    raw = answer((50, 50, 40, 40, 0.25, 0.1))
    assert boxes(raw, DetectorSpec(min_score=0.25), (100, 100), WHOLE) == []
    assert boxes(answer(), DetectorSpec(), (100, 100), WHOLE) == []


def test_same_boxes_as_opencv():
    cv2 = pytest.importorskip("cv2")
    rng = np.random.default_rng(4)
    for _ in range(20):
        count = 120
        raw = np.concatenate(
            [
                rng.uniform(20, 300, (2, count)),
                rng.uniform(5, 90, (2, count)),
                rng.uniform(0, 1, (3, count)),
            ]
        ).astype(np.float32)
        found = boxes(raw, DetectorSpec(0.4, 0.45), (320, 320), (-1.0, -1.0, 2.0, 2.0))
        corners = [[x - w / 2, y - h / 2, w, h] for x, y, w, h in raw[:4].T.tolist()]
        scores = raw[4:].max(axis=0).tolist()
        kept = cv2.dnn.NMSBoxes(corners, scores, 0.4, 0.45)
        assert [x.score for x in found] == pytest.approx([scores[i] for i in kept])
