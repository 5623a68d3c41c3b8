"""What was found, in words: days, search words, counts. Never a picture, never a link to one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from perisai.desk.summons.letters import plain
from perisai.terms import AgeBand, Decision, Label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from perisai.desk.cases.evidence import Measure, Sample
    from perisai.desk.cases.state import Case
    from perisai.desk.summons.letters.dates import Dates

MOST = 6
"""Findings that a letter tells in full; how many more there are is said, too."""
_CHILDREN = tuple(band for band in AgeBand if band is not AgeBand.ADULT)


def told(case: Case, until: datetime, words: Mapping[str, str], dates: Dates) -> tuple[str, ...]:
    """What the case had found by then, one text each, searches first.

    What is on a child abuse list is left out, with its hash: it is referred, never written about.
    """
    found = [
        *(_of_measure(each, words, dates) for each in case.measures if each.at <= until),
        *(
            _of_sample(each, bands, words, dates)
            for each in case.samples
            if each.at <= until and not _sealed(each) and (bands := _barred(each))
        ),
    ]
    if len(found) <= MOST:
        return tuple(found)
    return (*found[:MOST], words["more"].format(count=len(found) - MOST))


def _of_measure(measure: Measure, words: Mapping[str, str], dates: Dates) -> str:
    return words["measure"].format(
        words=_evidence(measure.words, words),
        day=dates.day(measure.at),
        time=dates.time(measure.at),
        band=ages([measure.band], words) or plain.line(measure.band),
        withheld=measure.withheld,
        count=measure.shown + measure.withheld,
    )


def _of_sample(sample: Sample, bands: list[AgeBand], words: Mapping[str, str], dates: Dates) -> str:
    text = words["sample"].format(
        seen=_evidence(sample.seen, words),
        day=dates.day(sample.at),
        time=dates.time(sample.at),
        bands=ages(bands, words),
    )
    return f"{text}\n{words['fingerprint'].format(sha256=plain.line(sample.sha256))}"


def _evidence(text: str, words: Mapping[str, str]) -> str:
    return plain.without_links(plain.quoted(text), words["withheld_link"])


def _sealed(sample: Sample) -> bool:
    if sample.rule == Label.ABUSE:
        return True
    return any(finding.get("label") == Label.ABUSE for finding in sample.findings)


def _barred(sample: Sample) -> list[AgeBand]:
    """The bands that must not see it; what could not be looked at is no finding."""
    decisions = (Decision.WITHHOLD, Decision.BLOCK)
    return [band for band in AgeBand if sample.decisions.get(band) in decisions]


def ages(bands: Iterable[str], words: Mapping[str, str]) -> str:
    """Name age bands, neighbours together: *usia 3-9 tahun dan orang dewasa*."""
    given = [band for band in AgeBand if band in set(bands)]
    if len(given) == len(AgeBand):
        return words["all_ages"]
    named = [words["band"].format(band=run) for run in _runs([b for b in _CHILDREN if b in given])]
    if AgeBand.ADULT in given:
        named.append(words["band_adult"])
    return ", ".join(named[:-1]) + words["and"] + named[-1] if len(named) > 1 else "".join(named)


def _runs(bands: list[AgeBand]) -> Iterator[str]:
    start = None
    for band, following in pairwise([*bands, None]):
        assert band is not None  # noqa: S101 - only the last one is
        start = start or band
        at = _CHILDREN.index(band)
        if following is None or _CHILDREN.index(following) != at + 1:
            yield f"{start.partition('-')[0]}\N{EN DASH}{band.partition('-')[2]}"
            start = None
