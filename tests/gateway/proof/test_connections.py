"""What no client sends: bad request lines, endless headers, nothing at all. Others are answered."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from perisai.gateway.operation.connections import Connection
from tests.gateway.proof.test_killed import environment, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.requests import Request

__all__ = ["environment"]

GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


class Hasty(Connection):
    """The same, for those who test."""

    HEAD_SECONDS = 0.5
    STALLED_SECONDS = 0.5


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65_536
        await asyncio.sleep(0)


async def _hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[str, int]]:
    """A server with hasty connections."""
    app = Starlette(
        routes=[
            Route("/health/live", _hello, methods=["GET", "POST"]),
            Route("/endless", lambda _: StreamingResponse(_endless())),
        ]
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=Hasty, log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
        )
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()
        server.should_exit = True
        thread.join(10)


@contextmanager
def connected(place: tuple[str, int], *sent: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(place, timeout=10) as talk:
        for each in sent:
            talk.sendall(each)
        yield talk


def rest(talk: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    said = b""
    try:
        while part := talk.recv(65_536):
            said += part
    except ConnectionError:
        pass
    return said


def _heard(talk: socket.socket, end: bytes) -> bool:
    said = b""
    while not said.endswith(end) and (part := talk.recv(65_536)):
        said += part
    return said.endswith(end)


def _dribble(talk: socket.socket, data: bytes) -> None:
    for _ in range(100):
        talk.sendall(data)
        time.sleep(0.05)


@pytest.mark.parametrize("begun", [b"", b"GET /health/live HTT", GET[:-2], b"\r\n" * 3])
def test_a_head_that_does_not_come_ends(place: tuple[str, int], begun: bytes) -> None:
    with connected(place, begun) as talk:
        since = time.monotonic()
        assert rest(talk).startswith(b"HTTP/1.1 408 ")
        assert 0.3 < time.monotonic() - since < 4.8


def test_a_head_that_comes_byte_by_byte_ends(place: tuple[str, int]) -> None:
    with connected(place, GET) as talk:
        assert _heard(talk, b"hello")
        since = time.monotonic()
        with pytest.raises(ConnectionError):  # also the second one, and though it never rests
            _dribble(talk, b"X")
        assert time.monotonic() - since < 4.8


def test_a_head_without_end_ends(place: tuple[str, int]) -> None:
    """Uvicorn alone would keep all of it in memory: 100 MB here."""
    with connected(place, b"GET /health/live HTTP/1.1\r\n") as talk:
        lines = (b"X-%d: %s\r\n" % (number, b"x" * 1_000) for number in range(100_000))
        with pytest.raises(ConnectionError):
            talk.sendall(b"".join(lines))


def test_who_does_not_read_is_left(place: tuple[str, int]) -> None:
    with connected(place, b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n") as talk:
        time.sleep(2)
        talk.settimeout(5)
        assert not rest(talk).endswith(b"0\r\n\r\n")


def test_a_body_that_nobody_waits_for_ends(place: tuple[str, int]) -> None:
    head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    with connected(place, head) as talk:
        assert _heard(talk, b"hello")
        since = time.monotonic()
        with pytest.raises(ConnectionError):
            _dribble(talk, b"x")
        assert time.monotonic() - since < 4.8


def test_requests_one_behind_the_other_are_answered_in_order(place: tuple[str, int]) -> None:
    """Also one whose body comes in parts that are larger than any head."""
    large = (
        b"POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000
    )
    last = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connected(place, GET * 3 + large[:100]) as talk:
        for start in range(100, len(large), 70_000):
            time.sleep(0.1)
            talk.sendall(large[start : start + 70_000])
        talk.sendall(last)
        said = rest(talk)
    assert said.count(b"HTTP/1.1 200 OK") == 4
    assert said.count(b"HTTP/1.1 404 ") == 1
    assert said.index(b"404") > said.rindex(b"200 OK")


BAD = [
    b"\0\0\0\0", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%zz/\xff HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n", b"GET / HTTP/1.1\r\n: c\r\n\r\n",
    b"POST /v1/screen HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST /v1/screen HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET " + b"/x" * 40_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
]  # fmt: skip


def test_the_real_server_answers_others_meanwhile(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Whatever came before, and however many sit there: the next one gets an answer at once."""
    (tmp_path / "perisai.toml").write_text(_settings(tmp_path))
    with serving(environment) as (_, base):
        host, _, port = base.removeprefix("http://").partition(":")
        there = (host, int(port))
        idle = [socket.create_connection(there) for _ in range(150)]
        for each in idle[::3]:
            each.sendall(b"GET /v2/search?q=")
        for bad in BAD:
            with connected(there, bad) as talk:
                talk.shutdown(socket.SHUT_WR)
                said = rest(talk)
            assert b"Traceback" not in said
            assert b"HTTP/1.1 500" not in said
        for _ in range(20):  # asks, and is gone before the answer
            with connected(there, b"GET /v2/featured HTTP/1.1\r\nHost: x\r\n\r\n"):
                pass
        with connected(there, GET) as talk:
            since = time.monotonic()
            assert _heard(talk, b'{"status":"live"}')
            assert time.monotonic() - since < 5
        for each in idle:
            each.close()


def _settings(folder: Path) -> str:
    from tests.common import tinymodel

    return tinymodel.toml(tinymodel.write(folder))
