"""Which links, search words and places the complaints and samples of a case name, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.desk.triage.links import exact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from perisai.desk.cases.state import Case
    from perisai.desk.complaints.state import Complaint

KINDS = ("link", "words", "place")
"""``place`` is where a sample was found, if that is no link."""


@dataclass(slots=True)
class Named:
    """One link, search or place, as it was first told; ``first`` and ``last`` are when."""

    kind: str
    text: str
    first: datetime
    last: datetime
    complaints: list[str]
    samples: list[str]


def wanted(case: Case, most: int | None = None) -> list[str]:
    """The complaints that are read for :func:`named`: those of the case, and of its samples."""
    came_with = (each.complaint for each in case.samples if each.complaint)
    return list(dict.fromkeys((*case.complaints, *came_with)))[:most]


def named(case: Case, complaints: Iterable[Complaint]) -> list[Named]:
    """What they name, most named first; ``complaints`` are those of :func:`wanted`, opened.

    What is sealed, withdrawn or erased gives nothing, nor does a sample that came with it or with
    what was not read. A complaint that belongs to another case by now is shown there.
    """
    found: dict[tuple[str, str], Named] = {}
    readable = {""}
    for each in complaints:
        if each.sealed or each.withdrawn or each.erased or each.told is None:
            continue
        readable.add(each.id)
        if each.case != case.id or each.received is None:
            continue
        for kind in ("link", "words"):
            text = str(each.told.get(kind) or "").strip()
            if text:
                _put(found, kind, text, each.received).complaints.append(each.id)
    for sample in case.samples:
        text = sample.seen.strip()
        if text and not sample.sealed and sample.complaint in readable:
            kind = "link" if exact(text) else "place"
            _put(found, kind, text, sample.at).samples.append(sample.sha256)
    return sorted(
        found.values(),
        key=lambda each: (
            -len(each.complaints),
            -len(each.samples),
            each.first,
            KINDS.index(each.kind),
            each.text,
        ),
    )


def _put(found: dict[tuple[str, str], Named], kind: str, text: str, at: datetime) -> Named:
    """Links are the same as in triage; words are, whatever their case and spaces."""
    same = exact(text) if kind == "link" else ""
    known = found.setdefault(
        (kind, same or " ".join(text.casefold().split())), Named(kind, text, at, at, [], [])
    )
    if at < known.first:
        known.first, known.text = at, text
    known.last = max(known.last, at)
    return known
