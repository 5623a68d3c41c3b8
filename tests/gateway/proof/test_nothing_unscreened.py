"""Nothing unscreened is ever served, whatever upstreams do; and the check of that is checked."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from perisai.gateway.dialects import tenor_wire
from perisai.gateway.media import MediaFiles
from perisai.gateway.search.curation import Curation
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
    assert len(walk.oracle.bodies) >= 8
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


Leak = Callable[[Running], tuple[object, str, Any]]
LEAKS: dict[str, Leak] = {
    "media are served without a verdict": lambda running: (_media(running), "_allowed", _yes),
    "every verdict allows": lambda _: (Known, "allows", lambda *_: True),
    "decisions are not heard of": lambda _: (Verdicts, "refresh", _no_change),
    "pages need no approval": lambda _: (Curation, "approvals", _approved_all),
    "media need no approval": lambda _: (Curation, "may_serve", _yes),
    "other bytes than the screened ones": lambda _: (MediaFiles, "_open", _other_bytes),
    "an upstream's address": lambda _: (tenor_wire, "result", _with_the_upstreams_address),
    "explicit words": lambda _: (Words, "caution", lambda *_: "allow"),
}


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
        walk.run(20)
        monkeypatch.setattr(*LEAKS[name](running))
        with pytest.raises(Violation):
            walk.run(1_000)
    finally:
        walk.close()


def test_the_eye_sees_the_mark() -> None:
    for draw in (pictures.gif, pictures.webp):
        assert all(pictures.sees_mark(draw(number)) for number in pictures.MARKED)
        assert not any(pictures.sees_mark(draw(number)) for number in pictures.CLEAN)
