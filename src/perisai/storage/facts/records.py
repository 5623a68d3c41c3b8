"""Facts as plain values: no database is needed to speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewFact:
    """What is to be written down: what kind of thing happened, and its particulars (plain JSON)."""

    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """What is written down. ``by`` names who did it, as ``role:name`` or ``perisai``."""

    number: int
    stream: str
    position: int
    kind: str
    at: datetime
    by: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first fact at which the log is not what was written, and how that shows."""

    number: int
    stream: str
    what: str
