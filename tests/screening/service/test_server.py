"""Strangers at the socket: what is wrong with a frame ends that connection and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import struct
from contextlib import asynccontextmanager

import pytest

from perisai.errors import ServiceBusy, ServiceError
from perisai.screening.service import client as client_module
from perisai.screening.service import protocol
from perisai.screening.service import server as module
from perisai.screening.service.client import Client
from perisai.screening.service.local import Local
from perisai.screening.service.place import Claim
from perisai.screening.service.port import Looked
from perisai.screening.service.server import Server


@asynccontextmanager
async def serving(house):
    """A server in this process."""
    with Claim(house.socket) as claim:
        async with Local(house.settings) as local:
            stop = asyncio.Event()
            server = Server(local)
            task = asyncio.create_task(server.run(claim.socket, stop))
            try:
                yield server
            finally:
                stop.set()
                await task


@asynccontextmanager
async def stranger(house):
    reader, writer = await asyncio.open_unix_connection(str(house.socket))
    try:
        yield reader, writer
    finally:
        writer.close()


async def answer(reader):
    head_size, size = await protocol.read_prefix(reader)
    return await protocol.read_head(reader, head_size), await reader.readexactly(size)


def frame(head: bytes, size: int = 0) -> bytes:
    return struct.pack(">II", len(head), size) + head


HOSTILE = {
    "another protocol": b"GET / HTTP/1.1\r\n\r\n",
    "a huge head": struct.pack(">II", 2**32 - 1, 0),
    "an empty head": struct.pack(">II", 0, 0),
    "no JSON": frame(b"\xff\xfe{"),
    "no object": frame(b"[1]"),
    "deep nesting": frame(b"[" * 16000),
    "no number": frame(b'{"kind": "basis"}'),
    "a wrong number": frame(b'{"id": -1, "kind": "basis"}'),
    "a truth as number": frame(b'{"id": true, "kind": "basis"}'),
    "a huge body": frame(b'{"id": 1, "kind": "screen"}', 2**32 - 1),
    "a body where none belongs": frame(b'{"id": 1, "kind": "basis"}', 5) + b"hello",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_nonsense_ends_only_that_connection(house, clean, what):
    async def run():
        async with serving(house) as server, Client(house.settings) as good:
            await good.open()
            async with stranger(house) as (reader, writer):
                writer.write(HOSTILE[what])
                assert await asyncio.wait_for(reader.read(), 5) == b""
            assert (await good.screen(clean)).error is None
            assert (await good.status())["connections"] == 2  # the client's own two
            assert server._free == module.HELD_FILES * server.limits.max_bytes

    asyncio.run(run())


@pytest.mark.parametrize("sent", [b"\0", frame(b'{"id": 1}')[:-2]])
def test_who_goes_in_the_middle_of_a_frame_leaves_nothing_behind(house, clean, sent):
    async def run():
        async with serving(house) as server:
            async with stranger(house) as (_, writer):
                writer.write(sent)
                await writer.drain()
            async with stranger(house) as (_, writer):
                writer.write(frame(b'{"id": 1, "kind": "screen"}', 1000) + b"half of it")
                await writer.drain()
            async with Client(house.settings) as good:
                assert (await good.screen(clean)).error is None
            assert server._free == module.HELD_FILES * server.limits.max_bytes

    asyncio.run(run())


def test_a_frame_that_does_not_go_on_is_given_up(house, monkeypatch):
    monkeypatch.setattr(module, "FRAME_SECONDS", 0.2)

    async def run():
        async with serving(house), stranger(house) as (reader, writer):
            writer.write(frame(b'{"id": 1, "kind": "screen"}', 1000) + b"half of it")
            assert await asyncio.wait_for(reader.read(), 5) == b""

    asyncio.run(run())


def test_what_it_does_not_know_is_answered_and_the_connection_goes_on(house):
    async def run():
        async with serving(house), stranger(house) as (reader, writer):
            for number, head in enumerate(
                (
                    {"kind": "delete"},
                    {},
                    {"kind": "hello", "version": 99},
                    {"kind": "screen", "name": 7},
                )
            ):
                writer.write(frame(json.dumps(head | {"id": number}).encode()))
                said, body = await answer(reader)
                assert (said["id"], said["ok"], said["code"]) == (number, False, "service_error")
                assert body == b""
            writer.write(frame(b'{"id": 9, "kind": "cancel"}'))
            writer.write(frame(b'{"id": 10, "kind": "screen"}', 4) + b"what")
            said, body = await answer(reader)
            assert (said["id"], said["ok"]) == (10, True)
            assert Looked.from_json(json.loads(body)["looked"]).error[0] == "unknown_media"

    asyncio.run(run())


def test_too_many_bytes_at_a_time_are_passed_over(house, clean, long, monkeypatch):
    """Memory for files is bounded; whoever comes too much is told, and goes on."""

    async def run():
        async with serving(house) as server, Client(house.settings) as good:
            await good.open()
            server._free = len(long) + 10
            first = asyncio.create_task(good.screen(long))
            await asyncio.sleep(0.1)
            with pytest.raises(ServiceBusy):
                await good.screen(clean)
            assert (await first).error is None
            assert (await good.screen(clean)).error is None
            assert server._free == len(long) + 10

    asyncio.run(run())


def test_too_many_connections_are_turned_away(house, clean, monkeypatch):
    monkeypatch.setattr(module, "CONNECTIONS", 3)

    async def run():
        async with serving(house), Client(house.settings) as good:
            await good.open()
            await good.screen(clean)
            async with stranger(house), stranger(house) as (reader, _):
                assert await asyncio.wait_for(reader.read(), 5) == b""
                assert (await good.screen(clean)).error is None

    asyncio.run(run())


def test_another_user_is_turned_away(house, monkeypatch):
    monkeypatch.setattr(protocol, "peer_user", lambda sock: os.geteuid() + 1)

    async def run():
        async with serving(house):
            async with stranger(house) as (reader, _):
                assert await asyncio.wait_for(reader.read(), 5) == b""
            client = Client(house.settings)
            with pytest.raises(ServiceError, match="belongs to another user"):
                await client.open()

    asyncio.run(run())


def test_who_goes_away_has_waiting_files_taken_out_of_the_line(house, clean, long):
    async def run():
        async with serving(house) as server, Client(house.settings) as stays:
            await stays.open()
            leaves = Client(house.settings)
            tasks = [asyncio.create_task(leaves.screen(long)) for _ in range(8)]
            await asyncio.sleep(0.3)
            assert server.local.turns.waiting == 6  # two lanes
            await leaves.close()
            assert {type(e) for e in await asyncio.gather(*tasks, return_exceptions=True)} == {
                ServiceError
            }
            await asyncio.sleep(0.1)
            assert server.local.turns.waiting == 0
            assert (await stays.screen(clean)).error is None
            await server.local.turns.idle()
            assert server.local.turns.done == 3

    asyncio.run(run())


def test_a_cancelled_call_takes_its_file_out_of_the_line(house, long, clean):
    async def run():
        async with serving(house) as server, Client(house.settings) as client:
            running = [asyncio.create_task(client.screen(long)) for _ in range(2)]
            await asyncio.sleep(0.2)
            waiting = asyncio.create_task(client.screen(long))
            await asyncio.sleep(0.1)
            assert server.local.turns.waiting == 1
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            await asyncio.sleep(0.1)
            assert server.local.turns.waiting == 0
            await asyncio.gather(*running)
            assert server.local.turns.done == 2
            assert (await client.screen(clean)).error is None

    asyncio.run(run())


# ---- a service that lies


@asynccontextmanager
async def liar(house, reply):
    """Something that answers hello rightly, and everything else with ``reply``."""

    async def talk(reader, writer):
        try:
            while True:
                head, _ = await answer(reader)
                body = b"{}"
                if head["kind"] == "hello":
                    body = json.dumps(
                        {
                            "choices": client_module.choices(house.settings),
                            "covered": [],
                            "models": [],
                            "lanes": 1,
                        }
                    ).encode()
                    writer.write(frame(b'{"id": %d, "ok": true}' % head["id"], len(body)) + body)
                else:
                    writer.write(reply(head))
        except asyncio.IncompleteReadError:
            writer.close()

    with Claim(house.socket) as claim:
        server = await asyncio.start_unix_server(talk, sock=claim.socket)
        yield
        server.close()


def about_other_bytes(head):
    looked = Looked("0" * 64, "1" * 64, (), frozenset(), None, "gif", 1, 1, 1, 1, 1)
    body = json.dumps({"looked": looked.to_json()}).encode()
    return frame(b'{"id": %d, "ok": true}' % head["id"], len(body)) + body


@pytest.mark.parametrize(
    "reply",
    [
        lambda head: frame(b'{"id": %d, "ok": true}' % head["id"], 2) + b"{}",
        lambda head: frame(b'{"id": %d, "ok": true}' % head["id"], 3) + b"[1]",
        lambda head: frame(b'{"id": %d, "ok": true}' % head["id"], 2**32 - 1),
        lambda head: frame(b'{"id": %d}' % head["id"]),
        lambda head: b"HTTP/1.1 200 OK\r\n\r\n",
        about_other_bytes,
    ],
)
def test_an_answer_that_makes_no_sense_is_no_answer(house, clean, reply):
    async def run():
        async with liar(house, reply), Client(house.settings) as client:
            with pytest.raises(ServiceError):
                await asyncio.wait_for(client.screen(clean), 5)

    asyncio.run(run())


def test_a_service_that_falls_silent_is_given_up(house, clean, monkeypatch):
    monkeypatch.setattr(client_module, "PING_SECONDS", 0.2)

    async def run():
        async with liar(house, lambda head: b""), Client(house.settings) as client:
            with pytest.raises(ServiceError, match="does not answer any more"):
                await asyncio.wait_for(client.screen(clean), 5)

    asyncio.run(run())


def test_a_long_wait_is_not_taken_for_silence(house, long, monkeypatch):
    monkeypatch.setattr(client_module, "PING_SECONDS", 0.15)

    async def run():
        async with serving(house), Client(house.settings) as client:
            await client.open()
            await asyncio.sleep(0.5)  # nobody asked anything meanwhile
            found = await asyncio.gather(*(client.screen(long) for _ in range(3)))
            assert {looked.error for looked in found} == {None}

    asyncio.run(run())
