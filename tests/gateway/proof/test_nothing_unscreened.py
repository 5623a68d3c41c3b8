"""Nothing unscreened is ever served, whatever upstreams do; and the check of that is checked."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from perisai.gateway.dialects import tenor_wire
from perisai.gateway.media import MediaFiles
from perisai.gateway.search.curation import Curation
from perisai.gateway.search.serving import Serving
from perisai.gateway.search.verdicts import Known, Verdicts
from perisai.gateway.search.words import Words
from tests.gateway.proof import pictures
from tests.gateway.proof.liar import World, lying
from tests.gateway.proof.oracle import Violation
from tests.gateway.proof.running import Running, loaded, running
from tests.gateway.proof.walk import Walk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator
    from pathlib import Path

    from perisai.gateway.items import Item, ServedItem
    from perisai.terms import AgeBand

SEEDS = int(os.environ.get("PERISAI_PROOF_SEEDS", "1"))
STEPS = int(os.environ.get("PERISAI_PROOF_STEPS", "250"))


@pytest.mark.timeout(60 + STEPS)
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_every_byte_that_leaves_has_a_verdict_that_allows_it(tmp_path: Path, seed: int) -> None:
    world = World(random.Random(f"world {seed}"))
    with lying(world) as strayed, running(loaded(tmp_path, world.port)) as gateway:
        walk = Walk(gateway, world, seed)
        try:
            walk.run(STEPS)
        finally:
            walk.close()
    # A walk that nothing was shown on would prove nothing.
    assert len(walk.oracle.bodies) >= 6
    assert walk.oracle.checked > STEPS / 4
    assert strayed == []


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, World]]:
    """One gateway for all that is taken away from it."""
    world = World(random.Random("the world of the leaks"))
    with lying(world), running(loaded(tmp_path_factory.mktemp("leaks"), world.port)) as gateway:
        yield gateway, world


async def _yes(*_: object) -> bool:
    return True


async def _no_change(_: Verdicts) -> bool:
    return False


async def _approved_all(_: Curation, __: str, items: Iterable[Item], ___: AgeBand) -> Any:
    return {item.id: None for item in items}


class _OtherFile:
    """What a second fetch may give."""

    size = 4

    async def parts(self, start: int, stop: int) -> AsyncIterator[tuple[bytes, bool]]:
        yield b"GIF8"[start:stop], False

    def close(self) -> None:
        pass


async def _other_bytes(*_: object) -> _OtherFile:
    return _OtherFile()


def _with_the_upstreams_address(item: ServedItem, *rest: Any) -> Any:
    made = _result(item, *rest)
    return made and made | {"itemurl": item.item.renditions[0].url}


_result = tenor_wire.result


def _media(gateway: Running) -> MediaFiles:
    apps = (getattr(route, "endpoint", None) for route in gateway.gateway.routes)
    return next(app for app in apps if isinstance(app, MediaFiles))


Leak = tuple[Callable[[Running], tuple[object, str, Any]], tuple[str, ...]]
LEAKS: dict[str, Leak] = {
    "media are served without a verdict": (
        lambda running: (_media(running), "_allowed", _yes),
        ("search", "any_link"),
    ),
    "every verdict allows": (lambda _: (Known, "allows", lambda *_: True), ("search", "look")),
    "decisions are not heard of": (
        lambda _: (Verdicts, "refresh", _no_change),
        ("search", "look", "decide"),
    ),
    "pages need no approval": (lambda _: (Curation, "approvals", _approved_all), ("search",)),
    "media need no approval": (lambda _: (Serving, "_shown", _yes), ("search", "any_link")),
    "other bytes than the screened ones": (
        lambda _: (MediaFiles, "_open", _other_bytes),
        ("search", "look"),
    ),
    "an upstream's address": (
        lambda _: (tenor_wire, "result", _with_the_upstreams_address),
        ("search",),
    ),
    "explicit words": (lambda _: (Words, "caution", lambda *_: "allow"), ("search", "world")),
}
"""What is taken away, and the steps on which that should show."""


@pytest.mark.parametrize("name", LEAKS)
def test_a_gateway_that_leaks_is_caught(
    gateway: tuple[Running, World], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """One guard at a time is taken away: if the walk did not notice, it would prove nothing."""
    running, world = gateway
    verdicts = running.gateway.bench.verdicts
    running.loop.call_soon_threadsafe(verdicts._forget)  # nothing of the leak before is remembered
    walk = Walk(running, world, f"leak {name}")
    try:
        walk.run(15)
        walk._mend()
        first = 200 + 20 * [*LEAKS].index(name)
        world.renew(range(first, first + 20))  # nobody has said anything of these yet
        guard, steps = LEAKS[name]
        monkeypatch.setattr(*guard(running))
        with pytest.raises(Violation):
            walk.run(400, *steps, "mend")
    finally:
        walk.close()


def test_a_database_that_is_busy_lets_nothing_new_through(
    gateway: tuple[Running, World],
) -> None:
    """Somebody else writes for long: what cannot be kept is neither shown nor thanked for."""
    running, world = gateway
    world.renew(range(500, 540))
    for things in world.things.values():
        for number in things:
            things[number] = world.thing("clean")
    with closing(Walk(running, world, "busy")) as walk:
        _while_somebody_writes(walk, running)


def _while_somebody_writes(walk: Walk, running: Running) -> None:
    walk._mend()
    teen = next(person for person in walk.people if person.name == "teen")
    number = running.gateway.links.number("giphy", "x")
    with closing(sqlite3.connect(running.settings.home / "gateway.sqlite3")) as other:
        before = walk.oracle.shas()
        other.execute("BEGIN IMMEDIATE")
        got, since = walk._get("/v2/featured?limit=50", teen)
        names = walk.oracle.page(got.text, teen.ages(since), since)
        assert names <= set(before)
        with pytest.raises(httpx2.TimeoutException):
            walk.http.post(f"{running.base}/report/{number}", data={"kind": "report"}, timeout=1.5)
        other.rollback()
    for _ in range(200):  # what is slow of the walks before may still be on its way
        walk._mend()
        walk._page("/v2/featured?limit=49", teen, None)
        if set(walk.oracle.shas()) - set(before):
            break
        time.sleep(0.1)
    assert set(walk.oracle.shas()) - set(before)


def test_the_eye_sees_the_mark() -> None:
    for draw in (pictures.gif, pictures.webp):
        assert all(pictures.sees_mark(draw(number)) for number in pictures.MARKED)
        assert not any(pictures.sees_mark(draw(number)) for number in pictures.CLEAN)
