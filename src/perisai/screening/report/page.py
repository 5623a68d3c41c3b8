"""Fills the page: no script, no network, no picture but the stills that were asked for."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from perisai import __version__
from perisai.policy import BAND_NAMES
from perisai.screening.names import printable
from perisai.screening.report.timeline import Timeline
from perisai.screening.report.words import words
from perisai.terms import AgeBand, Decision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from perisai.policy import Language, Policy
    from perisai.screening.result import ScreenResult
    from perisai.terms import Finding

FINDINGS_SHOWN = 12
STILLS_SHOWN = 12


def write_report(
    results: Sequence[ScreenResult],
    path: Path,
    *,
    band: AgeBand,
    policy: Policy,
    lang: Language = "en",
) -> None:
    """Write the report on ``results`` to ``path``, worst first; replaces the file as a whole."""
    page = render(results, band=band, policy=policy, lang=lang)
    part = path.with_name(path.name + ".part")
    part.write_text(page, encoding="utf-8", errors="backslashreplace")
    part.replace(path)


def slim(result: ScreenResult) -> ScreenResult:
    """Return the result with only those stills that its report shows: thousands fit in memory."""
    return replace(result, stills={n: result.stills[n] for n in _shown_stills(result)})


def render(
    results: Sequence[ScreenResult], *, band: AgeBand, policy: Policy, lang: Language = "en"
) -> str:
    """Return the page as text."""
    environment = Environment(
        loader=PackageLoader("perisai.screening.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    worst_first = sorted(results, key=lambda r: (-r.decision(band).severity, r.path))
    groups = [
        (decision, [File(r, band, lang) for r in worst_first if r.decision(band) is decision])
        for decision in sorted(Decision, key=lambda d: -d.severity)
    ]
    not_covered = results[0].verdict.not_covered if results else ()
    return environment.get_template("report.html.j2").render(
        lang=lang,
        t=words(lang),
        version=__version__,
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        band=band,
        bands=list(AgeBand),
        band_name=BAND_NAMES[band].into(lang),
        short={b: BAND_NAMES[b].into(lang) if b is AgeBand.ADULT else b.value for b in AgeBand},
        policy=policy,
        policy_title=policy.title.into(lang),
        total=len(results),
        frames=sum(r.coverage.frames for r in results),
        classified=sum(r.coverage.classified for r in results),
        residual=max((r.coverage.max_residual for r in results), default=0.0),
        groups=[group for group in groups if group[1]],
        shares=_shares(results),
        labels=_label_counts(results),
        not_covered=not_covered,
        Decision=Decision,
    )


def _shares(results: Sequence[ScreenResult]) -> dict[AgeBand, list[tuple[Decision, int, float]]]:
    """For each band: decision, number of files, and their share of all in per cent."""
    shares = {}
    for band in AgeBand:
        counts = Counter(result.decision(band) for result in results)
        shares[band] = [
            (decision, counts[decision], 100 * counts[decision] / len(results))
            for decision in Decision
            if counts[decision]
        ]
    return shares


def _label_counts(results: Sequence[ScreenResult]) -> list[tuple[str, str, int]]:
    """Label, source, and in how many files it was found."""
    counts = Counter(
        key for r in results for key in {(f.label.value, f.source.value) for f in r.findings}
    )
    return [(label, source, count) for (label, source), count in counts.most_common()]


class File:
    """One file as the page shows it."""

    def __init__(self, result: ScreenResult, band: AgeBand, lang: Language) -> None:
        self.result = result
        shown = PurePath(printable(result.path))
        self.name = shown.name or str(shown)
        self.folder = str(shown.parent) if len(shown.parts) > 1 else ""
        self.decision = result.decision(band)
        self.reason = result.verdict[band].reasons.into(lang)
        self.rule = result.verdict[band].rule
        self.bands = [(b, result.decision(b)) for b in AgeBand]
        referral = result.verdict.referral
        self.refer = referral.into(lang) if referral else None
        self.timeline = None if result.sealed or result.media is None else Timeline(result)
        strongest = sorted(result.findings, key=_strength)
        self.findings = [] if result.sealed else strongest[:FINDINGS_SHOWN]
        self.more = 0 if result.sealed else max(0, len(result.findings) - FINDINGS_SHOWN)
        self.stills = [(frame, _data_url(result.stills[frame])) for frame in _shown_stills(result)]


def _shown_stills(result: ScreenResult) -> list[int]:
    """Return the frames of which a still is shown: those with the strongest findings."""
    if result.sealed:
        return []
    strongest = sorted(result.findings, key=_strength)
    frames = dict.fromkeys(f.frame for f in strongest if f.frame in result.stills)
    return sorted([frame for frame in frames if frame is not None][:STILLS_SHOWN])


def _strength(finding: Finding) -> tuple[bool, float, int]:
    return (finding.source.value == "model", -finding.score, finding.frame or 0)


def _data_url(grey: NDArray[np.uint8]) -> str:
    with BytesIO() as file:
        Image.fromarray(grey).save(file, "JPEG", quality=60)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
