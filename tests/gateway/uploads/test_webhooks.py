"""Webhooks over real HTTP on loopback: signed, tried again, kept over restarts, never misled."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from perisai.errors import FetchRefused
from perisai.gateway.clients import webhook_secret
from perisai.gateway.uploads.webhooks import pause, read_webhook, signature
from perisai.storage.memory import MemoryStore
from perisai.storage.records import Opinion
from perisai.terms import Label
from tests.common.gateway import served
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import SECRET, House, Receiver, api_key, open_house

APP = "app-key"
ASYNC = {"Prefer": "respond-async", "Idempotency-Key": "yours"}
AT_HOME = {"upload_private": "true", "working": True}


async def promised(house: House, data: bytes, key: str = APP) -> str:
    """Send a file that is answered with 202; it is looked at from then on."""
    house.gate.open.clear()
    answer = await house.send(data, key, headers=ASYNC)
    assert answer.status_code == 202
    house.gate.open.set()
    return answer.json()["id"]


async def heard(receiver: Receiver, count: int = 1) -> list[tuple[dict[str, str], bytes]]:
    for _ in range(500):
        if len(receiver.heard) >= count:
            return receiver.heard
        await asyncio.sleep(0.02)
    raise AssertionError(f"only {len(receiver.heard)} of {count} arrived")


async def settled(house: House) -> None:
    for _ in range(200):
        if not house.check.webhooks.waiting:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("something is still to be told")


def test_what_was_promised_is_told_signed_and_once(run, folder, local) -> None:
    receiver = Receiver()

    async def body(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, key, **AT_HOME) as house:
            number = await promised(house, marked(1))
            ((headers, body),) = await heard(receiver)
            told = json.loads(body)
            assert headers["content-type"] == "application/json"
            at, _, proof = headers["x-perisai-signature"].partition(",")
            secret = webhook_secret(SECRET, key.digest)
            said = at.removeprefix("t=").encode() + b"." + body
            right = hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()
            assert proof == f"v1={right}"
            assert abs(int(at.removeprefix("t=")) - datetime.now(UTC).timestamp()) < 60
            assert set(told) == {
                "event", "decided_at", "idempotency_key", "id", "status", "age_band", "verdict",
                "allowed", "rule", "sha256", "shadow",
            }  # fmt: skip
            assert (told["id"], told["idempotency_key"]) == (number, "yours")
            assert told["sha256"] == hashlib.sha256(marked(1)).hexdigest()
            assert (told["verdict"], told["allowed"]) == ("withhold", False)
            assert (told["rule"], told["age_band"]) == ("looks-explicit", "6-9")
            await settled(house)
            # Who was answered at once is not told again.
            assert (await house.send(clean(2), APP)).status_code == 200
            await asyncio.sleep(0.2)
            assert len(receiver.heard) == 1

    with served(receiver.app) as base:
        run(body(base))


def test_a_receiver_that_fails_hears_the_same_event_again(run, folder, local) -> None:
    receiver = Receiver(500, 302, 404, 200)

    async def body(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, key, **AT_HOME) as house:
            house.check.webhooks.wait = lambda _: 0.05
            await promised(house, clean(1))
            tries = await heard(receiver, 4)
            assert len({json.loads(body)["event"] for _, body in tries}) == 1
            await settled(house)
            await asyncio.sleep(0.2)
            assert len(receiver.heard) == 4
            assert await house.store.untold(datetime(2026, 1, 1, tzinfo=UTC)) == ()

    with served(receiver.app) as base:
        run(body(base))


def test_what_is_not_acknowledged_is_told_after_a_restart(run, folder, local) -> None:
    receiver = Receiver(503)
    kept = MemoryStore()

    async def before(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, key, store=kept, **AT_HOME) as house:
            await promised(house, clean(1))
            await heard(receiver)
        kept._closed = False

    async def after() -> None:
        async with open_house(folder, local, store=kept, **AT_HOME) as house:
            await heard(receiver, 2)
            await settled(house)

    with served(receiver.app) as base:
        run(before(base))
        receiver.statuses = [200]
        run(after())
    events = [json.loads(body)["event"] for _, body in receiver.heard]
    assert events[0] == events[1]


def test_what_was_lost_is_told_as_lost(run, folder, local) -> None:
    receiver = Receiver()
    kept = MemoryStore()

    async def body(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, key, store=kept, upload_private="true") as one:
            one.gate.open.clear()
            number = (await one.send(clean(1), APP, headers=ASYNC)).json()["id"]
            one.check._holders.close()  # as the system does when a process is killed
            async with open_house(folder, local, store=kept, **AT_HOME):
                ((_, body),) = await heard(receiver)
                told = json.loads(body)
                assert (told["id"], told["status"]) == (number, "unscreened")
                assert (told["verdict"], told["allowed"]) == ("unscreened", False)
                assert (told["rule"], told["error"]["code"]) == ("lost", "lost")

    with served(receiver.app) as base:
        run(body(base))


def test_a_person_who_decides_before_it_is_told_is_heeded(run, folder, local) -> None:
    receiver = Receiver(503)

    async def body(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, key, **AT_HOME) as house:
            house.check.webhooks.wait = lambda _: 0.05
            await promised(house, clean(3))
            ((_, first), *_) = await heard(receiver)
            assert json.loads(first)["allowed"]
            sha256 = json.loads(first)["sha256"]
            word = Opinion(sha256, Label.EXPLICIT, 1.0, "siti", "seen", datetime.now(UTC))
            await house.store.add_opinion(word)
            await house.verdicts.refresh()
            receiver.statuses = [200]
            await settled(house)
            assert json.loads(receiver.heard[-1][1])["verdict"] == "block"

    with served(receiver.app) as base:
        run(body(base))


def test_shadow_is_told_as_shadow_until_the_trial_ends(run, folder, local) -> None:
    receiver = Receiver(503)

    async def body(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook", shadow=True)
        async with open_house(folder, local, key, **AT_HOME) as house:
            house.check.webhooks.wait = lambda _: 0.05
            await promised(house, marked(1))
            ((_, first), *_) = await heard(receiver)
            told = json.loads(first)
            assert (told["allowed"], told["shadow"]) == (True, True)
            assert told["would_be"] == {
                "verdict": "withhold", "allowed": False, "rule": "looks-explicit",
            }  # fmt: skip
            await house.store.revoke_key("app", datetime.now(UTC))
            await house.store.add_key(replace(key, digest="e" * 64, shadow=False))
            await house.clients.refresh()
            receiver.statuses = [200]
            await settled(house)
            told = json.loads(receiver.heard[-1][1])
            assert (told["allowed"], told["shadow"], told["verdict"]) == (False, False, "withhold")

    with served(receiver.app) as base:
        run(body(base))


@pytest.mark.parametrize("end", ["revoked", "old"])
def test_when_nobody_is_to_be_told_any_more_it_ends(run, folder, local, end) -> None:
    receiver = Receiver(503)

    async def body(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, key, **AT_HOME) as house:
            house.check.webhooks.wait = lambda _: 0.05
            await promised(house, clean(1))
            await heard(receiver)
            if end == "revoked":
                await house.store.revoke_key("app", datetime.now(UTC))
                await house.clients.refresh()
            else:
                house.ahead[0] = timedelta(hours=25)
            await settled(house)
            assert await house.store.untold(datetime(2026, 1, 1, tzinfo=UTC)) == ()

    with served(receiver.app) as base:
        run(body(base))


def test_one_dead_receiver_does_not_hold_up_the_others(run, folder, local) -> None:
    receiver = Receiver()

    async def body(base: str) -> None:
        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()  # until the other side gives up
            writer.close()

        silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        dead = api_key("dead", webhook=f"http://127.0.0.1:{port}/hook")
        good = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, dead, good, **AT_HOME) as house:
            house.gate.open.clear()
            for number in range(20):
                headers = {"Prefer": "respond-async"}
                answer = await house.send(clean(number), "dead-key", headers=headers)
                assert answer.status_code == 202
            house.gate.open.set()
            await promised(house, clean(30))
            await heard(receiver)
            assert house.check.webhooks.waiting >= 20
        silent.close()
        await silent.wait_closed()

    with served(receiver.app) as base:
        run(body(base))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook",
        "https://127.0.0.1/hook",
        "https://localhost/hook",
        "https://user@example.org/hook",
        "ftp://example.org/",
        "hook",
    ],
)
def test_a_webhook_may_not_lead_into_the_house(url) -> None:
    with pytest.raises(FetchRefused):
        read_webhook(url, private=False)


def test_a_webhook_is_https_or_at_home() -> None:
    assert read_webhook("https://example.org/hook", private=False).host == "example.org"
    assert read_webhook("http://127.0.0.1:9000/hook", private=True).port == 9000


def test_nothing_is_sent_to_a_private_address_unless_the_operator_allows_it(
    run, folder, local
) -> None:
    receiver = Receiver()

    async def body(base: str) -> None:
        key = api_key("app", webhook=f"{base}/hook")
        async with open_house(folder, local, key, working=True) as house:
            await promised(house, clean(1))
            await asyncio.sleep(1)
            assert receiver.heard == []
            assert house.check.webhooks.waiting == 1

    with served(receiver.app) as base:
        run(body(base))


def test_pauses_double_and_end_at_an_hour() -> None:
    age, tries = 0.0, 0
    while age < 24 * 3600:
        assert 0.5 <= pause(age, 0.0) / pause(age, 1.0) <= 0.51
        assert pause(age, 1.0) <= 3600
        age += pause(age, 0.5)
        tries += 1
    assert 25 < tries < 60


def test_the_signature_is_what_the_page_says() -> None:
    proof = hmac.new(b"secret", b'17.{"a":1}', hashlib.sha256).hexdigest()
    assert signature("secret", b'{"a":1}', 17) == f"t=17,v1={proof}"
