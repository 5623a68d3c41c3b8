"""Evidence travels as JSON, and nothing else is taken for it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.screening.service.port import Looked
from perisai.terms import Finding, Label, Source

DIGEST = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
COUNT = st.integers(0, 2**40)
FINDING = st.builds(
    Finding,
    st.sampled_from(Source),
    st.sampled_from(Label),
    st.floats(0, 1),
    st.none() | COUNT,
    st.none() | COUNT,
    st.text(),
    st.text(),
)
LOOKED = st.builds(
    Looked,
    DIGEST,
    DIGEST,
    st.lists(FINDING, max_size=4).map(tuple),
    st.frozensets(st.sampled_from(Label)),
    st.none() | st.tuples(st.text(), st.text()),
    st.text(max_size=9),
    *[COUNT] * 5,
)


@given(LOOKED)
def test_it_comes_back_to_the_last_bit(looked):
    assert Looked.from_json(json.loads(json.dumps(looked.to_json()))) == looked


GOOD = Looked(
    "a" * 64,
    "b" * 64,
    (Finding(Source.MODEL, Label.EXPLICIT, 0.5, 1, 40, "tiny"),),
    frozenset({Label.EXPLICIT}),
    None,
    "gif",
    1,
    2,
    3,
    4,
    5,
).to_json()
FOUND = GOOD["findings"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": ""},
        {"sha256": "A" * 64},
        {"sha256": "a" * 64 + "\n"},
        {"basis": None},
        {"findings": None},
        {"findings": [FOUND | {"score": 1.01}]},
        {"findings": [FOUND | {"score": float("nan")}]},
        {"findings": [FOUND | {"score": True}]},
        {"findings": [FOUND | {"score": "0.5"}]},
        {"findings": [FOUND | {"label": "harmless"}]},
        {"findings": [FOUND | {"source": "rumour"}]},
        {"findings": [FOUND | {"frame": -1}]},
        {"findings": [FOUND | {"by": 3}]},
        {"findings": [{}]},
        {"covered": ["everything"]},
        {"covered": None},
        {"error": ["too_large"]},
        {"error": [1, 2]},
        {"error": 7},
        {"width": 1.5},
        {"size": True},
        {"type": None},
    ],
)
def test_anything_else_is_refused(change):
    with pytest.raises(ValueError, match=r"."):
        Looked.from_json(GOOD | change)


@pytest.mark.parametrize("name", list(GOOD))
def test_what_is_missing_is_refused(name):
    with pytest.raises(ValueError, match="not the evidence"):
        Looked.from_json({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("error", "lasting"),
    [
        (None, True),
        (("broken_media", "…"), True),
        (("too_large", "…"), True),
        (("worker_timeout", "…"), False),
        (("worker_died", "…"), False),
        (("bad_list", "…"), False),
        (("model_error", "…"), False),
    ],
)
def test_what_may_pass_is_not_worth_keeping(error, lasting):
    assert Looked.from_json(GOOD | {"error": error}).lasting is lasting
