"""The answers of the upload check, as JSON."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from perisai.gateway.uploads.standing import OUTDATED, UNSCREENED
from perisai.policy import seal
from perisai.screening.result import Coverage, Failure, MediaFacts, ScreenResult
from perisai.terms import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from perisai.gateway.search.verdicts import Known
    from perisai.gateway.uploads.standing import Stands
    from perisai.terms import AgeBand

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
REASONS = {
    "lost": "The gateway ended before it was looked at; send it again.",
    OUTDATED: "What was decided rests on lists, models or a policy that have changed since; send "
    "it again.",
    "fetch_refused": "Its address, or what came from there, is not one that bytes are taken from.",
    "fetch_failed": "It could not be fetched from its address; send it again.",
}
"""Why nobody looked at an upload, in words; for everything else, the last resort below."""
_LAST_RESORT = "It could not be looked at; send it again."


def answer(
    content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that nobody may keep."""
    return JSONResponse(dict(content), status, headers={**HEADERS, **(headers or {})})


def error(status: int, code: str, message: str, headers: Mapping[str, str]) -> Response:
    """There is no verdict, and why."""
    return answer({"error": {"code": code, "message": message}}, status, headers)


def pending(number: str, headers: Mapping[str, str] | None = None) -> Response:
    """Not decided yet: 202, and where to ask."""
    location = f"/v1/screen/{number}"
    content = {"id": number, "status": "pending", "location": location}
    return answer(content, 202, {"Location": location, "Retry-After": "1", **(headers or {})})


def decided(
    known: Known,
    result: ScreenResult | None,
    *,
    number: str | None,
    band: AgeBand,
    path: str,
    shadow: bool,
) -> dict[str, Any]:
    """A verdict and everything it rests on; ``result`` is there if it was made just now.

    A verdict that was known before has no ``scores`` and no ``coverage``: they are not kept.
    """
    told = _whole(known, result, path)
    decision = known.decision(band)
    head = _head(number, band) | _judgement(decision.value, known.verdict.bands[band].rule)
    head |= {"shadow": False, "screened_before": result is None}
    if not shadow or known.verdict.refer is not None:  # no trial says that abuse may be shown
        return head | told
    facts = {name: told.pop(name) for name in ("path", "sha256", "media", "elapsed_ms")}
    would_be = {name: head[name] for name in ("verdict", "allowed", "rule")} | told
    return head | _SHADOWED | facts | {"would_be": would_be}


def summary(
    stands: Stands, *, number: str, band: AgeBand, sha256: str, shadow: bool
) -> dict[str, Any]:
    """What is known of an upload whose evidence is not at hand, and what webhooks are told."""
    head = _head(number, band) | _judgement(stands.decision, stands.rule)
    head |= {"sha256": sha256 or None, "shadow": False}
    if stands.decision == UNSCREENED:
        message = REASONS.get(stands.rule, _LAST_RESORT)
        return head | {"status": UNSCREENED, "error": {"code": stands.rule, "message": message}}
    sealed = stands.rule == "abuse"
    if shadow and not sealed:
        would_be = {name: head[name] for name in ("verdict", "allowed", "rule")}
        return head | _SHADOWED | {"would_be": would_be}
    return head


_SHADOWED = {"verdict": Decision.ALLOW.value, "allowed": True, "rule": "shadow", "shadow": True}


def _head(number: str | None, band: AgeBand) -> dict[str, Any]:
    return {"id": number, "status": "done", "age_band": band.value}


def _judgement(decision: str, rule: str) -> dict[str, Any]:
    return {"verdict": decision, "allowed": decision == Decision.ALLOW, "rule": rule}


def _whole(known: Known, result: ScreenResult | None, path: str) -> dict[str, Any]:
    """The JSON form of a result (docs/screening.md), judged as people say today."""
    # Who said it is nobody's business outside.
    said = [replace(finding, by="", detail="") for finding in known.human]
    findings = seal([*known.screened.findings, *said])
    sealed = known.verdict.refer is not None
    if result is not None:
        result = replace(result, path=path, verdict=known.verdict, findings=findings)
        if sealed:
            result = replace(result, scores={}, coverage=Coverage())
        return result.to_json()
    screened = known.screened
    facts = (screened.width, screened.height, screened.frames, screened.duration_ms)
    kept = ScreenResult(
        path=path,
        sha256=screened.sha256,
        md5="",
        media=MediaFacts(screened.type, *facts) if screened.type else None,
        verdict=known.verdict,
        findings=findings,
        scores={},
        coverage=Coverage(),
        error=Failure(*screened.error) if screened.error else None,
        elapsed_ms=0.0,
    ).to_json()
    if kept["media"]:
        kept["media"] |= {"carries": None, "truncated": None}
    return kept | {"scores": None, "coverage": None}
