"""The port through which the desk has a search measured. ``perisai.patrol`` is behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from perisai.terms import AgeBand


@dataclass(frozen=True, slots=True)
class Measured:
    """What one search gave: results shown to an age band and withheld from it, by which rules."""

    shown: int
    withheld: int
    rules: dict[str, int] = field(default_factory=dict)


class Measuring(Protocol):
    """Asks for the results of a search, and has each of them looked at."""

    def measure(self, words: str, band: AgeBand) -> Measured:
        """Search for ``words`` as somebody of ``band``, and count.

        Raises UpstreamError if nothing answers, ServiceError if nothing can be looked at.
        """
