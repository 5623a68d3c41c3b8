"""After a change of basis, what is kept is screened again behind the scenes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from perisai.errors import ServiceError
from perisai.gateway.search.rescreening import Rescreening
from perisai.gateway.upstreams.memory import MemoryUpstream
from perisai.storage.records import Approval
from perisai.terms import AgeBand
from tests.common import drawn, screening
from tests.gateway.search.house import CHILD, TEEN, House, clean, item, open_house

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def three() -> MemoryUpstream:
    return MemoryUpstream(
        [item(n) for n in (1, 2, 3)], {f"https://a.test/{n}.gif": clean(n) for n in (1, 2, 3)}
    )


async def shas(house: House) -> dict[str, str]:
    links = await house.store.links("memory", ["1", "2", "3"])
    return {name: each["gif-tiny"].sha256 for name, each in links.items()}


async def changed_basis(house: House, tmp_path: Path) -> None:
    """Put item 2's picture on a hash list, and wait until that counts."""
    before = house.verdicts.basis
    screening.create_list(tmp_path / "home", "new", [drawn.drawing(2, 1 / 3, 64, 48)])
    for _ in range(50):
        await asyncio.sleep(0.1)
        await house.verdicts.refresh()
        if house.verdicts.basis != before:
            break
    assert house.verdicts.basis != before


class Held:
    """Screening that notes what it looks at, and may be away."""

    def __init__(self, inner) -> None:
        self.inner, self.looked, self.away_after = inner, [], 10**9

    async def screen(self, data, name="", *, urgent=False):
        assert not urgent
        if len(self.looked) >= self.away_after:
            raise ServiceError("away")
        looked = await self.inner.screen(data, name, urgent=urgent)
        self.looked.append(looked.sha256)
        return looked


def test_all_that_is_kept_is_screened_again_and_what_is_listed_now_goes(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_house(tmp_path, three()) as house:
            assert await house.cats() == ["1", "2", "3"]
            known = await shas(house)
            bands = frozenset({AgeBand.AGE_6_9})
            await house.store.approve(
                Approval("memory", "item", "3", bands, known["3"], "siti", "", NOW)
            )
            await changed_basis(house, tmp_path)
            assert await house.verdicts.known(known.values()) == {}
            held = Held(house.screening)
            again = Rescreening(house.store, house.objects, held, house.verdicts)
            await again.look()
            assert again.left == 0
            # What somebody approved comes first; nothing is looked at twice.
            assert held.looked[0] == known["3"] or held.looked[1] == known["3"]
            assert len(held.looked) == len(set(held.looked))
            assert set(known.values()) <= set(held.looked)
            fetched = len(house.upstreams["memory"].fetched)
            assert await house.cats() == ["1", "3"]
            assert await house.cats(CHILD) == ["3"]
            assert len(house.upstreams["memory"].fetched) == fetched
            assert known["2"] not in set(house.objects.shas())
            await again.look()
            assert len(held.looked) == len(set(held.looked))

    asyncio.run(run())


def test_a_round_that_was_broken_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_house(tmp_path, three()) as house:
            await house.cats(TEEN)
            await changed_basis(house, tmp_path)
            held = Held(house.screening)
            held.away_after = 2
            again = Rescreening(house.store, house.objects, held, house.verdicts)
            with pytest.raises(ServiceError):
                await again.look()
            done = list(held.looked)
            assert len(done) in (2, 3)
            held.away_after = 10**9
            # In another process, too: what is done is known by its verdict.
            again = Rescreening(house.store, house.objects, held, house.verdicts)
            await again.look()
            assert len(held.looked) == len(set(held.looked))
            assert set(await house.verdicts.known((await shas(house)).values()))
            assert len(held.looked) > len(done)

    asyncio.run(run())


def test_a_file_that_could_not_be_looked_at_in_passing_is_not_lost(tmp_path: Path) -> None:
    async def run() -> None:
        async with open_house(tmp_path, three()) as house:
            await house.cats()
            known = await shas(house)
            await changed_basis(house, tmp_path)
            inner = house.screening

            class Passing:
                async def screen(self, data, name="", *, urgent=False):
                    looked = await inner.screen(data, name, urgent=urgent)
                    return replace(looked, error=("worker_died", "It died."))

            house.intake._screening = Passing()  # type: ignore[assignment]
            again = Rescreening(house.store, house.objects, Passing(), house.verdicts)  # type: ignore[arg-type]
            await again.look()
            assert await house.cats() == []
            assert set(known.values()) <= set(house.objects.shas())
            # What was never kept before is not kept now, either.
            house.upstreams["memory"].add(item(9), {"https://a.test/9.gif": clean(9)})
            before = set(house.objects.shas())
            assert await house.cats(limit=19) == []
            assert set(house.objects.shas()) == before

    asyncio.run(run())
