"""One event loop and one screener for all tests here: loading them takes longest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from perisai.screening.service.local import Local
from tests.common import screening

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path
    from typing import Any


@pytest.fixture(scope="package")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="package")
def local(loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    async def opened() -> Local:
        return Local(screening.settings(tmp_path_factory.mktemp("screening")))

    local = loop.run(opened())
    yield local
    loop.run(local.close())


@pytest.fixture
def run(loop: asyncio.Runner) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    def run(body: Coroutine[Any, Any, Any]) -> Any:
        async def in_time() -> Any:
            async with asyncio.timeout(60):
                return await body

        return loop.run(in_time())

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
