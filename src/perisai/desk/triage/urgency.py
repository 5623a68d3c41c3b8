"""How urgent a complaint is: a sum of reasons, each of which the officer sees.

Pure: the same words give the same answer, and nothing else counts. Who complains, and whether the
press is watching, weighs nothing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from perisai.terms import AgeBand
from perisai.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

WEIGHTS = {
    "danger": 100,
    "age-small": 40,
    "age-child": 25,
    "age-teen": 15,
    "age-unknown": 10,
    "kind-sexual": 25,
    "kind-naked": 20,
    "kind-drawn": 15,
    "number-3": 10,
    "number-10": 20,
    "number-50": 30,
    "unproven": -60,
}
"""What each reason adds. docs/triage.md prints the table."""
LEVELS = ("low", "usual", "high", "urgent")
FROM = (0, 25, 50, 100)
"""The sum from which on each level holds."""
CARDS = frozenset({"danger", "distress"})
"""Help cards of the vocabulary whose words tell of a child in danger."""
UNKNOWN = "unknown"
BANDS = (*(str(band) for band in AgeBand), UNKNOWN)
_AGES = {
    AgeBand.AGE_3_5: "age-small",
    AgeBand.AGE_6_9: "age-small",
    AgeBand.AGE_10_12: "age-child",
    AgeBand.AGE_13_15: "age-teen",
    AgeBand.AGE_16_17: "age-teen",
}
_LAST_YEAR = (
    (5, AgeBand.AGE_3_5),
    (9, AgeBand.AGE_6_9),
    (12, AgeBand.AGE_10_12),
    (15, AgeBand.AGE_13_15),
    (17, AgeBand.AGE_16_17),
)
_NUMBERS = ((50, "number-50"), (10, "number-10"), (3, "number-3"))
_TERMS = Path(__file__).with_name("danger.toml")


@dataclass(frozen=True, slots=True)
class Urgency:
    """``level`` counts from 0 (low) to 3 (urgent); ``reasons`` are keys of :data:`WEIGHTS`."""

    level: int
    weight: int
    reasons: tuple[str, ...]


def reasons_in(
    told: Mapping[str, object], *, unproven: bool = False, danger: bool = False
) -> tuple[str, ...]:
    """The reasons that one complaint gives by itself, the weightiest first.

    ``unproven``: it came without a proof of work, and waits behind the others unless it tells of
    danger. ``danger``: it does so in what who complained wrote again.
    """
    said = {name: str(told.get(name) or "") for name in ("what", "words", "kind", "age")}
    found = []
    if danger or tells_of_danger(f"{said['what']}\n{said['words']}"):
        found.append("danger")
    band = band_of(said["age"])
    if band == UNKNOWN:
        found.append("age-unknown")
    elif band in _AGES:
        found.append(_AGES[AgeBand(band)])
    if f"kind-{said['kind']}" in WEIGHTS:
        found.append(f"kind-{said['kind']}")
    if unproven and "danger" not in found:
        found.append("unproven")
    return tuple(sorted(found, key=lambda each: -WEIGHTS[each]))


def weight_of(reasons: tuple[str, ...]) -> int:
    """What these reasons add up to."""
    return sum(WEIGHTS[each] for each in reasons)


def urgency(reasons: tuple[str, ...], number: int) -> Urgency:
    """How urgent an entry of the queue is: its reasons, and how many complain of the same."""
    crowd = next((reason for least, reason in _NUMBERS if number >= least), "")
    every = (*reasons, crowd) if crowd else reasons
    weight = weight_of(every)
    level = max(place for place, least in enumerate(FROM) if weight >= least or not place)
    return Urgency(level, weight, every)


def band_of(age: str) -> str:
    """The age band that an answer means: a band, or the first number in a text; or ``unknown``."""
    if age in set(AgeBand):
        return age
    found = re.search(r"(?<!\d)\d{1,2}(?!\d)", age)
    if found is None:
        return UNKNOWN
    years = int(found[0])
    return next((str(band) for last, band in _LAST_YEAR if years <= last), str(AgeBand.ADULT))


def tells_of_danger(text: str) -> bool:
    """Whether a text has words of threat, force, meeting a stranger, or of wanting to die."""
    if _danger().search(text.casefold()):
        return True
    return any(CARDS & set(_vocabulary().judge(line).cards) for line in text.splitlines() if line)


@cache
def _danger() -> re.Pattern[str]:
    terms: list[str] = tomllib.loads(_TERMS.read_text(encoding="utf-8"))["begins"]
    spaced = (r"\s+".join(map(re.escape, each.casefold().split())) for each in terms)
    return re.compile(rf"\b(?:{'|'.join(spaced)})")


@cache
def _vocabulary() -> Vocabulary:
    return Vocabulary.load()
