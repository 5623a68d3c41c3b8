"""Suspected child abuse leaves no detail behind: not where, not which list, not how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from perisai.terms import Finding, Label, Source

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_abuse(finding: Finding) -> bool:
    """Whether this finding seals the file.

    A person's 0 for ``abuse`` neither seals nor clears: who may take an entry off a child abuse
    list is the list's owner. Raises ValueError for a model or a search word, which cannot say it.
    """
    if finding.label is not Label.ABUSE:
        return False
    if finding.source in (Source.MODEL, Source.TEXT):
        raise ValueError(
            f"a {finding.source} cannot say 'abuse': only a list or a person can. Map the class "
            "to another label"
        )
    return not (finding.source is Source.HUMAN and finding.score == 0)


def seal(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What may be written down or sent of ``findings``.

    Without ``abuse`` among them, all of it. With it, one bare finding for each source and label:
    no frame, time, list, model or detail, and the number of matches is not told either.
    """
    findings = tuple(findings)
    if not any(is_abuse(finding) for finding in findings):
        return findings
    bare: dict[tuple[Source, Label], float] = {}
    for finding in findings:
        if finding.label is Label.ABUSE and not is_abuse(finding):
            continue
        key = (finding.source, finding.label)
        bare[key] = max(bare.get(key, 0.0), finding.score)
    return tuple(
        Finding(source, label, 1.0 if label is Label.ABUSE else score)
        for (source, label), score in bare.items()
    )
