from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn import metrics

from perisai.matching.lists import Entry, Kind, ListStore
from perisai.screening import Screener
from perisai.screening.evaluation.labelled import read_labels
from perisai.screening.evaluation.measuring import Evaluation, _distinct, evaluate
from perisai.screening.evaluation.report import to_html, to_json
from perisai.screening.evaluation.wording import notices
from perisai.terms import AgeBand, Decision, Label
from tests.screening.evaluation import made

if TYPE_CHECKING:
    from pathlib import Path


def test_curves_compare_one_label_with_harmless_files() -> None:
    samples = [*made.many(), made.sample(0.99, Label.SUGGESTIVE)]
    (measured,) = made.evaluation(samples).measured
    about = [s for s in samples if s.file.label is not Label.SUGGESTIVE]
    truth = [s.file.label is Label.EXPLICIT for s in about]
    scores = [s.scores["opennsfw"][Label.EXPLICIT] for s in about]
    assert measured.curve.auc == pytest.approx(metrics.roc_auc_score(truth, scores))
    assert (measured.curve.positives, measured.curve.negatives) == (40, 120)
    assert set(measured.by_media) == {"gif", "webp", "mp4"}
    assert sum(each.positives for each in measured.by_media.values()) == 40
    for media, each in measured.by_media.items():
        rows = [(t, s) for t, s, x in zip(truth, scores, about, strict=True) if x.media == media]
        assert each.auc == pytest.approx(metrics.roc_auc_score(*zip(*rows, strict=True)))


def test_tables_count_decisions() -> None:
    samples = [
        made.sample(0.9, Label.EXPLICIT),
        made.sample(0.15, Label.EXPLICIT, media="webp"),
        made.sample(0.05, Label.EXPLICIT),
        made.sample(0.5, Label.SUGGESTIVE),
        made.sample(0.01, kind="sport"),
        made.sample(0.12, kind="art"),
    ]
    found = made.evaluation(samples)
    allow, review, withhold = Decision.ALLOW, Decision.REVIEW, Decision.WITHHOLD
    assert found.by_label() == {
        "explicit": Counter({withhold: 1, review: 1, allow: 1}),
        "suggestive": Counter({withhold: 1}),
        "harmless": Counter({allow: 1, review: 1}),
    }
    assert list(found.by_label()) == ["explicit", "suggestive", "harmless"]
    assert found.by_label(AgeBand.ADULT)["explicit"] == Counter({review: 1, allow: 2})
    assert found.by_media("explicit") == {
        "gif": Counter({withhold: 1, allow: 1}),
        "webp": Counter({review: 1}),
    }
    assert found.by_kind() == {"art": Counter({review: 1}), "sport": Counter({allow: 1})}
    assert made.evaluation(samples[:4]).by_kind() == {}


def test_mistakes_come_worst_first() -> None:
    samples = [
        made.sample(0.09, Label.EXPLICIT),
        made.sample(0.01, Label.EXPLICIT),
        made.sample(0.9, Label.EXPLICIT),
        made.sample(0.3),
        made.sample(0.7),
        made.sample(0.0),
    ]
    found = made.evaluation(samples)
    assert [score for _, score in found.mistakes(harmful=True)] == [0.01, 0.09]
    assert [score for _, score in found.mistakes(harmful=False)] == [0.7, 0.3]
    assert len(found.mistakes(harmful=False, most=1)) == 1


def test_copies_count_once_and_contradictions_not_at_all() -> None:
    one = made.sample(0.5, Label.EXPLICIT, name="a")
    copy = replace(made.sample(0.5, Label.EXPLICIT, name="b"), sha256=one.sha256)
    other = made.sample(0.1, name="c")
    against = replace(made.sample(0.1, Label.NUDITY, name="d"), sha256=other.sha256)
    unread = [replace(made.sample(0.1, name=n, error="gone"), sha256="") for n in "ef"]
    kept, duplicates, contradictions = _distinct([copy, one, other, against, *unread])
    assert [str(sample.file.path) for sample in kept] == ["a", "e", "f"]
    assert duplicates == 1
    assert contradictions == ["c = d"]


