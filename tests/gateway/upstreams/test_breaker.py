"""When an upstream is left alone, when it is tried again, and how often it is asked."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.upstreams.breaker import Breaker, NotNow, Pace
from perisai.gateway.upstreams.sharing import KEEP_SECONDS, MOST_KEPT, Sharing


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock) -> Breaker:
    return Breaker(clock, failures=3, pause=5, longest=60)


def attempt(what: Breaker, error: BaseException | None = None) -> None:
    with what.attempt("left alone"):
        if error:
            raise error


def fail(what: Breaker) -> None:
    with pytest.raises(UpstreamError, match="slow"):
        attempt(what, UpstreamError("slow"))


def refused(what: Breaker) -> bool:
    try:
        attempt(what)
    except NotNow:
        return True
    return False


def test_it_opens_after_failures_in_a_row_only() -> None:
    what = breaker(Clock())
    for _ in range(5):
        fail(what)
        fail(what)
        attempt(what)
    assert what.health == "up"
    for _ in range(3):
        fail(what)
    assert what.health == "down"
    assert refused(what)


def test_after_the_pause_one_attempt_tries_and_success_closes_it() -> None:
    clock = Clock()
    what = breaker(clock)
    for _ in range(3):
        fail(what)
    clock.now += 5
    assert what.health == "trying"
    with what.attempt("left alone"):
        assert refused(what)  # only one at a time
    assert what.health == "up"
    fail(what)
    assert what.health == "up"


def test_pauses_grow_up_to_the_longest_and_start_again_after_a_success() -> None:
    clock = Clock()
    what = breaker(clock)
    for _ in range(3):
        fail(what)
    for pause in (5, 10, 20, 40, 60, 60):
        clock.now += pause - 0.25
        assert what.health == "down"
        clock.now += 0.25
        fail(what)
    clock.now += 60
    attempt(what)
    for _ in range(3):
        fail(what)
    clock.now += 5
    assert what.health == "trying"


def test_a_refused_file_and_a_cancelled_attempt_are_no_failures() -> None:
    clock = Clock()
    what = breaker(clock)
    for error in (FetchRefused("404"), asyncio.CancelledError()):
        for _ in range(9):
            with pytest.raises(type(error)):
                attempt(what, error)
    assert what.health == "up"
    for _ in range(3):
        fail(what)
    clock.now += 5
    with pytest.raises(asyncio.CancelledError):
        attempt(what, asyncio.CancelledError())
    assert what.health == "trying"
    attempt(what)  # the place of the one that was called off is free again
    assert what.health == "up"


def test_a_rest_that_the_upstream_asked_for_is_not_ended_by_an_older_success() -> None:
    clock = Clock()
    what = breaker(clock)
    with what.attempt("left alone"):
        what.rest(30)
    assert what.health == "down"
    clock.now += 29
    assert refused(what)
    clock.now += 1
    assert not refused(what)
    what.rest(10**9)
    clock.now += 60
    assert what.health == "trying"


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 3)), max_size=60), st.floats(0.1, 50))
def test_no_stretch_of_time_holds_more_requests_than_agreed(
    asks: list[tuple[float, float]], rate: float
) -> None:
    """At most what a full bucket holds at its beginning, and what flows in during it."""
    clock = Clock()
    pace = Pace(rate, clock)
    used: list[float] = []
    for gap, patience in asks:
        clock.now += gap
        wait = pace.take(patience)
        if wait is not None:
            assert wait <= patience
            used.append(clock.now + wait)
    used.sort()
    for first, begin in enumerate(used):
        for last in range(first, len(used)):
            allowed = max(1.0, rate) + rate * (used[last] - begin) + 1e-6
            assert last - first + 1 <= allowed


# ---- sharing


def test_those_who_ask_at_once_share_one_answer() -> None:
    asked = 0

    async def answer() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.02)
        return asked

    async def body() -> None:
        sharing = Sharing(Clock())
        assert await asyncio.gather(*(sharing.get("a", answer) for _ in range(5))) == [1] * 5
        assert await sharing.get("a", answer) == 2
        await sharing.close()

    asyncio.run(body())


def test_an_answer_that_came_too_late_is_there_for_the_next_who_asks() -> None:
    asked = 0

    async def answer() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return asked

    async def give_up(sharing: Sharing) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await sharing.get("a", answer)
        await asyncio.sleep(0.1)

    async def body() -> None:
        clock = Clock()
        sharing = Sharing(clock)
        await give_up(sharing)
        assert await sharing.get("a", answer) == 1
        assert await sharing.get("a", answer) == 2
        await give_up(sharing)
        clock.now += KEEP_SECONDS + 1
        assert await sharing.get("a", answer) == 4
        await sharing.close()

    asyncio.run(body())


def test_failures_are_shared_but_never_kept_and_kept_answers_are_few() -> None:
    async def broken() -> int:
        await asyncio.sleep(0.01)
        raise UpstreamError("slow")

    async def number() -> int:
        await asyncio.sleep(0.001)
        return 1

    async def body() -> None:
        sharing = Sharing(Clock())
        results = await asyncio.gather(
            *(sharing.get("a", broken) for _ in range(3)), return_exceptions=True
        )
        assert [type(each) for each in results] == [UpstreamError] * 3
        for make in (broken, number):
            for key in range(3 * MOST_KEPT):
                task = asyncio.create_task(sharing.get(str(key), make))
                await asyncio.sleep(0)
                task.cancel()
            await asyncio.sleep(0.1)
        assert len(sharing._kept) == MOST_KEPT
        waiting = asyncio.create_task(sharing.get("b", broken))
        await asyncio.sleep(0)
        await sharing.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(body())
