from __future__ import annotations

from pathlib import Path

from perisai.policy import BAND_NAMES, AgeBand, document

PAGE = Path(__file__).parents[2] / "docs" / "policy.md"


def test_the_tables_are_up_to_date() -> None:
    """Put the output of ``python -m perisai.policy.document`` between the marks if this fails."""
    page = PAGE.read_text(encoding="utf-8")
    assert page.split(document.BEGIN)[1].split(document.END)[0].strip() == document.tables().strip()


def test_every_band_has_words_in_both_languages() -> None:
    assert set(BAND_NAMES) == set(AgeBand)
    assert all(name.into("en") and name.into("id") for name in BAND_NAMES.values())
