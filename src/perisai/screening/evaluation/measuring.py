"""Screen labelled files and count what the models and the policy make of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from perisai.screening.evaluation.curves import Advice, Curve, advise, curve
from perisai.screening.evaluation.labelled import HARMLESS, LabelledFile
from perisai.terms import AgeBand, Decision, Label, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from perisai.policy import Policy
    from perisai.screening import Screener, ScreenResult


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled file after screening.

    ``scores`` are the highest of the file by model and label, ``decisions`` what the policy makes
    of the models' word alone. ``error`` says why it could not be screened.
    """

    file: LabelledFile
    sha256: str
    media: str
    scores: Mapping[str, Mapping[Label, float]]
    decisions: Mapping[AgeBand, Decision]
    error: str | None = None


@dataclass(frozen=True)
class Measured:
    """How one model tells one label from harmless files."""

    model: str
    label: Label
    curve: Curve
    by_media: Mapping[str, Curve]
    advice: Advice


Table = dict[str, Counter[Decision]]


@dataclass(frozen=True)
class Evaluation:
    """Everything that was counted. Files that could not be screened are in no curve."""

    samples: Sequence[Sample]
    models: Mapping[str, frozenset[Label]]
    policy: Policy
    want: float
    band: AgeBand
    duplicates: int = 0
    contradictions: Sequence[str] = ()
    sealed: int = 0

    @cached_property
    def screened(self) -> list[Sample]:
        """The files that could be screened."""
        return [sample for sample in self.samples if sample.error is None]

    @cached_property
    def counts(self) -> Counter[str]:
        """Screened files by label, ``harmless`` last."""
        words = Counter(sample.file.word for sample in self.screened)
        return Counter({word: words[word] for word in [*map(str, Label), HARMLESS] if words[word]})

    @cached_property
    def measured(self) -> list[Measured]:
        """A curve for each model and each label that it can yield and that some file carries."""
        return [
            self._measure(model, label)
            for model, labels in self.models.items()
            for label in Label
            if label in labels and self.counts[label.value]
        ]

    @property
    def not_measured(self) -> list[Label]:
        """Labels that some file carries but no model can yield."""
        yielded = frozenset[Label]().union(*self.models.values())
        return [label for label in Label if self.counts[label.value] and label not in yielded]

    def table(self, by: Callable[[Sample], str], band: AgeBand | None = None) -> Table:
        """Count decisions for an age band by any property of a file, unscreenable ones too."""
        rows: defaultdict[str, Counter[Decision]] = defaultdict(Counter)
        for sample in self.samples:
            rows[by(sample)][sample.decisions[band or self.band]] += 1
        return dict(sorted(rows.items()))

    def by_label(self, band: AgeBand | None = None) -> Table:
        """Decisions by label, ``harmless`` last."""
        rows = self.table(lambda sample: sample.file.word, band)
        return {word: rows[word] for word in [*map(str, Label), HARMLESS] if word in rows}

    def by_media(self, word: str, band: AgeBand | None = None) -> Table:
        """Decisions by media type, of the files labelled ``word``."""
        return self._only(word).table(lambda sample: sample.media, band)

    def by_kind(self, band: AgeBand | None = None) -> Table:
        """Decisions on harmless files by kind; empty if no kinds are named."""
        rows = self._only(HARMLESS).table(lambda sample: sample.file.kind, band)
        return rows if any(rows) else {}

    def mistakes(self, *, harmful: bool, most: int = 20) -> list[tuple[Sample, float]]:
        """The files that the age band gets wrongly, worst first, with their highest score."""
        wrong = [
            (
                sample,
                max((s for each in sample.scores.values() for s in each.values()), default=0.0),
            )
            for sample in self.screened
            if (sample.file.label is not None) == harmful
            and (sample.decisions[self.band] is Decision.ALLOW) == harmful
        ]
        wrong.sort(key=lambda pair: (pair[1] if harmful else -pair[1], pair[0].file.path))
        return wrong[:most]

    def _only(self, word: str) -> Evaluation:
        kept = [sample for sample in self.samples if sample.file.word == word]
        return Evaluation(kept, self.models, self.policy, self.want, self.band)

    def _measure(self, model: str, label: Label) -> Measured:
        about = [sample for sample in self.screened if sample.file.label in (label, None)]
        whole = _curve(about, model, label)
        kinds = sorted({sample.media for sample in about})
        by_media = {
            media: _curve([sample for sample in about if sample.media == media], model, label)
            for media in kinds
        }
        # A type with one kind of file only has no curve.
        both = {media: each for media, each in by_media.items() if each.positives * each.negatives}
        return Measured(model, label, whole, both, advise(whole, self.want))


def _curve(samples: Sequence[Sample], model: str, label: Label) -> Curve:
    scores = [sample.scores.get(model, {}).get(label, 0.0) for sample in samples]
    return curve([sample.file.label is label for sample in samples], scores)


def evaluate(
    files: Sequence[LabelledFile],
    screener: Screener,
    *,
    want: float = 0.99,
    band: AgeBand = AgeBand.AGE_3_5,
    progress: Callable[[], None] = lambda: None,
) -> Evaluation:
    """Screen ``files`` and count. ``progress`` is called after each.

    The same bytes twice count once, and not at all if they carry two labels. What is on a child
    abuse list is left out and only its number told. Hash lists have no say: what is measured is
    what models and policy do with pictures that nobody has seen before.
    """
    covered = frozenset[Label]().union(*(model.labels for model in screener.models))
    by_path = {str(file.path): file for file in files}
    samples, sealed = [], 0
    for result in screener.screen_many(list(by_path)):
        progress()
        if result.sealed:
            sealed += 1
            continue
        samples.append(_sample(by_path[result.path], result, screener.policy, covered))
    kept, duplicates, contradictions = _distinct(samples)
    return Evaluation(
        samples=kept,
        models={model.name: model.labels for model in screener.models},
        policy=screener.policy,
        want=want,
        band=band,
        duplicates=duplicates,
        contradictions=contradictions,
        sealed=sealed,
    )


def _sample(
    file: LabelledFile, result: ScreenResult, policy: Policy, covered: frozenset[Label]
) -> Sample:
    said = [finding for finding in result.findings if finding.source is Source.MODEL]
    verdict = policy.judge(said, covered, reviewers=True)
    decisions = verdict.decisions
    if result.error:
        decisions = {
            band: max(decision, Decision.UNSCREENABLE, key=lambda d: d.severity)
            for band, decision in decisions.items()
        }
    return Sample(
        file=file,
        sha256=result.sha256,
        media=result.media.type if result.media else "unknown",
        scores=result.scores,
        decisions=decisions,
        error=result.error.message if result.error else None,
    )


def _distinct(samples: Iterable[Sample]) -> tuple[list[Sample], int, list[str]]:
    """Keep one of each content, in order of paths; name the contents that carry two labels."""
    groups: defaultdict[str, list[Sample]] = defaultdict(list)
    for number, sample in enumerate(samples):
        groups[sample.sha256 or f"unread {number}"].append(sample)
    kept: list[Sample] = []
    duplicates, contradictions = 0, list[str]()
    for group in groups.values():
        group.sort(key=lambda sample: sample.file.path)
        if len({sample.file.word for sample in group}) > 1:
            contradictions.append(" = ".join(str(sample.file.path) for sample in group))
            continue
        duplicates += len(group) - 1
        kept.append(group[0])
    kept.sort(key=lambda sample: sample.file.path)
    return kept, duplicates, sorted(contradictions)
