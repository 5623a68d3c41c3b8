"""The JSON form is what docs/screening.md says, no more and no less."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from perisai.policy import Policy
from perisai.screening.result import (
    Coverage,
    Failure,
    LookedAt,
    MediaFacts,
    ScreenResult,
    finding_json,
)
from perisai.terms import AgeBand, Decision, Finding, Label, Source
from tests.common.screening import clip, marked, scene

DOCUMENT = Path(__file__).parents[2] / "docs" / "screening.md"
FINDING = Finding(Source.MODEL, Label.EXPLICIT, 0.123456, 3, 240, "tiny", "here")


def result(findings=(), error=None, **fields):
    policy = Policy.load("id")
    facts = {
        "path": "a.gif",
        "sha256": "ab" * 32,
        "md5": "cd" * 16,
        "media": MediaFacts("gif", 10, 20, 3, 300, ("ZIP archive",)),
        "verdict": policy.judge(list(findings), set(), error),
        "findings": tuple(findings),
        "scores": {"tiny": {Label.EXPLICIT: 0.123456}},
        "coverage": Coverage(3, 2, 4.5678, 2, 3),
        "error": error and Failure(error.code, str(error)),
        "elapsed_ms": 12.3456,
        "looked_at": (LookedAt(0, 0, 0.1),),
    }
    return ScreenResult(**facts | fields)


def documented() -> dict[str, set[str]]:
    """The table of keys: each key with the words in code that its meaning names."""
    table = DOCUMENT.read_text().partition("## The JSON form")[2].partition("## ")[0]
    keys = {}
    for line in table.splitlines():
        match = re.fullmatch(r"\| (`.*`) \| (.*) \|", line)
        for name in re.findall(r"`(\w+)`", match[1]) if match else ():
            keys[name] = set(re.findall(r"`([\w-]+)`", match[2]))
    return keys


def test_every_documented_key_is_there_and_every_key_is_documented():
    assert set(result().to_json()) == set(documented())


def test_so_are_the_keys_within():
    told, meant = result([FINDING]).to_json(), documented()
    assert set(told["media"]) == meant["media"]
    assert set(told["coverage"]) == meant["coverage"]
    assert set(told["findings"][0]) == meant["findings"]
    assert set(told["reasons"]["3-5"]) == meant["reasons"]
    assert meant["verdicts"] == set(Decision)
    failed = result(error=_error()).to_json()
    assert set(failed["error"]) == meant["error"]


def _error():
    from perisai.errors import BrokenMedia

    return BrokenMedia("It is broken.")


def test_numbers_are_short_and_nothing_is_lost_on_the_way():
    told = json.loads(json.dumps(result([FINDING]).to_json(), allow_nan=False))
    assert told["findings"][0]["score"] == 0.1235
    assert told["scores"] == {"tiny": {"explicit": 0.1235}}
    assert told["coverage"]["max_residual"] == 4.57
    assert told["elapsed_ms"] == 12.3
    assert list(told["verdicts"]) == list(AgeBand)
    assert told["error"] is told["refer"] is None


def test_what_could_not_be_told_is_null():
    told = result(error=_error(), media=None, coverage=Coverage(), scores={}).to_json()
    assert told["media"] is None
    assert set(told["verdicts"].values()) == {"unscreenable"}
    assert told["error"] == {"code": "broken_media", "message": "It is broken."}


def test_a_finding_of_abuse_says_nothing_but_that():
    """Even if somebody made one with details."""
    careless = Finding(Source.HASH, Label.ABUSE, 0.5, 7, 560, "a-list", "3 bits apart")
    told = finding_json(careless)
    assert set(told) == set(finding_json(FINDING))
    assert told == {
        "frame": None, "time_ms": None, "source": "hash", "label": "abuse", "score": 1.0,
        "by": "", "detail": "",
    }  # fmt: skip


def test_decisions_by_band_and_seal():
    mild, sealed = result([FINDING]), result([Finding(Source.HASH, Label.ABUSE, 1.0)])
    assert mild.decision(AgeBand.ADULT) is Decision.ALLOW
    assert not mild.sealed
    assert sealed.sealed
    assert sealed.decision(AgeBand.ADULT) is Decision.BLOCK


@pytest.mark.parametrize("frames", [1, 3])
def test_a_real_result_has_the_same_form(screener, frames):
    told = screener.screen(clip([*scene(frames), marked(scene(1)[0])])).to_json()
    assert set(told) == set(documented())
    assert set(told["media"]) == documented()["media"]
    assert told["media"]["frames"] == frames + 1
    json.dumps(told, allow_nan=False)
