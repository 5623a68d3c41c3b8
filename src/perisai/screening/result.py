"""What is known about one file after screening."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perisai.terms import AgeBand, Decision, Finding, Label, Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from perisai.policy import Verdict


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What the file is: type, size in pixels, displayed frames, length of one run in ms."""

    type: str
    width: int
    height: int
    frames: int
    duration_ms: int
    carries: tuple[str, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what is displayed was looked at.

    ``frames`` counts displayed pictures (a transparent frame counts twice: light and dark),
    ``classified`` those that were given to the models themselves. Every other one differs from one
    that was by at most ``max_residual`` of 255, in every tile of the picture. ``looks`` counts
    views given to models, ``hashed`` the pictures whose PDQ hash is good enough to be looked up.
    """

    frames: int = 0
    classified: int = 0
    max_residual: float = 0.0
    looks: int = 0
    hashed: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file could not be screened: a stable code for programs, a message for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A distinct frame, when it appears, and the highest score of any label by any model."""

    frame: int
    time_ms: int
    score: float


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """The verdict on one file and everything it rests on."""

    path: str
    sha256: str
    md5: str
    media: MediaFacts | None
    verdict: Verdict
    findings: tuple[Finding, ...]
    scores: dict[str, dict[Label, float]]
    coverage: Coverage
    error: Failure | None
    elapsed_ms: float
    looked_at: tuple[LookedAt, ...] = ()
    """Every distinct frame with its highest score by any model; empty beside ``abuse``."""
    stages_ms: dict[str, float] = field(default_factory=dict)
    stills: dict[int, NDArray[np.uint8]] = field(default_factory=dict, repr=False)
    """Small grey pictures (96 x 96) by frame number, only if asked for, never beside ``abuse``."""

    def decision(self, band: AgeBand) -> Decision:
        """Return what a member of ``band`` gets."""
        return self.verdict.bands[band].decision

    @property
    def sealed(self) -> bool:
        """True when something in the file is on a child abuse list."""
        return any(f.label is Label.ABUSE for f in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON form (docs/screening.md)."""
        media = self.media
        verdicts = self.verdict.bands
        return {
            "path": self.path,
            "sha256": self.sha256,
            "media": None
            if media is None
            else {
                "type": media.type,
                "width": media.width,
                "height": media.height,
                "frames": media.frames,
                "duration_ms": media.duration_ms,
                "carries": list(media.carries),
                "truncated": media.truncated,
            },
            "verdicts": {band.value: verdicts[band].decision.value for band in AgeBand},
            "reasons": {
                band.value: {"rule": verdicts[band].rule, "reason": verdicts[band].reason}
                for band in AgeBand
            },
            "findings": [finding_json(finding) for finding in self.findings],
            "scores": {
                model: {label.value: round(score, 4) for label, score in labels.items()}
                for model, labels in self.scores.items()
            },
            "coverage": {
                "frames": self.coverage.frames,
                "classified": self.coverage.classified,
                "max_residual": round(self.coverage.max_residual, 2),
                "looks": self.coverage.looks,
                "hashed": self.coverage.hashed,
            },
            "not_covered": [label.value for label in self.verdict.not_covered],
            "refer": self.verdict.refer,
            "error": None
            if self.error is None
            else {"code": self.error.code, "message": self.error.message},
            "elapsed_ms": round(self.elapsed_ms, 1),
        }


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return one finding as JSON; an ``abuse`` finding says nothing but its label."""
    if finding.label is Label.ABUSE:
        return {
            "frame": None,
            "time_ms": None,
            "source": Source.HASH.value,
            "label": Label.ABUSE.value,
            "score": 1.0,
            "by": "",
            "detail": "",
        }
    return {
        "frame": finding.frame,
        "time_ms": finding.time_ms,
        "source": finding.source.value,
        "label": finding.label.value,
        "score": round(finding.score, 4),
        "by": finding.by,
        "detail": finding.detail,
    }
