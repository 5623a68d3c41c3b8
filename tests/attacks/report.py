"""The suite's table, as docs/attacks.md shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks.harness import DETECTORS, Outcome
from tests.attacks.suite import ATTACKS, CLEAN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

INTRODUCTION = """# Attacks, and what is found

Made by `python -m tests.attacks`; `make test` holds every line to its minimum.

Each clip hides a *stand-in*: a harmless drawn picture that is on a hash list and carries a mark
that a tiny model looks for, so one clip tries both detectors. Covers are real video. The model
stands for any classifier that sees the picture as OpenNSFW does: the middle three quarters of it,
and the border only of wide and tall pictures (`--whole-picture` for all).

- **found**: of all clips of the attack; *at least* is the minimum that the tests demand.
- **beyond**: not found, and the detector does not recognise the changed stand-in either when it is
  shown nothing else, neither before it was encoded nor as it comes out of the file. They count as
  not found, and are named below.
- **missed**: not found although one frame alone is recognised: a fault of the pipeline.
"""


def table(outcomes: Sequence[Outcome], alarms: Sequence[str]) -> str:
    """Return the whole report as Markdown."""
    reasons = [f"- {attack.name}: {attack.why}." for attack in ATTACKS if attack.why]
    lines = [INTRODUCTION, *_rows(outcomes), "", *_summary(outcomes, alarms)]
    return "\n".join([*lines, "\nWhere less than all is found:\n", *reasons, *_named(outcomes)])


def _rows(outcomes: Sequence[Outcome]) -> Iterator[str]:
    columns = "found | at least | beyond | missed"
    yield f"| attack | clips | hash list: {columns} | model: {columns} |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    attacks = {attack.name: attack for attack in ATTACKS}
    for outcome in outcomes:
        attack = attacks[outcome.attack]
        cells = [attack.name, str(attack.clips)]
        for detector, least in zip(DETECTORS, (attack.hash_least, attack.model_least), strict=True):
            count = outcome.counts[detector]
            cells += [
                f"{count.share:.0%}",
                f"{least:.0%}",
                str(len(count.beyond)),
                str(len(count.missed)),
            ]
        yield "| " + " | ".join(cells) + " |"


def _summary(outcomes: Sequence[Outcome], alarms: Sequence[str]) -> Iterator[str]:
    clips = sum(next(iter(outcome.counts.values())).clips for outcome in outcomes)
    for detector in DETECTORS:
        counts = [outcome.counts[detector] for outcome in outcomes]
        yield (
            f"- By the {detector}: {sum(c.found for c in counts)} of {clips} clips found, "
            f"{sum(len(c.beyond) for c in counts)} beyond, "
            f"{sum(len(c.missed) for c in counts)} missed."
        )
    lost = [name for outcome in outcomes for name in outcome.unscreenable]
    yield f"- Not screenable, and so withheld: {len(lost)}."
    yield f"- False alarms on {CLEAN} clips with nothing in them: {len(alarms)}."
    yield from (f"  - {alarm}" for alarm in alarms)


def _named(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for kind in ("missed", "beyond"):
        lines = [
            f"- {outcome.attack}, {detector}: {'; '.join(names)}"
            for outcome in outcomes
            for detector, count in outcome.counts.items()
            if (names := getattr(count, kind))
        ]
        if lines:
            yield f"\n## {kind.capitalize()}, by name\n"
            yield from lines
