"""What is known of a case: files that were screened, searches that were measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that was screened for the case. ``seen`` is where; the bytes are not kept.

    ``rules`` says for each age band which rule decided, ``media`` what kind of file it was,
    ``complaint`` with which complaint it came, ``prints`` by which hashes it could be listed. Of a
    sealed one only ``sha256``, times and that are left, and whether it ``matched`` a list of child
    abuse. ``document``: no file was screened, but a document of the case was sealed.
    """

    sha256: str
    seen: str
    decisions: dict[str, str]
    rule: str
    findings: tuple[dict[str, Any], ...]
    at: datetime
    by: str
    rules: dict[str, str] = field(default_factory=dict)
    media: str = ""
    error: str = ""
    complaint: str = ""
    sealed: datetime | None = None
    matched: bool = False
    prints: dict[str, Any] = field(default_factory=dict)
    document: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What one search showed to an age band: so many results, so many of them withheld."""

    words: str
    band: str
    shown: int
    withheld: int
    rules: dict[str, int]
    at: datetime
    by: str
    source: str = ""
    """Who measured, if it was no patrol of this house."""