def said(evaluation: Evaluation) -> str:
    return "\n".join(text.en for text in notices(evaluation))


def test_notices_say_what_the_numbers_cannot_bear() -> None:
    few = made.evaluation(made.many(20, 50))
    assert "20 explicit files cannot show that opennsfw finds 99.0%" in said(few)
    assert "at least 368 files" in said(few)
    assert "50 harmless files are few" in said(few)
    assert "no harmless files" in said(made.evaluation([made.sample(0.9, Label.EXPLICIT)]))
    harmless = made.evaluation([made.sample(0.1)])
    assert "no harmful files" in said(harmless)
    assert harmless.measured == []
    drawn = made.evaluation([made.sample(0.4, Label.DRAWN_EXPLICIT), made.sample(0.1)])
    assert "No loaded model can say 'drawn_explicit'" in said(drawn)
    broken = made.evaluation([made.sample(0.1), made.sample(0.0, name="x", error="gone")])
    assert "Could not be screened, so shown to nobody and in no curve: 1." in said(broken)
    sealed = replace(made.evaluation([made.sample(0.1)]), sealed=2)
    assert "On a child abuse list, and left out: 2. Do not save" in said(sealed)


def test_enough_files_need_no_notice() -> None:
    harmful = [made.sample(0.9, Label.EXPLICIT, name=f"e{i}") for i in range(400)]
    harmless = [made.sample(0.01, name=f"h{i}") for i in range(400)]
    found = made.evaluation([*harmful, *harmless])
    assert notices(found) == []
    assert found.measured[0].advice.shown


def test_real_files_end_to_end(tmp_path: Path) -> None:
    files = read_labels(made.write_material(tmp_path / "material"))
    ticks = []
    with Screener(made.settings(tmp_path)) as screener:
        found = evaluate(files, screener, want=0.9, progress=lambda: ticks.append(1))
    assert len(ticks) == len(files) == 13
    assert found.duplicates == 1
    assert dict(found.counts) == {"explicit": 5, "harmless": 6}
    (measured,) = found.measured
    assert measured.curve.auc == 1.0
    assert measured.advice.recall.rate == 1.0
    assert np.isfinite(measured.advice.threshold or np.nan)
    assert found.by_label()["explicit"] == Counter({Decision.WITHHOLD: 5})
    assert found.by_label()["harmless"] == Counter({Decision.ALLOW: 6, Decision.UNSCREENABLE: 1})
    (broken,) = [sample for sample in found.samples if sample.error]
    assert broken.file.path.name == "broken.gif"
    assert found.by_kind() == {
        "": Counter({Decision.UNSCREENABLE: 1}),
        "noise": Counter({Decision.ALLOW: 6}),
    }


def test_what_is_on_an_abuse_list_is_left_out(tmp_path: Path) -> None:
    """A harmless stand-in on a list labelled abuse: only its number is told."""
    material = made.write_material(tmp_path / "material")
    store = ListStore(tmp_path / "home")
    store.create("stand-in", source="this test", label=Label.ABUSE)
    digest = hashlib.sha256((material / "explicit" / "0.gif").read_bytes()).digest()
    store.add("stand-in", [Entry(Kind.SHA256, digest)])
    with Screener(made.settings(tmp_path)) as screener:
        found = evaluate(read_labels(material), screener)
    assert found.sealed == 1
    assert found.counts["explicit"] == 4
    page = to_html(found, source="m", made=datetime(2026, 1, 2, tzinfo=UTC))
    assert "explicit/0.gif" not in page + str(to_json(found))
    assert "On a child abuse list, and left out: 1." in page


def test_hash_lists_have_no_say(tmp_path: Path) -> None:
    material = made.write_material(tmp_path / "material")
    store = ListStore(tmp_path / "home")
    store.create("known", source="this test", label=Label.LISTED)
    digest = hashlib.sha256((material / "harmless" / "noise" / "6.gif").read_bytes()).digest()
    store.add("known", [Entry(Kind.SHA256, digest)])
    with Screener(made.settings(tmp_path)) as screener:
        found = evaluate(read_labels(material), screener)
    assert found.by_kind()["noise"] == Counter({Decision.ALLOW: 6})
