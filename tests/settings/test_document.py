from __future__ import annotations

from pathlib import Path

from perisai.settings import document
from perisai.settings.model import Section, Settings

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_up_to_date() -> None:
    """Run ``python -m perisai.settings.document > docs/settings.md`` if this fails."""
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == document.page()


def test_every_key_is_described() -> None:
    page = document.page()
    for section, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            for name in kind.model_fields:
                assert f"`PERISAI_{section}__{name}`".upper() in page.upper()
        else:
            assert field.description
            assert field.description in page
