"""Findings in, a verdict for each age band out."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.errors import PolicyError
from perisai.policy import rules
from perisai.policy.sealing import is_abuse
from perisai.policy.verdict import BandVerdict, Text, Verdict
from perisai.settings import toml
from perisai.terms import AgeBand, Decision, Finding, Label, Source

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from perisai.errors import MediaError
    from perisai.policy.rules import Rule

ABUSE = Text(
    "Known to a child abuse list. Nobody is shown it, and no detail is given; refer it.",
    "Tercatat dalam daftar materi kekerasan seksual terhadap anak. Tidak ditampilkan kepada siapa "
    "pun dan tanpa rincian; laporkan.",
)
UNSCREENABLE = Text(
    "Could not be looked at, and so is shown to nobody.",
    "Tidak dapat diperiksa, sehingga tidak ditampilkan kepada siapa pun.",
)
NOTHING = Text(
    "Nothing was found that this policy withholds from this age.",
    "Tidak ditemukan apa pun yang ditahan kebijakan ini untuk usia ini.",
)


def shipped() -> tuple[str, ...]:
    """Names of the policies that come with Perisai."""
    folder = resources.files("perisai.policy") / "policies"
    return tuple(sorted(Path(f.name).stem for f in folder.iterdir() if f.name.endswith(".toml")))


@dataclass(frozen=True)
class Policy:
    """A policy that has been read and checked.

    ``name`` is a shipped name or the file's, without ``.toml``. ``generation`` changes with every
    change of the file: a kept verdict is good only as long as it stays the same.
    """

    name: str
    title: Text
    rules: tuple[Rule, ...]
    referral: Text
    generation: str

    @classmethod
    def load(cls, source: str | Path) -> Policy:
        """Read a policy: a shipped name (``id``, ``generic``) or the path of a TOML file.

        Raises PolicyError; the message names file, line and key and says what to do.
        """
        if isinstance(source, str) and source in shipped():
            file = resources.files("perisai.policy") / "policies" / f"{source}.toml"
            return cls._parse(file.read_text(encoding="utf-8"), file.name, source)
        path = Path(source).expanduser()
        if isinstance(source, str) and path.suffix != ".toml" and not path.exists():
            names = ", ".join(shipped())
            raise PolicyError(
                f"{source}: is not a policy that comes with Perisai; use one of {names}, or the "
                "path of a TOML file"
            )
        text = toml.read_text(path, PolicyError)
        return cls._parse(text, str(path), path.stem)

    @classmethod
    def _parse(cls, text: str, file: str, name: str) -> Policy:
        content = rules.parse(toml.parse(text, file, PolicyError))
        generation = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
        return cls(name, content.title, content.rules, content.refer, generation)

    def lowest(self, label: Label, by: str = "", source: Source = Source.MODEL) -> float:
        """The lowest score at which this label from this source changes anything for anybody.

        No finding below it need be made. Infinite if no score matters.
        """
        probe = Finding(source, label, 1.0, by=by)
        return min((rule.lowest for rule in self._rules_for(probe)), default=math.inf)

    def thresholds(
        self, label: Label, band: AgeBand, by: str = ""
    ) -> tuple[float | None, float | None]:
        """From which score a model's word gives ``band`` a review, and from which it withholds."""
        rules = self._rules_for(Finding(Source.MODEL, label, 1.0, by=by))
        review = [rule.review_from[band] for rule in rules if band in rule.review_from]
        withhold = [rule.withhold_at[band] for rule in rules if band in rule.withhold_at]
        return min(review, default=None), min(withhold, default=None)

    def judge(
        self,
        findings: Sequence[Finding],
        covered: Container[Label],
        error: MediaError | None = None,
        *,
        reviewers: bool = False,
    ) -> Verdict:
        """Decide for every age band. Depends on nothing but its arguments.

        ``covered`` holds the labels that a loaded model or list can yield; the others are reported
        as not covered. ``error`` says that the file could not be (wholly) looked at. Unless there
        are ``reviewers``, what would be ``review`` is ``withhold``.

        The strictest decision counts; of equal ones, that of the rule which stands first in the
        file, and of its findings the one with the highest score. Raises ValueError for a finding
        ``abuse`` from a model or a search word, which cannot say that.
        """
        not_covered = tuple(label for label in Label if label not in covered)
        if any(is_abuse(finding) for finding in findings):
            verdict = BandVerdict(Decision.BLOCK, "abuse", ABUSE)
            return Verdict(dict.fromkeys(AgeBand, verdict), self.referral, not_covered)
        bands = dict.fromkeys(AgeBand, BandVerdict(Decision.ALLOW, "nothing-found", NOTHING))
        if error is not None:
            text = Text(f"{UNSCREENABLE.en} {error}", f"{UNSCREENABLE.id} {error}")
            bands = dict.fromkeys(AgeBand, BandVerdict(Decision.UNSCREENABLE, "unscreenable", text))
        rank = {rule.name: number for number, rule in enumerate(self.rules)}
        candidates = sorted(
            (
                (rule, finding)
                for finding in _strongest(findings)
                for rule in self._rules_for(finding)
            ),
            key=lambda pair: (rank[pair[0].name], -_score(pair[1])),
        )
        for rule, finding in candidates:
            for band, standing in bands.items():
                decision = rule.decide(finding, _score(finding), band)
                if decision is Decision.REVIEW and not reviewers:
                    decision = Decision.WITHHOLD
                if decision.severity > standing.decision.severity:
                    bands[band] = BandVerdict(decision, rule.name, rule.reasons, finding)
        return Verdict(bands, None, not_covered)

    def _rules_for(self, finding: Finding) -> list[Rule]:
        """The rules that speak of this finding; never none, so that nothing slips through.

        A person's word meets every rule about the label. For the others, a rule that names the
        model or list takes it from the general ones.
        """
        about = [rule for rule in self.rules if finding.label in rule.labels]
        if finding.source is Source.HUMAN:
            return about
        from_it = [rule for rule in about if finding.source in rule.sources]
        named = [rule for rule in from_it if finding.by in rule.by]
        general = [rule for rule in from_it if not rule.by]
        # Evidence that no rule expects, such as a list of another label: the rules about machines'
        # words take it. That there is one is checked when the file is read.
        return named or general or [r for r in about if not r.by and r.sources != {Source.HUMAN}]


def _score(finding: Finding) -> float:
    """The score to compare: people and lists are sure, and so is what is no number at all."""
    if finding.source in rules.MAY_BLOCK or math.isnan(finding.score):
        return 1.0
    return finding.score


def _strongest(findings: Iterable[Finding]) -> list[Finding]:
    """Drop what a person has cleared, and keep the highest score of each kind of evidence.

    Verdicts only ever get stricter with the score, so the others change nothing.
    """
    findings = list(findings)
    cleared = {(f.label, f.frame) for f in findings if _clears(f)}
    strongest: dict[tuple[Source, Label, str], Finding] = {}
    for finding in findings:
        if finding.label is Label.ABUSE or _clears(finding):
            continue
        frames = {None, finding.frame}
        if finding.source is not Source.HUMAN and any(
            (finding.label, f) in cleared for f in frames
        ):
            continue
        key = (finding.source, finding.label, finding.by)
        if key not in strongest or _score(finding) > _score(strongest[key]):
            strongest[key] = finding
    return list(strongest.values())


def _clears(finding: Finding) -> bool:
    # Exactly 0: a person who is only fairly sure has not cleared anything.
    return finding.source is Source.HUMAN and finding.score == 0
