"""Kept evidence, people's opinions and a policy give a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from perisai.policy import Policy
from perisai.screening.judging import judge
from perisai.terms import AgeBand, Decision, Finding, Label, Source

POLICY = Policy.load("id")
CHILD = AgeBand.AGE_3_5


@dataclass(frozen=True)
class Evidence:
    findings: tuple[Finding, ...] = ()
    covered: frozenset[Label] = frozenset({Label.EXPLICIT})
    error: tuple[str, str] | None = None


def says(score: float, label: Label = Label.EXPLICIT) -> Finding:
    return Finding(Source.HUMAN, label, score, by="ani")


EXPLICIT = Evidence((Finding(Source.MODEL, Label.EXPLICIT, 0.99, 3, 120, "tiny"),))
CLEAN = Evidence()


def decision(evidence, *opinions, band=CHILD, **more):
    return judge(evidence, opinions, POLICY, **more).bands[band].decision


def test_evidence_alone():
    assert decision(CLEAN) is Decision.ALLOW
    assert decision(EXPLICIT) is Decision.WITHHOLD
    assert judge(CLEAN, (), POLICY).not_covered == tuple(
        label for label in Label if label is not Label.EXPLICIT
    )


def test_the_last_opinion_counts():
    assert decision(EXPLICIT, says(0)) is Decision.ALLOW
    assert decision(EXPLICIT, says(1), says(0)) is Decision.ALLOW
    assert decision(EXPLICIT, says(0), says(1)) is Decision.BLOCK
    assert decision(CLEAN, says(1)) is Decision.BLOCK
    assert decision(CLEAN, says(1), says(0)) is Decision.ALLOW


def test_an_opinion_on_one_label_says_nothing_of_another():
    assert decision(EXPLICIT, says(0, Label.NUDITY)) is Decision.WITHHOLD


def test_an_opinion_does_not_help_what_could_not_be_looked_at():
    broken = Evidence(error=("broken_media", "Cut off in the middle."))
    assert decision(broken, says(0)) is Decision.UNSCREENABLE
    assert "Cut off" in judge(broken, (), POLICY).bands[CHILD].reason


def test_nobody_clears_a_child_abuse_list():
    listed = Evidence((Finding(Source.HASH, Label.ABUSE, 1.0),))
    for opinions in ((says(0),), (says(0, Label.ABUSE),), (says(1), says(0))):
        verdict = judge(listed, opinions, POLICY)
        assert set(verdict.decisions.values()) == {Decision.BLOCK}
        assert verdict.refer


def test_words_about_a_title_are_taken_as_they_are():
    words = Finding(Source.TEXT, Label.EXPLICIT, 1.0, by="vocabulary")
    assert decision(CLEAN, words) is Decision.WITHHOLD


def test_reviewers():
    low, high = POLICY.thresholds(Label.EXPLICIT, CHILD)
    if low is None or high is None or low >= high:
        pytest.skip("this policy has no doubt")
    doubtful = Evidence((Finding(Source.MODEL, Label.EXPLICIT, (low + high) / 2, 0, 0, "tiny"),))
    assert decision(doubtful) is Decision.WITHHOLD
    assert decision(doubtful, reviewers=True) is Decision.REVIEW
