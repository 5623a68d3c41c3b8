"""An upload that is sent again under the same key is the same upload."""

from __future__ import annotations

import asyncio

from perisai.storage.memory import MemoryStore
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import APP, OTHER, api_key, idem, open_house


def test_the_same_idempotency_key_gives_the_same_upload(run, folder, local) -> None:
    async def body() -> None:
        keys = (api_key("app"), api_key("other"))
        async with open_house(folder, local, *keys) as house:
            first = (await house.send(clean(1), APP, headers=idem("one"))).json()
            again = (await house.send(clean(1), APP, headers=idem("one"))).json()
            assert first["id"] == again["id"]
            assert house.gate.looked == 1
            other = (await house.send(clean(1), OTHER, headers=idem("one"))).json()
            assert other["id"] != first["id"]
            for wrong in (
                {"data": clean(2)},
                {"data": clean(1), "params": {"age_band": "adult"}},
                {"json": {"url": "https://example.org/a.gif"}},
            ):
                answer = await house.send(
                    wrong.pop("data", None), APP, headers=idem("one"), **wrong
                )
                assert answer.status_code == 422
                assert answer.json()["error"]["code"] == "idempotency_mismatch"
            same = await house.send(
                clean(1), APP, headers=idem("one"), params={"age_band": "6-9", "wait_ms": "100"}
            )
            assert same.json()["id"] == first["id"]
            counted = await house.counts()
            assert sum(each["n"] for each in counted if each["client"] == "app") == 1

    run(body())


def test_idempotency_survives_a_restart(run, folder, local) -> None:
    async def body() -> None:
        kept = MemoryStore()
        async with open_house(folder, local, api_key("app"), store=kept) as house:
            first = (await house.send(marked(1), APP, headers=idem("one"))).json()
        kept._closed = False
        async with open_house(folder, local, store=kept) as house:
            again = (await house.send(marked(1), APP, headers=idem("one"))).json()
            assert (again["id"], again["verdict"]) == (first["id"], "withhold")
            assert house.gate.looked == 0
            assert (await house.ask(first["id"], APP)).json()["verdict"] == "withhold"

    run(body())


def test_two_that_come_together_are_screened_once(run, folder, local) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app")) as house:
            answers = await asyncio.gather(
                *(house.send(clean(5), APP, headers=idem("one")) for _ in range(5))
            )
            assert len({answer.json()["id"] for answer in answers}) == 1
            assert {answer.status_code for answer in answers} == {200}
            assert house.gate.looked == 1
            assert house.check.held_bytes == 0

    run(body())
