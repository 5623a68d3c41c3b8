"""Turns scores and matches into findings: evidence with a frame, a time and a source."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from perisai.screening.result import LookedAt
from perisai.terms import Finding, Label, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from perisai.matching.digests import Digests
    from perisai.matching.lists import Matcher
    from perisai.models.registry import Look
    from perisai.screening.evidence import Batch, Evidence, Shown


class Scores:
    """What the models said, by model and distinct frame; the highest of several views counts."""

    def __init__(self, models: Sequence[str]) -> None:
        self._names = list(models)
        self._scores: list[defaultdict[int, dict[Label, float]]] = [
            defaultdict(dict) for _ in models
        ]
        self._details: dict[tuple[int, int, Label], str] = {}
        self.seconds = 0.0
        """Wall time spent in the models."""

    def add(self, batch: Batch, looks: Sequence[Look]) -> None:
        """Take in what one model said of one batch."""
        for shown, look in zip(batch.shown, looks, strict=True):
            known = self._scores[batch.model][shown.ordinal]
            for label, score in look.scores.items():
                if score >= known.get(label, 0.0):
                    known[label] = score
                    self._details[batch.model, shown.ordinal, label] = _regions(look, label)

    def highest(self) -> dict[str, dict[Label, float]]:
        """Return the highest score in the file by model name and label."""
        result: dict[str, dict[Label, float]] = {}
        for name, by_frame in zip(self._names, self._scores, strict=True):
            best = result.setdefault(name, {})
            for labels in by_frame.values():
                for label, score in labels.items():
                    best[label] = max(score, best.get(label, 0.0))
        return result

    def looked_at(self, evidence: Evidence) -> tuple[LookedAt, ...]:
        """Return every distinct frame with its highest score, in order of appearance."""
        best = self._best(evidence)
        return tuple(
            LookedAt(shown.frame, shown.time_ms, best[ordinal])
            for ordinal, shown in evidence.representatives.items()
        )

    def stills(self, evidence: Evidence) -> dict[int, NDArray[np.uint8]]:
        """Return small grey pictures by frame number: of a transparent frame, the worse one."""
        best = self._best(evidence)
        stills: dict[int, NDArray[np.uint8]] = {}
        for ordinal in sorted(evidence.stills, key=best.__getitem__):
            stills[evidence.representatives[ordinal].frame] = evidence.stills[ordinal]
        return stills

    def _best(self, evidence: Evidence) -> dict[int, float]:
        best = dict.fromkeys(evidence.representatives, 0.0)
        for by_frame in self._scores:
            for ordinal, labels in by_frame.items():
                best[ordinal] = max([best[ordinal], *labels.values()])
        return best

    def findings(self, evidence: Evidence, lowest: Callable[[Label, str], float]) -> list[Finding]:
        """Return a finding for every score that matters to some age band.

        ``lowest`` tells from which score on a label by a model changes anybody's verdict; what lies
        below is kept only as the file's highest score.
        """
        found = []
        for model, (name, by_frame) in enumerate(zip(self._names, self._scores, strict=True)):
            for ordinal, labels in by_frame.items():
                shown = evidence.representatives[ordinal]
                found += [
                    Finding(
                        source=Source.MODEL,
                        label=label,
                        score=score,
                        frame=shown.frame,
                        time_ms=shown.time_ms,
                        by=name,
                        detail=_joined(self._details[model, ordinal, label], _backdrop(shown)),
                    )
                    for label, score in labels.items()
                    if score >= lowest(label, name)
                ]
        return found


def _regions(look: Look, label: Label) -> str:
    """Say where a detector saw it: class and box in per cent of the picture, best first."""
    regions = sorted((r for r in look.regions if r.label is label), key=lambda r: -r.score)
    return "; ".join(
        f"{r.name} {r.score:.2f} at {r.box[0]:.0%} {r.box[1]:.0%} to {r.box[2]:.0%} {r.box[3]:.0%}"
        for r in regions[:4]
    )


def _backdrop(shown: Shown) -> str:
    """Say it if a transparent picture was seen on black: on a white page it may look innocent."""
    return "on a dark background" if shown.on_dark else ""


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def list_findings(evidence: Evidence, matcher: Matcher, digests: Digests) -> list[Finding]:
    """Return what hash lists know of the file itself, its frames, and their sequence."""
    found = [
        Finding(
            Source.HASH, match.label, 1.0, by=match.list_name, detail=f"the file's {match.kind}"
        )
        for match in matcher.match_file(digests.sha256, digests.md5)
    ]
    # Many forms of one frame may match one list: the nearest says it, the whole before a part.
    nearest: dict[tuple[int, str], tuple[tuple[int, bool], Finding]] = {}
    for match in matcher.match_frames(evidence.hashes):
        shown = evidence.hash_owners[match.row]
        finding = Finding(
            source=Source.HASH,
            label=match.label,
            score=1.0,
            frame=shown.frame,
            time_ms=shown.time_ms,
            by=match.list_name,
            detail=_joined(
                f"{match.distance} of 256 bits apart ({match.variant or 'whole'})", _backdrop(shown)
            ),
        )
        key = (shown.frame, match.list_name)
        rank = (match.distance, match.variant not in ("", "whole"))
        if key not in nearest or rank < nearest[key][0]:
            nearest[key] = (rank, finding)
    found += [finding for _, finding in sorted(nearest.values(), key=lambda p: p[1].frame or 0)]
    clip = evidence.clip()
    for part in matcher.match_clip(clip) if clip is not None else ():
        shares = f"{part.covered:.0%} of the listed clip, {part.in_order:.0%} of it in order"
        found.append(Finding(Source.HASH, part.label, 1.0, by=part.list_name, detail=shares))
    return found
