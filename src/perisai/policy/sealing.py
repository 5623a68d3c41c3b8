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

    Without ``abuse`` among them, all of it. With it, one bare ``abuse`` finding for each source and
    nothing else: no frame, time, list, model, score or detail, not how often, and not what else
    was found.
    """
    findings = tuple(findings)
    sources = dict.fromkeys(finding.source for finding in findings if is_abuse(finding))
    if not sources:
        return findings
    return tuple(Finding(source, Label.ABUSE, 1.0) for source in sources)
