"""The service and those who ask it, in processes of their own."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time

import psutil
import pytest

from perisai.errors import ServiceBusy, ServiceError
from perisai.screening.service import client as client_module
from perisai.screening.service import connect
from perisai.screening.service.client import Client
from perisai.screening.service.local import Local
from perisai.terms import Label

LIGHT = """
import asyncio, json, sys
import psutil
from pathlib import Path
from perisai import settings
from perisai.screening.service import connect

async def ask():
    screening = await connect(settings.load())
    data = Path(sys.argv[1]).read_bytes()
    looked = [await screening.screen(data, urgent=True) for _ in range(3)][0]
    used = psutil.Process().memory_info()
    await screening.close()
    print(json.dumps({
        "looked": looked.to_json(),
        "kind": type(screening).__name__,
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
        "mb": used.rss / 2**20,
    }))

asyncio.run(ask())
"""


def ask_from_outside(house, file):
    words = [sys.executable, "-c", LIGHT, str(file)]
    asked = subprocess.run(
        words, env=house.environment(), capture_output=True, timeout=60, check=True
    )
    assert asked.stderr == b""
    return json.loads(asked.stdout)


def test_a_client_needs_no_engine_and_hears_the_same(house, explicit, tmp_path):
    file = tmp_path / "clip.gif"
    file.write_bytes(explicit)
    alone = ask_from_outside(house, file)
    house.serve()
    served = ask_from_outside(house, file)
    assert (alone["kind"], served["kind"]) == ("Local", "Client")
    assert served["looked"] == alone["looked"]
    assert [f["label"] for f in served["looked"]["findings"]] == [Label.EXPLICIT]
    assert "openvino" in alone["modules"]
    assert not {"openvino", "onnxruntime", "numba", "av"} & {*served["modules"]}
    assert served["mb"] < alone["mb"] - 50, served["mb"]
    assert served["mb"] < 70


def test_many_ask_at_once(house, clean, explicit):
    house.serve()

    async def run():
        async with Client(house.settings) as one, Client(house.settings) as two:
            asked = [
                each.screen(data, urgent=bool(number % 2))
                for number in range(20)
                for each in (one, two)
                for data in (clean, explicit)
            ]
            found = await asyncio.gather(*asked)
            assert len({looked.basis for looked in found} | {await one.basis()}) == 1
            assert [bool(looked.findings) for looked in found] == [False, True] * 40
            assert (await one.status())["done"] == 80

    asyncio.run(run())


def test_urgent_files_go_first(house, clean, long):
    house.serve(SCREENING__JOBS=1)

    async def run():
        order = []

        async def ask(client, name, data, *, urgent=False):
            await client.screen(data, urgent=urgent)
            order.append(name)

        async with Client(house.settings) as patrol, Client(house.settings) as gateway:
            await asyncio.gather(patrol.open(), gateway.open())
            tasks = [asyncio.create_task(ask(patrol, f"patrol {n}", long)) for n in range(3)]
            await asyncio.sleep(0.2)
            for number in range(3):
                await ask(gateway, f"child {number}", clean, urgent=True)
            await asyncio.gather(*tasks)
        assert order.index("child 2") < order.index("patrol 1")
        assert [name for name in order if "patrol" in name] == [f"patrol {n}" for n in range(3)]

    asyncio.run(run())


def test_a_killed_service_is_told_at_once_and_found_again(house, clean, long):
    service = house.serve()

    async def run():
        async with Client(house.settings) as one, Client(house.settings) as two:
            waiting = [asyncio.create_task(c.screen(long)) for c in (one, two) for _ in range(4)]
            await asyncio.sleep(0.3)
            before = await one.basis()
            service.kill()
            since = time.monotonic()
            answers = await asyncio.gather(*waiting, return_exceptions=True)
            assert time.monotonic() - since < 10
            assert {type(answer) for answer in answers} == {ServiceError}
            with pytest.raises(ServiceError, match="`perisai service`"):
                await one.screen(clean)
            alone = await connect(house.settings)
            assert isinstance(alone, Local)
            assert (await alone.screen(clean)).basis == before
            await alone.close()
            service.wait()
            assert house.socket.is_socket()  # left behind
            await asyncio.to_thread(house.serve)
            assert await one.basis() == before
            assert (await two.screen(clean)).error is None

    asyncio.run(run())


def test_a_stopped_service_finishes_what_runs(house, long):
    service = house.serve(SCREENING__JOBS=1)

    async def run():
        async with Client(house.settings) as client:
            running = asyncio.create_task(client.screen(long))
            await asyncio.sleep(0.2)
            waiting = asyncio.create_task(client.screen(long))
            await asyncio.sleep(0.1)
            service.send_signal(signal.SIGTERM)
            with pytest.raises(ServiceError, match="before this file's turn"):
                await waiting
            assert not running.done()
            assert (await running).error is None

    asyncio.run(run())
    _, err = service.communicate(timeout=20)
    assert (service.returncode, err) == (0, "")
    assert not house.socket.exists()


def test_a_service_that_hangs_is_given_up(house, long, clean, monkeypatch):
    monkeypatch.setattr(client_module, "PING_SECONDS", 0.3)
    service = house.serve()

    async def run():
        async with Client(house.settings) as client:
            waiting = asyncio.create_task(client.screen(long))
            await asyncio.sleep(0.1)
            service.send_signal(signal.SIGSTOP)
            with pytest.raises(ServiceError, match="does not answer any more"):
                await asyncio.wait_for(waiting, 5)
            service.send_signal(signal.SIGCONT)
            assert (await client.screen(clean)).error is None

    asyncio.run(run())


def test_too_many_are_told_when_to_come_back(house, long):
    house.serve(SCREENING__JOBS=1, SERVICE__QUEUE=2)

    async def run():
        async with Client(house.settings) as client:
            tasks = [asyncio.create_task(client.screen(long)) for _ in range(3)]
            await asyncio.sleep(0.3)
            with pytest.raises(ServiceBusy, match="2 files wait") as caught:
                await client.screen(long)
            assert 0.4 < caught.value.retry_after < 60
            await asyncio.gather(*tasks)

    asyncio.run(run())


def test_a_file_over_the_limit_is_not_even_sent(house, clean):
    service = house.serve()

    async def run():
        async with Client(house.settings) as client, Local(house.settings) as local:
            await client.screen(clean)
            before = psutil.Process(service.pid).memory_info().rss
            huge = bytes(64 * 1024 * 1024 + 1)
            looked = await client.screen(huge)
            assert looked == await local.screen(huge)
            assert looked.error[0] == "too_large"
            assert psutil.Process(service.pid).memory_info().rss - before < 20e6
            largest = await client.screen(huge[:-1])
            assert largest.error[0] == "unknown_media"
            assert (await client.screen(clean)).error is None

    asyncio.run(run())


def test_a_second_service_says_that_one_runs(house):
    first = house.serve()
    begin = time.monotonic()
    second = house.run("service")
    assert time.monotonic() - begin < 20
    assert second.returncode == 2
    assert "runs already" in second.stderr
    assert f"process {first.pid}" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert first.poll() is None


def test_a_wrong_choice_leaves_no_socket_behind(house):
    said = house.run("service", SCREENING__MODELS="nothing-of-that-name")
    assert said.returncode == 2
    assert "nothing-of-that-name" in said.stderr
    assert not house.socket.exists()


def test_its_status(house):
    said = house.run("service", "--status")
    assert said.returncode == 1
    assert "`perisai service`" in said.stdout
    service = house.serve()
    found = json.loads(house.run("service", "--status", "--json").stdout)
    assert (found["running"], found["process"], found["waiting"]) == (True, service.pid, 0)
    said = house.run("service", "--status")
    assert (said.returncode, said.stderr) == (0, "")
    assert "tiny" in said.stdout
    assert house.run("service", "--json").returncode == 2


@pytest.mark.parametrize("more", [{"SCREENING__POLICY": "generic"}, {"MEDIA__MAX_FRAMES": 7}])
def test_a_service_with_other_settings_is_not_used(house, clean, caplog, more):
    house.serve(**more)

    async def run():
        client = Client(house.settings)
        with pytest.raises(ServiceError, match="other settings"):
            await client.screen(clean)
        await client.close()
        screening = await connect(house.settings)
        assert isinstance(screening, Local)
        await screening.close()

    asyncio.run(run())
    assert "other settings" in caplog.text


def test_a_changed_list_counts_for_everybody(house, clean):
    from perisai.matching.lists import ListStore
    from perisai.matching.lists.model import Entry, Kind

    house.serve()

    async def run():
        async with Client(house.settings) as client:
            looked = await client.screen(clean)
            assert looked.findings == ()
            store = ListStore(house.settings.home)
            store.create("own", source="tests", label=Label.LISTED)
            store.add("own", [Entry(Kind.SHA256, bytes.fromhex(looked.sha256))])
            listed = await client.screen(clean)
            assert [f.by for f in listed.findings] == ["own"]
            await asyncio.sleep(1.6)
            assert await client.basis() == listed.basis != looked.basis

    asyncio.run(run())
