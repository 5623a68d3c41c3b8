"""Whose file is next."""

from __future__ import annotations

import asyncio

import pytest

from perisai.errors import ServiceBusy, ServiceError
from perisai.screening.service.turns import Turns


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


class Line:
    """Askers by name, in the order in which they got their turn."""

    def __init__(self, lanes: int = 1, most: int = 100) -> None:
        self.turns = Turns(lanes, most)
        self.order: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.since: dict[str, float] = {}

    async def come(self, name: str, *, urgent: bool = False) -> asyncio.Task[None]:
        async def take() -> None:
            self.since[name] = await self.turns.take(urgent=urgent)
            self.order.append(name)

        self.tasks[name] = asyncio.create_task(take())
        await settle()
        return self.tasks[name]

    async def leave(self, name: str) -> None:
        self.turns.give_back(self.since.pop(name))
        await settle()


def test_urgent_ones_go_first_and_equals_in_order():
    async def run():
        line = Line()
        await line.come("first")
        await line.come("now", urgent=True)  # the lane for urgent ones
        for name in ("a", "b"):
            await line.come(name)
        for name in ("x", "y"):
            await line.come(name, urgent=True)
        assert line.order == ["first", "now"]
        assert line.turns.waiting == 4
        for _ in range(6):
            await line.leave(next(iter(line.since)))
        assert line.order == ["first", "now", "x", "y", "a", "b"]
        assert (line.turns.busy, line.turns.waiting, line.turns.done) == (0, 0, 6)

    asyncio.run(run())


def test_one_lane_is_kept_for_urgent_ones():
    async def run():
        line = Line(lanes=2)
        for name in ("a", "b", "c"):
            await line.come(name)
        assert line.order == ["a", "b"]
        await line.come("child", urgent=True)
        assert line.order == ["a", "b", "child"]
        await line.come("second child", urgent=True)
        await line.leave("child")
        assert line.order[3:] == ["second child"]  # before "c", who came earlier
        await line.leave("second child")
        assert line.turns.waiting == 1  # the lane is not for "c"
        await line.leave("a")
        assert line.order[4:] == ["c"]

    asyncio.run(run())


def test_a_full_line_says_when_to_come_back():
    async def run():
        line = Line(most=2)
        for name in ("a", "b", "c"):
            await line.come(name)
        with pytest.raises(ServiceBusy, match="2 files wait") as caught:
            await line.turns.take(urgent=False)
        assert caught.value.retry_after >= 0.5
        await line.leave("a")
        await line.come("d")
        assert line.turns.waiting == 2

    asyncio.run(run())


def test_who_gives_up_leaves_the_line():
    async def run():
        line = Line(most=1)
        await line.come("a")
        for number in range(100):
            gone = await line.come(f"gone {number}")
            gone.cancel()
            await settle()
        assert line.turns.waiting == 0
        assert len(line.turns._waiting) < 5  # nor is it remembered
        await line.come("b")
        await line.leave("a")
        assert line.order == ["a", "b"]

    asyncio.run(run())


def test_a_turn_given_up_in_the_moment_it_came_is_passed_on():
    async def run():
        line = Line()
        await line.come("a")
        gone = await line.come("gone")
        await line.come("b")
        line.turns.give_back(line.since.pop("a"))
        gone.cancel()  # it has the turn, and has not run since
        await settle()
        assert line.order == ["a", "b"]
        assert line.turns.busy == 1

    asyncio.run(run())


def test_closing_turns_away_who_waits_and_who_comes():
    async def run():
        line = Line()
        await line.come("a")
        waiting = await line.come("b")
        line.turns.close()
        with pytest.raises(ServiceError, match="before this file's turn"):
            await waiting
        with pytest.raises(ServiceError, match="being stopped"):
            await line.turns.take(urgent=True)
        idle = asyncio.create_task(line.turns.idle())
        await settle()
        assert not idle.done()
        await line.leave("a")
        await idle

    asyncio.run(run())
