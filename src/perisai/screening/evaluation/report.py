"""Write an evaluation down: as JSON, and as one HTML page that needs neither server nor script.

Neither holds a picture, ever.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

from perisai.policy import BAND_NAMES
from perisai.screening.evaluation.intervals import share
from perisai.screening.evaluation.labelled import HARMLESS
from perisai.screening.evaluation.wording import WORDS, notices, percent
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections import Counter
    from datetime import datetime

    from perisai.policy import Language
    from perisai.screening.evaluation.curves import Advice, Curve
    from perisai.screening.evaluation.intervals import Share
    from perisai.screening.evaluation.measuring import Evaluation, Measured, Table

CURVE_POINTS = 200


def held(counts: Counter[Decision]) -> Share:
    """How many files of a row are not allowed."""
    return share(counts.total() - counts[Decision.ALLOW], counts.total())


# ---- JSON


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Everything that was counted, in plain values (docs/evaluate.md)."""
    return {
        "policy": {"name": evaluation.policy.name, "generation": evaluation.policy.generation},
        "age_band": evaluation.band.value,
        "want_recall": evaluation.want,
        "files": dict(evaluation.counts),
        "unscreenable": len(evaluation.samples) - len(evaluation.screened),
        "duplicates": evaluation.duplicates,
        "contradictions": list(evaluation.contradictions),
        "on_abuse_list": evaluation.sealed,
        "not_measured": [label.value for label in evaluation.not_measured],
        "curves": [_measured_json(each) for each in evaluation.measured],
        "age_bands": {band.value: _table_json(evaluation.by_label(band)) for band in AgeBand},
        "media": {word: _table_json(evaluation.by_media(word)) for word in evaluation.by_label()},
        "harmless_kinds": _table_json(evaluation.by_kind()),
        "missed": [str(s.file.path) for s, _ in evaluation.mistakes(harmful=True)],
        "wrongly_held": [str(s.file.path) for s, _ in evaluation.mistakes(harmful=False)],
        "notices": [text.en for text in notices(evaluation)],
    }


def _measured_json(measured: Measured) -> dict[str, Any]:
    return {
        "model": measured.model,
        "label": measured.label.value,
        **_summary_json(measured.curve),
        "advice": _advice_json(measured.advice),
        "media": {media: _summary_json(each) for media, each in measured.by_media.items()},
        "points": _points(measured.curve),
    }


def _summary_json(curve: Curve) -> dict[str, Any]:
    return {
        "positives": curve.positives,
        "negatives": curve.negatives,
        "auc": _number(curve.auc),
        "average_precision": _number(curve.average_precision) if curve.negatives else None,
    }


def _advice_json(advice: Advice) -> dict[str, Any]:
    sure = advice.sure_false_positives
    return {
        "threshold": advice.threshold,
        "recall": advice.recall.to_json(),
        "false_positives": advice.false_positives.to_json(),
        "shown": advice.shown,
        "sure_threshold": advice.sure,
        "sure_false_positives": sure.to_json() if sure else None,
        "files_needed": advice.needed,
    }


def _points(curve: Curve) -> list[dict[str, float]]:
    """Some places on the curve, evenly spread, the infinite threshold left out."""
    step = max(1, len(curve.thresholds) // CURVE_POINTS)
    chosen = sorted({*range(1, len(curve.thresholds), step), len(curve.thresholds) - 1} - {0})
    return [
        {
            "threshold": float(curve.thresholds[i]),
            "recall": float(curve.recall[i]),
            "false_positive_rate": float(curve.false_positive_rate[i]),
            "precision": float(curve.precision[i]),
        }
        for i in chosen
    ]


def _table_json(table: Table) -> dict[str, dict[str, int]]:
    return {
        word: {decision.value: counts[decision] for decision in Decision if counts[decision]}
        for word, counts in table.items()
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


# ---- HTML


def to_html(
    evaluation: Evaluation, *, source: str, made: datetime, language: Language = "en"
) -> str:
    """One page. ``source`` names the material, ``made`` is when it was measured."""
    template = resources.files(__package__).joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template).render(
        language=language,
        t={key: text.into(language) for key, text in WORDS.items()},
        source=source,
        made=made.strftime("%Y-%m-%d %H:%M"),
        evaluation=evaluation,
        band=BAND_NAMES[evaluation.band].into(language),
        bands=list(AgeBand),
        decisions=_used(evaluation),
        notices=[text.into(language) for text in notices(evaluation)],
        measured=[
            _section(evaluation, each, language, number)
            for number, each in enumerate(evaluation.measured)
        ],
        held=held,
        share=lambda found: share_text(found, language),
        percent=lambda rate: "–" if math.isnan(rate) else percent(rate, language),  # noqa: RUF001
        threshold=threshold,
        harmless=HARMLESS,
        failed=[sample for sample in evaluation.samples if sample.error],
    )


def threshold(value: float | None) -> str:
    """A threshold as people would copy it; cut, never rounded up, so that it finds as much."""
    return "–" if value is None else f"{math.floor(value * 1e4) / 1e4:.4f}"  # noqa: RUF001


def share_text(found: Share, language: Language) -> str:
    """``99.0% (97.1% to 99.8%; 198 of 200)``."""
    if not found.total:
        return "–"  # noqa: RUF001 - a dash for "nothing to count"
    to, of = ("to", "of") if language == "en" else ("sampai", "dari")
    low, high = percent(found.low, language), percent(found.high, language)
    rate = percent(found.rate, language)
    return f"{rate} ({low} {to} {high}; {found.hits} {of} {found.total})"


def _used(evaluation: Evaluation) -> list[Decision]:
    """The decisions that occur for any band; a column without a file says nothing."""
    seen = {decision for sample in evaluation.samples for decision in sample.decisions.values()}
    return [decision for decision in Decision if decision in seen]


def _section(
    evaluation: Evaluation, measured: Measured, language: Language, number: int
) -> dict[str, Any]:
    from perisai.screening.evaluation.charts import Charts  # noqa: PLC0415 - Altair is slow to load

    charts = Charts(measured, language, f"c{number}")
    names = ("review_from", "withhold_at")
    values = evaluation.policy.thresholds(measured.label, evaluation.band, measured.model)
    marks = {
        WORDS[name].into(language): value
        for name, value in zip(names, values, strict=True)
        if value is not None
    }
    summary = {WORDS["all_media"].into(language): measured.curve, **measured.by_media}
    both = bool(measured.curve.positives and measured.curve.negatives)
    return {
        "model": measured.model,
        "label": measured.label.value,
        "advice": measured.advice,
        "summary": summary,
        "at_policy": [
            (word, value, asdict(measured.curve.at(value))) for word, value in marks.items()
        ],
        "positives": measured.curve.positives,
        "negatives": measured.curve.negatives,
        "threshold_chart": charts.thresholds(marks),
        "score_chart": charts.scores(),
        "roc_chart": charts.roc() if both else "",
        "precision_chart": charts.precision() if both else "",
    }
