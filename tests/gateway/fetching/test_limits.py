"""Servers that send too much, too slowly, or nothing that is whole."""

from __future__ import annotations

import asyncio
import time

import pytest

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.fetching import Fetcher
from tests.gateway.fetching.asking import LIMIT, asked, run
from tests.gateway.fetching.servers import (
    Request,
    Server,
    answer,
)


def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    with pytest.raises(FetchRefused, match="larger than"):
        asked({"/a.gif": answer(b"", length=LIMIT + 1)})
    assert asked({"/a.gif": answer(b"x" * LIMIT)}) == b"x" * LIMIT


def test_an_endless_body_is_cut_off() -> None:
    sent = 0

    async def endless(_request: Request, writer: asyncio.StreamWriter) -> bytes:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
            sent += 0x1000
            await writer.drain()

    with pytest.raises(FetchRefused, match="larger than"):
        asked({"/a.gif": endless})
    assert sent < 100 * LIMIT


def test_drip_feeding_runs_into_the_total_time() -> None:
    async def drip(_request: Request, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    begun = time.monotonic()
    with pytest.raises(UpstreamError, match="in time"):
        asked({"/a.gif": drip}, seconds=0.5, silence=5)
    assert 0.4 < time.monotonic() - begun < 8


def test_silence_is_not_waited_for_to_the_end_of_the_total_time() -> None:
    async def silent(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
        await asyncio.sleep(10)
        return b""

    begun = time.monotonic()
    with pytest.raises(UpstreamError, match="in time"):
        asked({"/a.gif": silent}, seconds=10, silence=0.3)
    assert time.monotonic() - begun < 8


def test_endless_headers_are_cut_off() -> None:
    async def headers(_request: Request, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: " + b"x" * 5000 + b"\r\n")
            await writer.drain()

    with pytest.raises(UpstreamError, match="does not speak HTTP"):
        asked({"/a.gif": headers}, seconds=5)


def test_endless_interim_answers_run_into_the_total_time() -> None:
    async def hints(_request: Request, writer: asyncio.StreamWriter) -> bytes:
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    with pytest.raises(UpstreamError, match="in time"):
        asked({"/a.gif": hints}, seconds=0.5)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        answer(b"GIF89a", length=100, headers="Connection: close\r\n"),
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\nConnection: close\r\n\r\nhello",
        answer(b"hello", headers="Content-Length: 6\r\nConnection: close\r\n"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhel",
    ],
    ids=range(7),
)
def test_broken_http_and_an_early_end_are_errors_not_short_files(said: bytes) -> None:
    async def once(_request: Request, writer: asyncio.StreamWriter) -> bytes:
        writer.write(said)
        await writer.drain()
        writer.close()
        return b""

    with pytest.raises(UpstreamError):
        asked({"/a.gif": once}, seconds=3)


def test_bytes_beyond_the_announced_length_belong_to_nothing() -> None:
    said = answer(b"GIF89a" + answer(b"evil"), length=6)
    assert asked({"/a.gif": said}) == b"GIF89a"


def test_a_dead_port_is_an_upstream_error() -> None:
    async def body() -> None:
        async with Server({}) as server:
            port = server.port
        fetcher = Fetcher((f"127.0.0.1:{port}",), private=True)
        with pytest.raises(UpstreamError, match="cannot be reached"):
            await fetcher.take(f"http://127.0.0.1:{port}/a", LIMIT)
        await fetcher.close()

    run(body)
