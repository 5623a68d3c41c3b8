from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pytest

from perisai.errors import PolicyError
from perisai.policy import Policy, shipped

if TYPE_CHECKING:
    from pathlib import Path

BASE = (resources.files("perisai.policy") / "policies" / "id.toml").read_text(encoding="utf-8")


def edited(folder: Path, old: str, new: str) -> Path:
    """Write a copy of the shipped policy with one line changed."""
    assert BASE.count(old) >= 1
    file = folder / "p.toml"
    file.write_text(BASE.replace(old, new, 1), encoding="utf-8")
    return file


def line_of(text: str, file: Path) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


MODEL_LINE = 'sources = ["model", "text"]\n'
REVIEW_ADULT = "16-17 = 0.30, adult = 0.80 }"


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        (
            MODEL_LINE,
            f'{MODEL_LINE}block = ["3-5"]\n',
            'block = ["3-5"]\n'.strip(),
            "rules.looks-explicit.block: what a model says never blocks",
        ),
        (
            'sources = ["hash"]',
            'sources = ["hash", "model"]',
            'block = ["3-5", "6-9", "10-12", "13-15", "16-17"]',
            "rules.on-a-list.block: what a model says never blocks",
        ),
        (
            'sources = ["human"]\nblock',
            'sources = ["human", "text"]\nreview',
            'sources = ["human", "text"]',
            "rules.confirmed.sources: a text cannot say 'listed'",
        ),
        (
            'labels = ["nudity"]\nsources = ["model", "text"]',
            'labels = ["nudity"]\nsources = ["model", "human"]',
            'sources = ["model", "human"]',
            "rules.looks-nude.sources: model gives scores, people and lists do not",
        ),
        (
            'labels = ["suggestive"]\n',
            'labels = ["suggestive"]\nwithhold = ["3-5"]\n',
            'withhold = ["3-5"]',
            "rules.looks-suggestive.withhold: needs a score",
        ),
        (
            'withhold = ["adult"]',
            "withhold_at = { adult = 0.5 }",
            "withhold_at = { adult",
            "rules.on-a-list.withhold_at: people and lists give no scores",
        ),
        (
            'labels = ["nudity"]',
            'labels = ["nudity", "abuse"]',
            '"abuse"]',
            "rules.looks-nude.labels[2]: material on a child abuse list is blocked for everyone",
        ),
        (
            "[abuse.refer]",
            "[abuse]\nblock = []\n[abuse.refer]",
            "block = []",
            "abuse.block: material on a child abuse list is blocked for everyone",
        ),
        (
            "13-15 = 0.20, 16-17 = 0.30",
            "13-15 = 0.20, 16-17 = 0.19",
            "16-17 = 0.19",
            (
                "rules.looks-explicit.review_from.16-17: 0.19 is stricter than for the "
                "younger band 13-15 (0.2)"
            ),
        ),
        (
            "review_from = { 3-5 = 0.10, ",
            "review_from = { ",
            "review_from = { 6-9",
            (
                "rules.looks-explicit.review_from.6-9: 0.1 is stricter than for the "
                "younger band 3-5 (which has no number)"
            ),
        ),
        (
            'withhold = ["adult"]',
            'block = ["adult"]',
            "x",
            "is not valid TOML",
        ),
        (
            '"16-17"]\nwithhold = ["adult"]',
            '"adult"]',
            'block = ["3-5", "6-9", "10-12", "13-15", "adult"]',
            "rules.on-a-list.block: adult gets block, but the younger band 16-17 gets allow",
        ),
        (
            'withhold = ["adult"]',
            'withhold = ["16-17", "adult"]',
            'withhold = ["16-17", "adult"]',
            "rules.on-a-list.withhold[1]: 16-17 stands in 'block' already",
        ),
        (
            REVIEW_ADULT,
            "16-17 = 0.81 }",
            "16-17 = 0.81",
            "rules.looks-explicit.review_from.16-17: 0.81 is above withhold_at (0.8)",
        ),
        (
            'labels = ["suggestive"]',
            'labels = ["nudity"]',
            "[rules.on-a-list]",
            "rules: no rule speaks of 'suggestive' from any model",
        ),
        (
            'labels = ["listed"]\n',
            'labels = ["listed"]\nby = ["mine"]\n',
            "[rules.on-a-list]",
            "rules: no rule speaks of 'listed' from any hash",
        ),
        (
            REVIEW_ADULT,
            "16-17 = 0.30, adults = 0.80 }",
            "adults = 0.80",
            "rules.looks-explicit.review_from.adults: is 'adults'; must be one of '3-5'",
        ),
        (
            REVIEW_ADULT,
            "16-17 = 0.30, adult = 80 }",
            "adult = 80",
            "rules.looks-explicit.review_from.adult: is 80; must be at most 1.0",
        ),
        (
            REVIEW_ADULT,
            "16-17 = 0.30, adult = nan }",
            "adult = nan",
            "rules.looks-explicit.review_from.adult: ",
        ),
        (
            'labels = ["nudity"]',
            'labels = ["nude"]',
            '["nude"]',
            "rules.looks-nude.labels[1]: is 'nude'; must be one of",
        ),
        (
            'labels = ["nudity"]',
            "labels = []",
            "labels = []",
            "rules.looks-nude.labels: ",
        ),
        (
            "[rules.looks-nude]",
            "[rules.abuse]",
            "[rules.abuse]",
            "rules.abuse: is a name that Perisai uses",
        ),
        (
            'id = "Tampaknya bernada seksual."',
            'in = "Tampaknya bernada seksual."',
            "[rules.looks-suggestive.reason]",
            "rules.looks-suggestive.reason.id: is missing; add it",
        ),
        (
            "review_from = { 3-5 = 0.25",
            "reviewfrom = { 3-5 = 0.25",
            "reviewfrom",
            "rules.looks-nude.reviewfrom: is not a known key; did you mean 'review_from'",
        ),
        ("[abuse.refer]", "[refer]", "[refer]", ""),
    ],
)
def test_a_bad_policy_is_refused_with_line_and_key(
    tmp_path: Path, old: str, new: str, at: str, words: str
) -> None:
    file = edited(tmp_path, old, new)
    if at == "x":
        at = new
    with pytest.raises(PolicyError) as caught:
        Policy.load(file)
    text = str(caught.value)
    if words:
        assert text.startswith(f"{file}:{line_of(at, file)}: {words}")
    else:
        assert text.startswith(f"{file}:1: abuse: is missing; add it")


def test_the_shipped_policies_load() -> None:
    assert shipped() == ("generic", "id")
    for name in shipped():
        policy = Policy.load(name)
        assert policy.name == name
        assert policy.generation.startswith(f"{name}-")


def test_a_policy_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"^idn: .*use one of generic, id, or the path"):
        Policy.load("idn")
    with pytest.raises(PolicyError, match="cannot be read"):
        Policy.load(tmp_path / "gone.toml")
    with pytest.raises(PolicyError, match="cannot be read"):
        Policy.load(str(tmp_path / "gone.toml"))


def test_the_generation_changes_with_the_file(tmp_path: Path) -> None:
    one = edited(tmp_path, "0.10", "0.10")
    first = Policy.load(one).generation
    assert Policy.load(one).generation == first
    two = edited(tmp_path, "3-5 = 0.10", "3-5 = 0.09")
    assert Policy.load(two).generation != first
