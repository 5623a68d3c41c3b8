"""What a policy says about a file, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from perisai.terms import AgeBand, Decision, Finding, Label

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["en", "id"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in English and in Indonesian; ``str()`` gives the English ones."""

    en: str
    id: str

    def __str__(self) -> str:
        return self.en

    def into(self, language: Language) -> str:
        """The words in ``language``."""
        return self.id if language == "id" else self.en


BAND_NAMES: Mapping[AgeBand, Text] = {
    AgeBand.AGE_3_5: Text("3 to 5 years", "3 sampai 5 tahun"),
    AgeBand.AGE_6_9: Text("6 to 9 years", "6 sampai 9 tahun"),
    AgeBand.AGE_10_12: Text("10 to 12 years", "10 sampai 12 tahun"),
    AgeBand.AGE_13_15: Text("13 to 15 years", "13 sampai 15 tahun"),
    AgeBand.AGE_16_17: Text("16 and 17 years", "16 sampai sebelum 18 tahun"),
    AgeBand.ADULT: Text("adults", "dewasa"),
}
"""The age bands of Indonesia's Government Regulation (PP) 17/2025, and adults."""


@dataclass(frozen=True, slots=True)
class BandVerdict:
    """What one age band gets, the rule that decided it, and why.

    ``finding`` is the evidence that decided, so that a report can show where it is; None where
    nothing was found, where the file could not be screened, and always for ``abuse``.
    """

    decision: Decision
    rule: str
    reasons: Text
    finding: Finding | None = None

    @property
    def reason(self) -> str:
        """Why, in English; ``reasons`` has it in both languages."""
        return self.reasons.en


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one file for every age band.

    ``referral`` says where to report the file, and is there only for ``abuse``. ``not_covered`` are
    the labels that nothing which was loaded can find: silence about them is not safety.
    """

    bands: Mapping[AgeBand, BandVerdict]
    referral: Text | None
    not_covered: tuple[Label, ...]

    @property
    def refer(self) -> str | None:
        """Where to report the file, in English; None unless it is on a child abuse list."""
        return self.referral.en if self.referral else None

    @property
    def decisions(self) -> dict[AgeBand, Decision]:
        """Only the decision of each band."""
        return {band: verdict.decision for band, verdict in self.bands.items()}

    def stricter(self, other: Verdict) -> Verdict:
        """Both together: for each band the stricter of the two, the first where they are equal."""
        return Verdict(
            {
                band: max(mine, other.bands[band], key=lambda each: each.decision.severity)
                for band, mine in self.bands.items()
            },
            self.referral or other.referral,
            tuple(label for label in Label if label in {*self.not_covered, *other.not_covered}),
        )

    def __getitem__(self, band: AgeBand) -> BandVerdict:
        return self.bands[band]
