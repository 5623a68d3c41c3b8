"""What everybody who wants files looked at may ask, whoever does the looking."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from perisai.terms import Finding, Label, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.screening.result import ScreenResult

LASTING = frozenset({"unknown_media", "broken_media", "too_large"})
"""Codes of errors that the same bytes would meet again under the same basis."""

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in some bytes, without a verdict: :mod:`perisai.screening.judging` gives one.

    ``basis`` names models, policy, lists and settings that the evidence rests on; it is never newer
    than the lists that were asked. ``covered`` are the labels that could have been found. ``error``
    is (code, message) of what could not be looked at, which withholds. ``type`` is the short name
    of the media type as sniffed, empty if unknown. Findings on a child abuse list are sealed: they
    say nothing but that. ``size`` counts bytes.
    """

    sha256: str
    basis: str
    findings: tuple[Finding, ...]
    covered: frozenset[Label]
    error: tuple[str, str] | None
    type: str
    width: int
    height: int
    frames: int
    duration_ms: int
    size: int

    @classmethod
    def of(cls, result: ScreenResult, basis: str, covered: frozenset[Label], size: int) -> Self:
        """Take from a result what is kept of it."""
        media = result.media
        return cls(
            sha256=result.sha256,
            basis=basis,
            findings=result.findings,
            covered=covered,
            error=None if result.error is None else (result.error.code, result.error.message),
            type=media.type if media else "",
            width=media.width if media else 0,
            height=media.height if media else 0,
            frames=media.frames if media else 0,
            duration_ms=media.duration_ms if media else 0,
            size=size,
        )

    @property
    def lasting(self) -> bool:
        """Whether looking again on the same basis would give the same answer.

        False where it failed for a reason that may pass: a worker that died or took too long, lists
        that could not be read. Such an answer withholds now, and is not worth keeping.
        """
        return self.error is None or self.error[0] in LASTING

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; :meth:`from_json` reads them back, to the last bit."""
        return {
            "sha256": self.sha256,
            "basis": self.basis,
            "findings": [finding_to_json(finding) for finding in self.findings],
            "covered": sorted(label.value for label in self.covered),
            "error": None if self.error is None else list(self.error),
            "type": self.type,
            "width": self.width,
            "height": self.height,
            "frames": self.frames,
            "duration_ms": self.duration_ms,
            "size": self.size,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote; raises ValueError for anything else."""
        try:
            error = data["error"]
            return cls(
                sha256=_digest(data["sha256"]),
                basis=_digest(data["basis"]),
                findings=tuple(finding_from_json(each) for each in data["findings"]),
                covered=frozenset(Label(each) for each in data["covered"]),
                error=None if error is None else (_text(error[0]), _text(error[1])),
                type=_text(data["type"]),
                width=_count(data["width"]),
                height=_count(data["height"]),
                frames=_count(data["frames"]),
                duration_ms=_count(data["duration_ms"]),
                size=_count(data["size"]),
            )
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"this is not the evidence on a file: {error!r}") from error


class Screening(Protocol):
    """Looks at files, one at a time or many at once, in this process or in another."""

    async def basis(self) -> str:
        """What evidence given now would rest on: 64 hexadecimal digits.

        It changes with models, policy, settings of screening and, within about a second, with hash
        lists. Cheap: it may be asked for every request. Raises ServiceError if nobody can say, and
        ListError if the lists cannot be read.
        """

    async def screen(self, data: bytes, name: str = "", *, urgent: bool = False) -> Looked:
        """Look at every frame; ``name`` only tells whether a file's ending lies.

        ``urgent`` (a child waits) goes before everything that is not. A bad file is an answer, too
        (with an ``error``). Cancelling the call takes the file out of the line. Raises ServiceBusy
        if too many wait already, and ServiceError if there is no answer.
        """

    async def look(
        self, data: bytes, name: str = "", *, urgent: bool = False
    ) -> tuple[Looked, ScreenResult]:
        """Like :meth:`screen`, with the whole result and its verdict, for those who show it."""

    async def close(self) -> None:
        """Let go of everything. May be called again."""


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain JSON values, with its exact score."""
    return {
        "source": finding.source.value,
        "label": finding.label.value,
        "score": finding.score,
        "frame": finding.frame,
        "time_ms": finding.time_ms,
        "by": finding.by,
        "detail": finding.detail,
    }


def finding_from_json(data: Mapping[str, Any]) -> Finding:
    """Read what :func:`finding_to_json` wrote; raises ValueError, LookupError or TypeError."""
    score = data["score"]
    if type(score) not in (int, float) or not math.isfinite(score) or not 0 <= score <= 1:
        raise ValueError("a score lies in 0..1")
    return Finding(
        source=Source(data["source"]),
        label=Label(data["label"]),
        score=float(score),
        frame=None if data["frame"] is None else _count(data["frame"]),
        time_ms=None if data["time_ms"] is None else _count(data["time_ms"]),
        by=_text(data["by"]),
        detail=_text(data["detail"]),
    )


def _digest(value: object) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise ValueError("a digest has 64 hexadecimal digits")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text is needed")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:  # True is an int to isinstance
        raise ValueError("a whole number is needed")
    return value
