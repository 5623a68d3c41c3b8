"""How far two reviewers agree, beyond what chance alone would give."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Agreement:
    """``kappa`` is None where there is nothing to compare, or where only one answer was given."""

    number: int
    agreed: int
    kappa: float | None

    @property
    def rate(self) -> float | None:
        """The share in which both found the same."""
        return self.agreed / self.number if self.number else None


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Return how far the first and the second answer of each pair agree.

    Kappa is (o - e) / (1 - e): o is the share that agrees, e the share that would if both answered
    by chance with their own frequencies. J. Cohen, A coefficient of agreement for nominal scales,
    Educational and Psychological Measurement 20 (1960), pages 37-46.

    >>> both = [("yes", "yes")] * 20 + [("no", "no")] * 15
    >>> found = agreement(both + [("yes", "no")] * 5 + [("no", "yes")] * 10)
    >>> found.rate, round(found.kappa, 2)
    (0.7, 0.4)
    """
    known = list(pairs)
    number, agreed = len(known), sum(first == second for first, second in known)
    if not number:
        return Agreement(0, 0, None)
    firsts, seconds = Counter(first for first, _ in known), Counter(second for _, second in known)
    chance = sum(firsts[each] * seconds[each] for each in firsts) / number**2
    observed = agreed / number
    kappa = None if chance == 1 else (observed - chance) / (1 - chance)
    return Agreement(number, agreed, kappa)
