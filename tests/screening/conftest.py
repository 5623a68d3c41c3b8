"""One screener with the tiny model for all tests here that need no settings of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai.screening import Screener
from tests.common import screening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def screener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screener]:
    """A screener without lists. Its home stays empty: make lists elsewhere."""
    with Screener(screening.settings(tmp_path_factory.mktemp("shared")), stills=True) as shared:
        yield shared


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for settings and home that the tests of one module share."""
    return tmp_path_factory.mktemp("module")
