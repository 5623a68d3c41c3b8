"""A notice as other machines send it: what the DSA (article 16) asks for, and more."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from perisai.terms import AgeBand  # noqa: TC001 - pydantic reads the annotation

MOST_BYTES = 64 * 1024


class Category(StrEnum):
    """What a notice is about."""

    CHILD_ABUSE = "child-sexual-abuse"
    NAKED = "nudity"
    SEXUAL = "sexual-act"
    DRAWN = "drawn"
    OTHER = "other"


KINDS = {Category.NAKED: "naked", Category.SEXUAL: "sexual", Category.DRAWN: "drawn"}
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Notice(BaseModel):
    """One notice. Nothing but these fields is taken: no file, and never the picture itself."""

    model_config = ConfigDict(extra="forbid", strict=False, str_strip_whitespace=True)

    explanation: str = Field(min_length=1, max_length=4_000, description="Why it is illegal.")
    location: str = Field(
        min_length=8,
        max_length=2_000,
        pattern=r"^https?://[!-~]+$",
        description="The exact electronic location: one address.",
    )
    category: Category
    good_faith: Literal[True] = Field(
        description="That who sends it believes in good faith that it is accurate and complete."
    )
    name: Line = Field("", description="Who sends it. Not needed for child sexual abuse.")
    email: Line = Field(
        "", pattern=r"^$|^[^@\s]+@[^@\s]+$", description="Not needed for child sexual abuse."
    )
    trusted_flagger: Line = Field("", description="Number of a trusted flagger, if it is one.")
    app: Line = Field("", description="App or site on which it was seen.")
    words: Line = Field("", description="Search words that led there.")
    seen: Line = Field("", description="When it was seen.")
    age_band: AgeBand | None = Field(None, description="Age of who saw it.")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.category is not Category.CHILD_ABUSE and not (self.name and self.email):
            raise ValueError("name and email are needed, except for child sexual abuse")
        return self

    def told(self) -> dict[str, str]:
        """What a complaint says."""
        return {
            "link": self.location,
            "what": self.explanation,
            "kind": KINDS.get(self.category, "other"),
            "app": self.app,
            "words": self.words,
            "when": self.seen,
            "age": str(self.age_band or ""),
        }

    def reporter(self) -> str:
        """Who sends it, in one text to seal."""
        return "\n".join(filter(None, (self.name, self.email, self.trusted_flagger)))
