"""How far a counted share can be trusted: the Clopper-Pearson interval.

C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case
of the binomial", Biometrika 26 (1934). It never promises more than it holds, also when
nothing at all was missed, which is when a small sample misleads most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``total``; with 95 % confidence the true share lies in ``low``..``high``."""

    hits: int
    total: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """The share itself; nan of nothing."""
        return self.hits / self.total if self.total else math.nan

    def to_json(self) -> dict[str, float | int | None]:
        """Plain values; the rate of nothing is None."""
        rate = self.rate if self.total else None
        return {
            "hits": self.hits,
            "total": self.total,
            "rate": rate,
            "low": self.low,
            "high": self.high,
        }


def share(hits: int, total: int) -> Share:
    """Count ``hits`` of ``total``, with its interval."""
    tail = (1 - CONFIDENCE) / 2
    low = 0.0 if hits == 0 else _beta_quantile(tail, hits, total - hits + 1)
    high = 1.0 if hits == total else _beta_quantile(1 - tail, hits + 1, total - hits)
    return Share(hits, total, low, high)


def files_needed(rate: float) -> int:
    """How many files it takes to show ``rate`` or more, if not one of them is missed.

    With none of n missed the interval begins at ((1 - 0.95) / 2) ** (1 / n). Raises ValueError
    unless 0 < rate < 1: no number of files shows that nothing is ever missed.
    """
    if not 0 < rate < 1:
        raise ValueError(f"a rate of {rate} cannot be shown; choose one between 0 and 1")
    return math.ceil(math.log((1 - CONFIDENCE) / 2) / math.log(rate))


def _beta_quantile(probability: float, a: float, b: float) -> float:
    """Where the beta distribution reaches ``probability``, by halving [0, 1]."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _beta_cdf(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast only on this side: DLMF 8.17.4
        return 1 - _beta_cdf(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    return front / (a * _fraction(x, a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of DLMF 8.17.22, by Lentz's method as Thompson and Barnett mend it."""
    tiny = 1e-300
    value = c = 1.0
    d = 0.0
    for step in range(1, 20_000):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + term * d or tiny)
        c = 1 + term / c or tiny
        change = c * d
        value *= change
        if abs(change - 1) < 1e-14:
            break
    return value
