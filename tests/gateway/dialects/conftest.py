"""Twelve moving GIFs and three stickers, a gateway over them, and a client without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from tests.common.gateway import Drawer, Gateway, MemorySearcher

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture(scope="session")
def pictures(drawer: Drawer) -> list:
    gifs = [drawer.item(f"ball {number}") for number in range(12)]
    stickers = [drawer.item(f"star {number}", kind="sticker") for number in range(3)]
    return gifs + stickers


@pytest.fixture
def searcher(pictures: list) -> MemorySearcher:
    return MemorySearcher(list(pictures))


@pytest.fixture
def gateway(searcher: MemorySearcher, drawer: Drawer) -> Gateway:
    return Gateway(searcher, drawer)


@pytest.fixture
def client(gateway: Gateway) -> Iterator[TestClient]:
    with TestClient(gateway, base_url="http://gif.test") as client:
        yield client
