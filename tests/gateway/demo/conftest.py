"""One gateway for all tests of the demo, with the real model and the catalogue of ``make run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway.demo.running import Place, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running(tmp_path_factory.mktemp("demo") / "home") as started:
        yield started
