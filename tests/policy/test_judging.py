from __future__ import annotations

import math
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.errors import BrokenMedia, MediaError
from perisai.policy import AgeBand, Decision, Finding, Label, Policy, Source, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

DOCS = Path(__file__).parents[2] / "docs"
ALL = frozenset(Label)


def from_docs(folder: Path) -> Policy:
    page = (DOCS / "policy.md").read_text(encoding="utf-8")
    file = folder / "school.toml"
    file.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    return Policy.load(file)


@pytest.fixture(scope="session", params=["id", "generic", "school"])
def policy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Policy:
    if request.param == "school":
        return from_docs(tmp_path_factory.mktemp("school"))
    return Policy.load(request.param)


INDONESIA = Policy.load("id")


def explicit(score: float, frame: int | None = 3, by: str = "opennsfw") -> Finding:
    return Finding(Source.MODEL, Label.EXPLICIT, score, frame, 100, by=by)


def human(label: Label, score: float, frame: int | None = None) -> Finding:
    return Finding(Source.HUMAN, label, score, frame, by="officer")


LISTED = Finding(Source.HASH, Label.LISTED, 1.0, 5, 200, by="kpai")
ON_ABUSE_LIST = Finding(Source.HASH, Label.ABUSE, 1.0)


def codes(verdict: Verdict) -> str:
    letters = {"allow": "a", "review": "r", "withhold": "w", "unscreenable": "u", "block": "b"}
    return "".join(letters[decision.value] for decision in verdict.decisions.values())


@pytest.mark.parametrize(
    ("score", "reviewed", "alone"),
    [
        (0.0, "aaaaaa", "aaaaaa"),
        (0.0999, "aaaaaa", "aaaaaa"),
        (0.10, "rraaaa", "wwaaaa"),
        (0.20, "wrrraa", "wwwwaa"),
        (0.36, "wwwrra", "wwwwwa"),
        (0.80, "wwwwwr", "wwwwww"),
        (1.0, "wwwwwr", "wwwwww"),
        (math.nan, "wwwwwr", "wwwwww"),
    ],
)
def test_scores_meet_the_thresholds_of_each_band(score: float, reviewed: str, alone: str) -> None:
    assert codes(INDONESIA.judge([explicit(score)], ALL, reviewers=True)) == reviewed
    assert codes(INDONESIA.judge([explicit(score)], ALL)) == alone


def test_the_verdict_names_rule_reason_and_evidence() -> None:
    low, high = explicit(0.3, 1), explicit(0.6, 2)
    verdict = INDONESIA.judge([low, high, explicit(0.1, 4)], ALL)
    youngest = verdict[AgeBand.AGE_3_5]
    assert youngest.rule == "looks-explicit"
    assert youngest.reason == str(youngest.reasons)
    assert "pornografi" in youngest.reasons.into("id")
    assert youngest.finding is high
    assert verdict[AgeBand.ADULT].rule == "nothing-found"
    assert verdict.refer is None


def test_of_equal_decisions_the_first_rule_is_named() -> None:
    findings = [explicit(0.9), LISTED]
    verdict = INDONESIA.judge(findings, ALL)
    assert verdict[AgeBand.AGE_16_17].rule == "on-a-list"
    assert verdict[AgeBand.ADULT].rule == "on-a-list"
    assert verdict == INDONESIA.judge(findings[::-1], ALL)


def test_a_list_blocks_for_children_and_adults_as_the_policy_says() -> None:
    assert codes(INDONESIA.judge([LISTED], ALL)) == "bbbbbw"
    assert codes(Policy.load("generic").judge([LISTED], ALL)) == "bbbbba"


def test_a_rule_that_names_lists_or_models_takes_their_findings(tmp_path: Path) -> None:
    school = from_docs(tmp_path)
    doubtful = Finding(Source.HASH, Label.LISTED, 1.0, by="from-the-internet")
    assert codes(school.judge([LISTED], ALL)) == "bbbbbw"
    assert codes(school.judge([doubtful], ALL)) == "wwwwwa"
    assert codes(school.judge([explicit(0.6)], ALL)) == "wwwwwa"
    assert codes(school.judge([explicit(0.6, by="mine")], ALL)) == "aaaaaa"
    assert school.lowest(Label.EXPLICIT) == 0.05
    assert school.lowest(Label.EXPLICIT, by="mine") == 0.7


