"""What was judged, in numbers: who would have been shown what, by day, band, rule and type.

Nothing here tells of a single upload.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perisai.gateway.uploads.standing import UNSCREENED
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from perisai.storage.ports import Counted

NAME = "uploads"
LONGEST_CLIENT = 100
DECISIONS = (*[decision.value for decision in Decision], UNSCREENED)


def counted(
    client: str, decision: str, rule: str, *, shadow: bool, band: AgeBand, kind: str = ""
) -> dict[str, str]:
    """The labels under which one upload is counted; ``kind`` is its media type."""
    return {
        "client": client[:LONGEST_CLIENT],
        "shadow": "yes" if shadow else "no",
        "band": band.value,
        "decision": decision,
        "rule": rule,
        "type": kind,
    }


@dataclass(slots=True)
class Shadow:
    """What became, or would have become, of uploads; each table counts uploads by decision."""

    clients: set[str] = field(default_factory=set)
    total: Counter[str] = field(default_factory=Counter)
    by_rule: dict[str, Counter[str]] = field(default_factory=dict)
    by_band: dict[str, Counter[str]] = field(default_factory=dict)
    by_type: dict[str, Counter[str]] = field(default_factory=dict)
    by_day: dict[date, Counter[str]] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        """How many were judged at all."""
        return self.total.total() - self.total[UNSCREENED]

    @property
    def withheld(self) -> int:
        """How many of those would have been withheld."""
        return withheld(self.total)

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "keys": sorted(self.clients),
            "judged": self.judged,
            "would_be_withheld": self.withheld,
            "unscreened": self.total[UNSCREENED],
            "decisions": _plain(self.total),
            "by_rule": {name: _plain(n) for name, n in sorted(self.by_rule.items())},
            "by_age_band": {name: _plain(n) for name, n in self.by_band.items()},
            "by_type": {name: _plain(n) for name, n in sorted(self.by_type.items())},
            "by_day": {day.isoformat(): _plain(n) for day, n in sorted(self.by_day.items())},
        }


def withheld(decisions: Counter[str]) -> int:
    """How many of these may not be shown. What nobody looked at is no verdict, and not counted."""
    return decisions.total() - decisions[Decision.ALLOW.value] - decisions[UNSCREENED]


def report(counts: Iterable[Counted], key: str | None = None) -> Shadow:
    """Add up what was counted in shadow mode, of all keys or of this one."""
    found = Shadow()
    for each in counts:
        labels = each.labels
        client, decision = labels.get("client", ""), labels.get("decision", "")
        if labels.get("shadow") != "yes" or decision not in DECISIONS:
            continue
        if key is not None and client != key[:LONGEST_CLIENT]:
            continue
        found.clients.add(client)
        found.total[decision] += each.n
        tables: tuple[tuple[dict[Any, Counter[str]], object], ...] = (
            (found.by_rule, labels.get("rule", "")),
            (found.by_band, labels.get("band", "")),
            (found.by_type, labels.get("type", "") or "unknown"),
            (found.by_day, each.day),
        )
        for table, name in tables:
            table.setdefault(name, Counter())[decision] += each.n
    order = {band.value: number for number, band in enumerate(AgeBand)}
    found.by_band = dict(sorted(found.by_band.items(), key=lambda pair: order.get(pair[0], 99)))
    return found


def _plain(decisions: Counter[str]) -> dict[str, int]:
    return {name: decisions[name] for name in DECISIONS if decisions[name]}
