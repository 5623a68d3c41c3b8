"""Print the shipped policies as tables: ``python -m perisai.policy.document``.

The output stands between two marks in docs/policy.md; a test compares them.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from perisai.policy.judging import Policy, shipped
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from perisai.policy.rules import Rule

BEGIN = "<!-- tables: made by `python -m perisai.policy.document`; a test compares them -->"
END = "<!-- end of tables -->"


def tables() -> str:
    """One table for each shipped policy, the default first."""
    names = sorted(shipped(), key=lambda name: name != "id")
    return "\n".join(_table(Policy.load(name)) for name in names)


def _table(policy: Policy) -> str:
    head = ["Rule", "Labels", "Whose word", *(f"{band}" for band in AgeBand)]
    lines = [f"### `{policy.name}`: {policy.title}", "", _row(head), _row(["---"] * len(head))]
    for rule in policy.rules:
        labels = ", ".join(f"`{label}`" for label in sorted(rule.labels))
        sources = ", ".join(sorted(rule.sources))
        cells = [_cell(rule, band) for band in AgeBand]
        lines.append(_row([f"`{rule.name}`", labels, sources, *cells]))
    lines.append(_row(["`abuse` (fixed)", "`abuse`", "hash, human", *["block"] * len(AgeBand)]))
    return "\n".join([*lines, "", f"Where abuse is referred: {policy.referral}", ""])


def _cell(rule: Rule, band: AgeBand) -> str:
    certain = rule.certain.get(band, Decision.ALLOW)
    if certain is not Decision.ALLOW:
        return certain.value
    parts = []
    if band in rule.review_from:
        parts.append(f"review from {rule.review_from[band]:.2f}")
    if band in rule.withhold_at:
        parts.append(f"withhold at {rule.withhold_at[band]:.2f}")
    return ", ".join(parts) or "allow"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.stdout.write(tables())
