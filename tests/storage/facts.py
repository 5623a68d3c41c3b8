"""Facts to keep in tests, and stores to keep them in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from perisai import settings
from perisai.storage.open import open_store
from perisai.storage.records import (
    ApiKey,
    CatalogueEntry,
    ItemReport,
    Opinion,
    Outcome,
    Screened,
    Upload,
)
from perisai.terms import AgeBand, Finding, Label, Source

if TYPE_CHECKING:
    from pathlib import Path

    from perisai.storage.ports import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A, B = "a" * 64, "b" * 64
FINDING = Finding(Source.MODEL, Label.EXPLICIT, 0.123456789, 3, 120, "opennsfw", "é")
SCREENED = Screened(
    A, "basis", (FINDING,), frozenset({Label.EXPLICIT}), None, "gif", 64, 48, 3, 240, 999, NOW
)
KEY = ApiKey(
    "app",
    "d" * 64,
    AgeBand.AGE_6_9,
    frozenset({"tenor", "giphy"}),
    60,
    shadow=False,
    webhook="",
    created=NOW,
)
ENTRY = CatalogueEntry(
    "1", "gif", "Kucing", ("kucing", "é"), "mine", "", "", "", A, "gif", 64, 48, 999, NOW
)
UPLOAD = Upload("app", "key", A, "u1", AgeBand.AGE_6_9, "d" * 64, False, "here", NOW)  # noqa: FBT003
OUTCOME = Outcome("e1", "u1", A, A, "basis", "withhold", "looks-explicit", True, NOW)  # noqa: FBT003
OPINION = Opinion(A, Label.EXPLICIT, 1.0, "siti", "seen", NOW)
REPORT = ItemReport("n", "up", "1", A, "report", "bad", AgeBand.AGE_6_9, NOW)


def opened(home: Path, address: str) -> Store:
    return open_store(
        settings.load(env={"PERISAI_HOME": str(home), "PERISAI_STORAGE__DATABASE": address})
    )
