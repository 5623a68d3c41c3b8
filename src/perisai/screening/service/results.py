"""A whole result as JSON and back, for those who ask the service and show everything."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from perisai.screening.judging import judge
from perisai.screening.result import Coverage, Failure, LookedAt, MediaFacts, ScreenResult
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from perisai.policy import Policy
    from perisai.screening.service.port import Looked


def extras(result: ScreenResult) -> dict[str, Any]:
    """Everything in a result that neither its ``Looked`` nor its policy says; no stills."""
    media = result.media
    return {
        "md5": result.md5,
        "media": media is not None,
        "carries": list(media.carries) if media else [],
        "truncated": media.truncated if media else False,
        "scores": {
            model: {label.value: score for label, score in labels.items()}
            for model, labels in result.scores.items()
        },
        "coverage": asdict(result.coverage),
        "elapsed_ms": result.elapsed_ms,
        "looked_at": [[each.frame, each.time_ms, each.score] for each in result.looked_at],
        "stages_ms": result.stages_ms,
        "sha256": result.sha256,
    }


def unread(models: Iterable[str]) -> dict[str, Any]:
    """What :func:`extras` says of a file that was not even read."""
    return {
        "md5": "",
        "media": False,
        "carries": [],
        "truncated": False,
        "scores": {model: {} for model in models},
        "coverage": {},
        "elapsed_ms": 0.0,
        "looked_at": [],
        "stages_ms": {"model": 0.0},
        "sha256": "",
    }


def rebuild(
    looked: Looked, more: Mapping[str, Any], path: str, policy: Policy, *, reviewers: bool
) -> ScreenResult:
    """Put a result together again; raises ValueError if ``more`` is not what :func:`extras` made.

    The verdict is made here, by the policy that the evidence's basis rests on.
    """
    try:
        media = None
        if more["media"]:
            size = (looked.width, looked.height, looked.frames, looked.duration_ms)
            carries = tuple(map(str, more["carries"]))
            media = MediaFacts(looked.type, *size, carries, bool(more["truncated"]))
        return ScreenResult(
            path=path,
            sha256=more["sha256"],
            md5=more["md5"],
            media=media,
            verdict=judge(looked, (), policy, reviewers=reviewers),
            findings=looked.findings,
            scores={
                model: {Label(label): float(score) for label, score in labels.items()}
                for model, labels in more["scores"].items()
            },
            coverage=Coverage(**more["coverage"]),
            error=None if looked.error is None else Failure(*looked.error),
            elapsed_ms=float(more["elapsed_ms"]),
            looked_at=tuple(LookedAt(*each) for each in more["looked_at"]),
            stages_ms={str(name): float(ms) for name, ms in more["stages_ms"].items()},
        )
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"this is not the result of a file: {error!r}") from error