def test_evidence_that_no_rule_expects_is_not_let_through(tmp_path: Path) -> None:
    """A list labelled explicit, a search word where the policy only speaks of models."""
    school = from_docs(tmp_path)
    for source in (Source.HASH, Source.TEXT):
        finding = Finding(source, Label.EXPLICIT, 1.0)
        assert codes(school.judge([finding], ALL)) == "wwwwwa"
    wrong = Finding(Source.MODEL, Label.LISTED, 1.0)
    assert codes(INDONESIA.judge([wrong], ALL)) == "wwwwww"


def test_a_person_confirms_and_clears() -> None:
    assert codes(INDONESIA.judge([human(Label.EXPLICIT, 1)], ALL)) == "bbbbbw"
    cleared = [explicit(0.9, 1), explicit(0.9, 2), human(Label.EXPLICIT, 0)]
    assert codes(INDONESIA.judge(cleared, ALL)) == "aaaaaa"
    one_frame = [explicit(0.9, 1), explicit(0.9, 2), human(Label.EXPLICIT, 0, frame=1)]
    assert codes(INDONESIA.judge(one_frame, ALL)) == "wwwwww"
    assert codes(INDONESIA.judge([explicit(0.9), human(Label.NUDITY, 0)], ALL)) == "wwwwww"
    both = [human(Label.EXPLICIT, 0), human(Label.EXPLICIT, 1)]
    assert codes(INDONESIA.judge(both, ALL)) == "bbbbbw"
    unsure = [explicit(0.9), human(Label.EXPLICIT, 0.01)]
    assert codes(INDONESIA.judge(unsure, ALL)) == "bbbbbw"


def test_a_person_meets_the_models_rules_where_the_policy_has_none_for_people() -> None:
    assert codes(INDONESIA.judge([human(Label.SUGGESTIVE, 1)], ALL)) == "wwwwaa"
    assert codes(INDONESIA.judge([human(Label.SUGGESTIVE, 1)], ALL, reviewers=True)) == "wwwraa"


def test_a_false_match_can_be_cleared_but_never_abuse() -> None:
    assert codes(INDONESIA.judge([LISTED, human(Label.LISTED, 0)], ALL)) == "aaaaaa"
    assert codes(INDONESIA.judge([LISTED, human(Label.EXPLICIT, 0)], ALL)) == "bbbbbw"
    assert codes(INDONESIA.judge([ON_ABUSE_LIST, human(Label.ABUSE, 0)], ALL)) == "bbbbbb"
    assert codes(INDONESIA.judge([human(Label.ABUSE, 0)], ALL)) == "aaaaaa"
    assert codes(INDONESIA.judge([human(Label.ABUSE, 1)], ALL)) == "bbbbbb"


def test_abuse_is_referred_and_says_nothing_else() -> None:
    verdict = INDONESIA.judge([explicit(0.9), LISTED, ON_ABUSE_LIST], ALL)
    for each in verdict.bands.values():
        assert (each.decision, each.rule, each.finding) == (Decision.BLOCK, "abuse", None)
    assert verdict.referral is not None
    assert "pengaduan.kpai.go.id" in verdict.referral.id
    assert verdict.refer == verdict.referral.en
    assert "inhope.org" in str(Policy.load("generic").judge([ON_ABUSE_LIST], ALL).refer)


@pytest.mark.parametrize("source", [Source.MODEL, Source.TEXT])
def test_a_model_cannot_say_abuse(source: Source) -> None:
    with pytest.raises(ValueError, match="only a list or a person can"):
        INDONESIA.judge([Finding(source, Label.ABUSE, 1.0)], ALL)


def test_what_could_not_be_screened_is_withheld_and_says_why() -> None:
    verdict = INDONESIA.judge([], ALL, BrokenMedia("The file ends after 12 bytes."))
    assert codes(verdict) == "uuuuuu"
    assert verdict[AgeBand.ADULT].reason.endswith("The file ends after 12 bytes.")
    partly = INDONESIA.judge([LISTED], ALL, MediaError("x"))
    assert codes(partly) == "bbbbbu"


def test_labels_that_nothing_can_yield_are_not_covered() -> None:
    verdict = INDONESIA.judge([], {Label.EXPLICIT, Label.LISTED})
    assert verdict.not_covered == (
        Label.DRAWN_EXPLICIT,
        Label.NUDITY,
        Label.SUGGESTIVE,
        Label.ABUSE,
    )
    assert INDONESIA.judge([], ALL).not_covered == ()


def test_the_lowest_score_that_matters() -> None:
    assert INDONESIA.lowest(Label.EXPLICIT) == 0.10
    assert INDONESIA.lowest(Label.SUGGESTIVE) == 0.40
    assert INDONESIA.lowest(Label.LISTED, source=Source.HASH) == 0.0


