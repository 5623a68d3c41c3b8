"""Who waits for a verdict, who asks later, and who is turned away."""

from __future__ import annotations

import time

from perisai.screening.service.local import Local
from tests.common import screening
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import APP, ASYNC, OTHER, api_key, idem, open_house


def test_who_does_not_wait_is_told_where_to_ask(run, folder, local) -> None:
    async def body() -> None:
        keys = (api_key("app"), api_key("other"))
        async with open_house(folder, local, *keys) as house:
            house.gate.open.clear()
            answer = await house.send(marked(1), APP, headers=idem("one", **ASYNC))
            told = answer.json()
            assert answer.status_code == 202
            assert answer.headers["location"] == told["location"] == f"/v1/screen/{told['id']}"
            assert answer.headers["preference-applied"] == "respond-async"
            assert set(told) == {"id", "status", "location"}
            assert house.check.held_bytes == len(marked(1))
            joined = await house.send(marked(1), APP, headers=idem("one"), params={"wait_ms": "60"})
            assert (joined.status_code, joined.json()["id"]) == (202, told["id"])
            asked = await house.ask(told["id"], APP)
            assert (asked.status_code, asked.json()["status"]) == (202, "pending")
            assert (await house.ask(told["id"], OTHER)).status_code == 404
            assert (await house.http.get(f"/v1/screen/{told['id']}")).status_code == 404
            house.gate.open.set()
            became = await house.outcome(told["id"], APP)
            assert (became["id"], became["verdict"]) == (told["id"], "withhold")
            assert became["findings"]
            assert house.gate.looked == 1
            assert house.check.held_bytes == 0
            # What is known is answered at once also to those who would not wait.
            known = await house.send(marked(1), APP, headers=ASYNC)
            assert (known.status_code, known.json()["verdict"]) == (200, "withhold")

    run(body())


def test_prefer_wait_and_the_setting(run, folder, local) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app"), upload_wait_ms=300) as house:
            house.gate.open.clear()
            begin = time.monotonic()
            for more in (
                {"params": {"wait_ms": "100000"}},
                {"headers": {"Prefer": "respond-async, wait=0"}},
                {"headers": {"Prefer": "wait=900"}},
                {},
            ):
                assert (await house.send(clean(1), APP, **more)).status_code == 202
            assert 0.8 < time.monotonic() - begin < 3
            answer = await house.send(clean(1))  # a stranger cannot be told later
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_yet")
            assert answer.headers["retry-after"]
            house.gate.open.set()

    run(body())


def test_too_many_are_told_to_come_back(run, folder, local) -> None:
    async def body() -> None:
        data = clean(1)
        limits = {"upload_waiting_bytes": len(data) + 10}
        async with open_house(folder, local, api_key("app"), **limits) as house:
            house.gate.open.clear()
            first = await house.send(data, APP, headers=ASYNC)
            assert first.status_code == 202
            full = await house.send(clean(2), APP, headers=ASYNC)
            assert (full.status_code, full.json()["error"]["code"]) == (503, "busy")
            assert int(full.headers["retry-after"]) > 0
            house.gate.open.set()
            assert (await house.outcome(first.json()["id"], APP))["allowed"]
            assert (await house.send(clean(2), APP)).status_code == 200
            large = bytes(10 * len(data))
            assert (await house.send(large, APP)).status_code == 200  # one alone is always taken
            assert house.check.held_bytes == 0

    run(body())


def test_a_screener_that_is_full_turns_away_who_waits_and_keeps_who_was_promised(
    run, folder, local
) -> None:
    async def body() -> None:
        async with open_house(folder, local, api_key("app")) as house:
            house.gate.busy = 1
            answer = await house.send(clean(1), APP, headers=idem("one"))
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
            assert answer.headers["retry-after"] == "1"
            again = await house.send(clean(1), APP, headers=idem("one"))
            assert again.json()["allowed"]
            house.gate.open.clear()
            promised = await house.send(clean(2), APP, headers=ASYNC)
            assert promised.status_code == 202
            house.gate.open.set()
            assert (await house.outcome(promised.json()["id"], APP))["allowed"]

    run(body())


def test_what_fails_for_a_passing_reason_is_looked_at_again(run, folder) -> None:
    async def body() -> None:
        chosen = screening.settings(folder)
        screening.create_list(chosen.home, "own", screening.scene(1))
        async with Local(chosen) as own, open_house(folder, own, api_key("app")) as house:
            lists, data = chosen.home / "lists.sqlite3", clean(1)
            lists.rename(folder / "away")
            failed = (await house.send(data, APP, headers=idem("one"))).json()
            assert (failed["verdict"], failed["error"]["code"]) == ("unscreenable", "bad_list")
            assert not failed["allowed"]
            asked = (await house.ask(failed["id"], APP)).json()
            assert (asked["verdict"], asked["allowed"]) == ("unscreenable", False)
            again = (await house.send(data, APP, headers=idem("one"))).json()
            assert again["id"] == failed["id"]
            assert house.gate.looked == 2

    run(body())
