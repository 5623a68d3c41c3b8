"""What the tests of the screening service share: a house, and clips to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.common import drawn, screening
from tests.common.services import House, house_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny model."""
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture
def house(tiny: Path, tmp_path: Path) -> Iterator[House]:
    with house_at(tiny, tmp_path / "home") as made:
        yield made


@pytest.fixture(scope="session")
def clean() -> bytes:
    return screening.clip(screening.scene(4))


@pytest.fixture(scope="session")
def explicit() -> bytes:
    frames = screening.scene(4)
    return screening.clip([*frames[:2], screening.marked(frames[2]), frames[3]])


@pytest.fixture(scope="session")
def long() -> bytes:
    """A clip that takes about a second."""
    return screening.clip([drawn.drawing(1, step / 200, 480, 360) for step in range(200)])
