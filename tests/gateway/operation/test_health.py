from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from perisai.gateway.operation.health import (
    Health,
    screening_answers,
    some_upstream,
    store_answers,
)
from perisai.storage.asynchronous import AsyncStore
from perisai.storage.memory import MemoryStore
from tests.gateway.edge import Clock


class Part:
    """A part of the gateway whose state the test sets."""

    def __init__(self) -> None:
        self.good = True
        self.asked = 0

    async def __call__(self) -> bool:
        self.asked += 1
        return self.good


def client_of(health: Health) -> TestClient:
    return TestClient(Starlette(routes=health.routes()))


def test_ready_when_every_part_is():
    part, clock = Part(), Clock()
    health = Health({"store": part, "screening": Part()}, clock)
    client = client_of(health)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        200, {"status": "ready", "checks": {"store": True, "screening": True}},
    )  # fmt: skip
    part.good = False
    clock.now += 2
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]["store"]) == (503, False)
    assert client.get("/health/live").json() == {"status": "live"}


def test_many_askers_are_one_look():
    part = Part()
    client = client_of(Health({"store": part}, Clock()))
    for _ in range(5):
        client.get("/health/ready")
    assert part.asked == 1


def test_a_part_that_hangs_or_breaks_is_not_ready():
    async def hangs() -> bool:
        await asyncio.sleep(60)
        return True

    async def breaks() -> bool:
        raise ValueError("a password, perhaps")

    health = Health({"hangs": hangs, "breaks": breaks}, patience=0.05)
    answer = client_of(health).get("/health/ready")
    assert answer.json() == {"status": "not ready", "checks": {"hangs": False, "breaks": False}}


def test_a_server_that_stops_wants_no_more_requests():
    health = Health({"store": Part()})
    health.stopping = True
    answer = client_of(health).get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "stopping")


class Upstream:
    def __init__(self, health: str) -> None:
        self.health = health


@pytest.mark.parametrize(
    ("upstreams", "good"),
    [
        ({"a": Upstream("down"), "b": Upstream("trying")}, True),
        ({"a": Upstream("down")}, False),
        ({"a": object()}, True),
        ({}, False),
    ],
)
def test_one_upstream_is_enough(upstreams, good):
    assert asyncio.run(some_upstream(upstreams)()) is good


def test_store_and_screening_are_asked():
    class Screening:
        async def basis(self) -> str:
            return "b"

    async def run() -> None:
        store = AsyncStore(MemoryStore())
        assert await store_answers(store)()
        assert await screening_answers(Screening())()
        await store.close()
        assert await Health({"store": store_answers(store)}).look() == {"store": False}

    asyncio.run(run())
