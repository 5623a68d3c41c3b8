"""docs/desk.md says what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from perisai.desk.web import document

PAGE = Path(__file__).parents[3] / "docs" / "desk.md"


def test_the_tables_are_up_to_date():
    """Run ``python -m perisai.desk.web.document docs/desk.md`` if this fails."""
    text = PAGE.read_text(encoding="utf-8")
    assert document.page(text) == text


def test_a_table_without_a_place_is_told():
    with pytest.raises(ValueError, match="no place for permissions"):
        document.page("nothing")


def test_every_picture_is_there():
    import re

    for name in re.findall(r"\]\((images/[^)]+)\)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / name).is_file()
