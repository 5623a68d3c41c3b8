"""From kept evidence and people's opinions to a verdict; pure, and the same for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from perisai.errors import MediaError
from perisai.terms import Finding, Label, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.policy import Policy, Verdict


class KnownEvidence(Protocol):
    """What a verdict rests on: a ``Looked``, or a fact that was kept of one."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found."""

    @property
    def covered(self) -> frozenset[Label]:
        """What could have been found."""

    @property
    def error(self) -> tuple[str, str] | None:
        """Code and message of what could not be looked at."""


def judge(
    looked: KnownEvidence,
    opinions: Iterable[Finding],
    policy: Policy,
    *,
    reviewers: bool = False,
) -> Verdict:
    """Judge evidence together with what people said of it, in the order in which they said it.

    Of people's opinions on the same label of the same frame (or of the whole file) the last counts.
    Other findings among ``opinions``, such as those about a title, are taken as they are.
    ``policy`` must be the one that the evidence's basis rests on: scores below the lowest one that
    matters to it were never written down. Depends on nothing but its arguments.
    """
    last: dict[tuple[Label, int | None], Finding] = {}
    others = []
    for finding in opinions:
        if finding.source is Source.HUMAN:
            last[finding.label, finding.frame] = finding
        else:
            others.append(finding)
    error = None if looked.error is None else MediaError(looked.error[1])
    findings = [*looked.findings, *others, *last.values()]
    return policy.judge(findings, looked.covered, error, reviewers=reviewers)
