"""The kinds of values that settings hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Switch = Annotated[bool, Field(strict=True)]
Text = Annotated[str, StringConstraints(strict=True, min_length=1)]

MIB = 1024 * 1024


class Section(BaseModel):
    """Base of all sections: nothing can be changed after loading, and no key is ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
