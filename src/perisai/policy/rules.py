"""The rules of a policy file, and everything that a policy file may not say.

Three things are decided here and not by the file, so that no file can weaken them:

- a model's word (or a search word's) never blocks;
- ``abuse`` always blocks for everyone: a file only says where to refer it;
- an older band is never treated more strictly than a younger one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from perisai.policy.verdict import Text
from perisai.settings.problems import first_problem
from perisai.terms import AgeBand, Decision, Finding, Label, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from perisai.errors import SettingsError
    from perisai.settings.toml import Document

MAY_BLOCK = frozenset({Source.HUMAN, Source.HASH})
"""A person's decision or a trusted list. These give no score: what they say is so."""

RESERVED = ("abuse", "unscreenable", "nothing-found")
"""Names of what the code decides by itself."""

Words = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Score = Annotated[float, Field(strict=True, ge=0, le=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Text(_Table):
    en: Words
    id: Words

    def text(self) -> Text:
        return Text(self.en, self.id)


class _Rule(_Table):
    labels: tuple[Label, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    by: tuple[Words, ...] = ()
    review: tuple[AgeBand, ...] = ()
    withhold: tuple[AgeBand, ...] = ()
    block: tuple[AgeBand, ...] = ()
    review_from: dict[AgeBand, Score] = {}
    withhold_at: dict[AgeBand, Score] = {}
    reason: _Text


class _Abuse(_Table):
    refer: _Text


class _File(_Table):
    title: _Text
    rules: dict[str, _Rule] = Field(min_length=1)
    abuse: _Abuse


@dataclass(frozen=True)
class Rule:
    """One rule: about which labels, from whom, and what each band then gets.

    A rule about people and lists names a decision for a band (``certain``). A rule about scores
    gives the score from which a band gets ``review`` and the one from which it gets ``withhold``.
    """

    name: str
    labels: frozenset[Label]
    sources: frozenset[Source]
    by: frozenset[str]
    certain: Mapping[AgeBand, Decision]
    review_from: Mapping[AgeBand, float]
    withhold_at: Mapping[AgeBand, float]
    reasons: Text

    def decide(self, finding: Finding, score: float, band: AgeBand) -> Decision:
        """What this finding with this score means for this band."""
        decision = Decision.ALLOW
        if score >= self.withhold_at.get(band, math.inf):
            decision = Decision.WITHHOLD
        elif score >= self.review_from.get(band, math.inf):
            decision = Decision.REVIEW
        decision = max(decision, self.certain.get(band, Decision.ALLOW), key=_severity)
        if decision is Decision.BLOCK and finding.source not in MAY_BLOCK:
            return Decision.WITHHOLD
        return decision

    @property
    def lowest(self) -> float:
        """The lowest score that matters to some band; infinite if none does."""
        if self.certain:
            return 0.0
        return min([*self.review_from.values(), *self.withhold_at.values()], default=math.inf)


@dataclass(frozen=True)
class Content:
    """What a policy file says."""

    title: Text
    rules: tuple[Rule, ...]
    refer: Text


def _severity(decision: Decision) -> int:
    return decision.severity


def parse(document: Document) -> Content:
    """Read and check a policy file. Raises the document's error, with line and key."""
    _refuse_about_abuse(document)
    try:
        file = _File.model_validate(document.data)
    except ValidationError as error:
        raise document.problem(*first_problem(error, _File)) from error
    for problem in _problems(document, file):
        raise problem
    rules = tuple(_rule(name, rule) for name, rule in file.rules.items())
    return Content(file.title.text(), rules, file.abuse.refer.text())


def _rule(name: str, rule: _Rule) -> Rule:
    return Rule(
        name=name,
        labels=frozenset(rule.labels),
        sources=frozenset(rule.sources),
        by=frozenset(rule.by),
        certain=_certain(rule),
        review_from=rule.review_from,
        withhold_at=rule.withhold_at,
        reasons=rule.reason.text(),
    )


def _certain(rule: _Rule) -> dict[AgeBand, Decision]:
    # Mildest first: where a band stands twice (which is refused), the strictest would win.
    lists = {
        Decision.REVIEW: rule.review,
        Decision.WITHHOLD: rule.withhold,
        Decision.BLOCK: rule.block,
    }
    return {band: decision for decision, bands in lists.items() for band in bands}


def _refuse_about_abuse(document: Document) -> None:
    """Say it in so many words if a file tries to soften what happens to child abuse."""
    always = "material on a child abuse list is blocked for everyone, whatever a policy says"
    abuse = document.data.get("abuse")
    if isinstance(abuse, dict):
        for key in abuse:
            if key != "refer":
                raise document.problem(
                    ("abuse", key), f"{always}; only 'refer' can be set here: remove this line"
                )
    rules = document.data.get("rules")
    for name, rule in rules.items() if isinstance(rules, dict) else ():
        if name in RESERVED:
            raise document.problem(("rules", name), "is a name that Perisai uses; choose another")
        labels = rule.get("labels") if isinstance(rule, dict) else None
        if isinstance(labels, list) and Label.ABUSE.value in labels:
            key = ("rules", name, "labels", labels.index(Label.ABUSE.value))
            raise document.problem(key, f"{always}; remove 'abuse' from this rule")


def _problems(document: Document, file: _File) -> Iterator[SettingsError]:
    for name, rule in file.rules.items():
        yield from _wrong_kind(document, name, rule)
        yield from _overlaps(document, name, rule)
        yield from _stricter_when_older(document, name, rule)
    yield from _silence(document, file)


def _wrong_kind(document: Document, name: str, rule: _Rule) -> Iterator[SettingsError]:
    """Decisions belong to people and lists, thresholds to scores."""
    scored = [source for source in rule.sources if source not in MAY_BLOCK]
    if scored and rule.block:
        yield document.problem(
            ("rules", name, "block"),
            f"what a {scored[0]} says never blocks: that needs a person's decision or a trusted "
            "list; use withhold_at",
        )
    if Label.LISTED in rule.labels and scored:
        yield document.problem(
            ("rules", name, "sources"),
            f"a {scored[0]} cannot say 'listed'; use sources = [\"hash\"]",
        )
    if scored and len(scored) < len(rule.sources):
        yield document.problem(
            ("rules", name, "sources"),
            f"{scored[0]!s} gives scores, people and lists do not; write two rules",
        )
    for key in ("review", "withhold") if scored else ():
        if key in rule.model_fields_set:
            yield document.problem(
                ("rules", name, key),
                "needs a score to be compared with; use review_from and withhold_at",
            )
    for key in () if scored else ("review_from", "withhold_at"):
        if key in rule.model_fields_set:
            yield document.problem(
                ("rules", name, key),
                "people and lists give no scores; use review, withhold or block with age bands",
            )


def _overlaps(document: Document, name: str, rule: _Rule) -> Iterator[SettingsError]:
    seen: dict[AgeBand, str] = {}
    for key in ("block", "withhold", "review"):
        for position, band in enumerate(getattr(rule, key)):
            if band in seen:
                yield document.problem(
                    ("rules", name, key, position),
                    f"{band!s} stands in {seen[band]!r} already; name each band once",
                )
            seen[band] = key
    for band, start in rule.review_from.items():
        end = rule.withhold_at.get(band, math.inf)
        if start > end:
            yield document.problem(
                ("rules", name, "review_from", band.value),
                f"{start} is above withhold_at ({end}); review begins below it",
            )


def _stricter_when_older(document: Document, name: str, rule: _Rule) -> Iterator[SettingsError]:
    """An older band that gets less than a younger one is a slip of the pen, always."""
    for key in ("review_from", "withhold_at"):
        scores: dict[AgeBand, float] = getattr(rule, key)
        for younger, older in pairwise(AgeBand):
            if scores.get(older, math.inf) < scores.get(younger, math.inf):
                than = f"({scores[younger]})" if younger in scores else "(which has no number)"
                yield document.problem(
                    ("rules", name, key, older.value),
                    f"{scores[older]} is stricter than for the younger band {younger!s} {than}; "
                    "an older band is never treated more strictly",
                )
    certain = _certain(rule)
    for younger, older in pairwise(AgeBand):
        ours, theirs = certain.get(older, Decision.ALLOW), certain.get(younger, Decision.ALLOW)
        if ours.severity > theirs.severity:
            yield document.problem(
                ("rules", name, ours.value),
                f"{older!s} gets {ours!s}, but the younger band {younger!s} gets {theirs!s}; "
                "an older band is never treated more strictly",
            )


def _silence(document: Document, file: _File) -> Iterator[SettingsError]:
    """Every label must be spoken of, so that none is let through because it was forgotten."""
    for label in Label:
        if label is Label.ABUSE:
            continue
        source = Source.HASH if label is Label.LISTED else Source.MODEL
        if not any(
            label in rule.labels and source in rule.sources and not rule.by
            for rule in file.rules.values()
        ):
            yield document.problem(
                ("rules",),
                f"no rule speaks of '{label!s}' from any {source!s}; add one (without 'by'; a rule "
                "without bands lets it through on purpose)",
            )