def test_the_thresholds_of_a_band() -> None:
    assert INDONESIA.thresholds(Label.EXPLICIT, AgeBand.AGE_3_5) == (0.1, 0.2)
    assert INDONESIA.thresholds(Label.EXPLICIT, AgeBand.ADULT) == (0.8, None)
    assert INDONESIA.thresholds(Label.NUDITY, AgeBand.ADULT) == (None, None)


# What must hold for every policy and all evidence.

frames = st.none() | st.integers(0, 3)
scores = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)
names = st.sampled_from(["", "opennsfw", "mine", "from-the-internet"])
other_labels = st.sampled_from([label for label in Label if label is not Label.ABUSE])


def findings_of(sources: Sequence[Source], labels: st.SearchStrategy[Label]) -> st.SearchStrategy:
    return st.builds(Finding, st.sampled_from(sources), labels, scores, frames, st.none(), by=names)


machine = findings_of([Source.MODEL, Source.TEXT], other_labels)
harmful = findings_of(list(Source), other_labels)
proven_abuse = st.builds(Finding, st.just(Source.HASH), st.just(Label.ABUSE), scores)
anything = st.lists(harmful | proven_abuse, max_size=8)
errors = st.none() | st.just(MediaError("broken"))


@given(anything, harmful | proven_abuse, errors, st.booleans())
def test_more_evidence_is_never_milder(
    policy: Policy,
    findings: list[Finding],
    extra: Finding,
    error: MediaError | None,
    reviewers: bool,
) -> None:
    if extra.source is Source.HUMAN and extra.score == 0:
        return  # a person clears: the one thing that may make a verdict milder
    before = policy.judge(findings, ALL, error, reviewers=reviewers)
    after = policy.judge([*findings, extra], ALL, error, reviewers=reviewers)
    for band in AgeBand:
        assert after[band].decision.severity >= before[band].decision.severity


@given(st.lists(machine | st.just(human(Label.EXPLICIT, 0)), max_size=8), st.booleans())
def test_models_alone_never_block(policy: Policy, findings: list[Finding], reviewers: bool) -> None:
    verdict = policy.judge(findings, ALL, reviewers=reviewers)
    assert Decision.BLOCK not in verdict.decisions.values()


@given(anything, proven_abuse, errors)
def test_abuse_always_blocks_everyone(
    policy: Policy, findings: list[Finding], abuse: Finding, error: MediaError | None
) -> None:
    verdict = policy.judge([*findings, abuse], ALL, error)
    assert set(verdict.decisions.values()) == {Decision.BLOCK}
    assert verdict.refer


@given(anything, st.booleans())
def test_what_was_not_screened_is_never_shown(
    policy: Policy, findings: list[Finding], reviewers: bool
) -> None:
    verdict = policy.judge(findings, ALL, MediaError("broken"), reviewers=reviewers)
    allowed = {Decision.UNSCREENABLE, Decision.BLOCK}
    assert set(verdict.decisions.values()) <= allowed


@given(anything, errors, st.booleans())
def test_older_is_never_stricter(
    policy: Policy, findings: list[Finding], error: MediaError | None, reviewers: bool
) -> None:
    verdict = policy.judge(findings, ALL, error, reviewers=reviewers)
    for younger, older in pairwise(AgeBand):
        assert verdict[older].decision.severity <= verdict[younger].decision.severity


@given(anything, st.randoms(use_true_random=False))
def test_the_order_of_evidence_does_not_matter(
    policy: Policy, findings: list[Finding], random: object
) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = policy.judge(findings, ALL), policy.judge(shuffled, ALL)
    assert first.decisions == second.decisions
    assert [v.rule for v in first.bands.values()] == [v.rule for v in second.bands.values()]


@given(anything)
def test_review_exists_only_where_somebody_reviews(policy: Policy, findings: list[Finding]) -> None:
    alone = policy.judge(findings, ALL)
    reviewed = policy.judge(findings, ALL, reviewers=True)
    assert Decision.REVIEW not in alone.decisions.values()
    for band in AgeBand:
        if reviewed[band].decision is not Decision.REVIEW:
            assert reviewed[band].decision == alone[band].decision
        else:
            assert alone[band].decision is Decision.WITHHOLD


def test_the_policies_are_package_data() -> None:
    files = resources.files("perisai.policy") / "policies"
    assert {item.name for item in files.iterdir()} >= {"id.toml", "generic.toml"}
