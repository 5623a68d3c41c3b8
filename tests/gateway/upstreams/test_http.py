"""An upstream that is slow, dead or lying costs its own results only, and never a secret."""

from __future__ import annotations

import asyncio
import gzip
import logging
import time
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.items import Rendition, Size
from tests.gateway.fetching.servers import Request, Server, answer, redirect
from tests.gateway.upstreams.common import KEY, adult, run, told, upstream

if TYPE_CHECKING:
    from collections.abc import Callable

EMPTY = {"results": [], "next": ""}
DEEP = b"[" * 50_000
BROKEN = answer(b"", status=502)


def rendition(url: str) -> Rendition:
    return Rendition("gif", Size.ORIGINAL, url, 10, 10)


def taking_turns(*turns: bytes) -> Callable[[Request, Any], bytes]:
    """Each answer once, and the last for ever."""
    left = list(turns)

    def handler(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
        return left.pop(0) if len(left) > 1 else left[0]

    return handler


def test_a_passing_failure_is_asked_again_at_most_twice() -> None:
    async def body() -> None:
        handler = taking_turns(BROKEN, BROKEN, told(EMPTY))
        async with upstream("tenor", {"/v/featured": handler}) as (it, server):
            assert (await it.search(adult())).items == ()
            assert len(server.requests) == 3
        async with upstream("tenor", {"/v/featured": BROKEN}) as (it, server):
            with pytest.raises(UpstreamError, match="502"):
                await it.search(adult())
            assert len(server.requests) == 3

    run(body)


def test_all_attempts_together_take_no_longer_than_one_may() -> None:
    async def slow(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
        await asyncio.sleep(0.25)
        return BROKEN

    async def body() -> None:
        async with upstream("tenor", {"*": slow}, timeout_seconds=0.4) as (it, server):
            begun = time.monotonic()
            with pytest.raises(UpstreamError):
                await it.search(adult())
            assert time.monotonic() - begun < 5
            assert len(server.requests) <= 2

    run(body)


@pytest.mark.parametrize(
    "said",
    [
        answer(b"<!doctype html><title>Welcome</title>"),
        answer(b""),
        answer(b"{"),
        answer(b"\xff\xfe"),
        answer(DEEP),
        answer(b'{"results": NaN}'),
        told([]),
        told("results"),
        told({}),
        told({"results": None}),
        told({"results": {"0": 1}}),
        told({"error": {"code": 400, "message": KEY}}),
        told({"results": [], "error": KEY}),
        redirect("http://169.254.169.254/"),
        redirect(f"http://127.0.0.1:1/?{KEY}"),
        answer(b"", length=10**9),
        answer(gzip.compress(bytes(50_000_000)), headers="Content-Encoding: gzip\r\n"),
        answer(KEY.encode(), status=401),
        answer(KEY.encode(), status=403),
    ],
    ids=range(19),
)
def test_a_lying_interface_is_not_asked_again_at_once_and_left_alone_if_it_goes_on(
    said: bytes,
) -> None:
    async def body() -> None:
        async with upstream("tenor", {"*": said}) as (it, server):
            for attempt in range(5):
                assert it.health == "up"
                with pytest.raises(UpstreamError) as error:
                    await it.search(adult("kucing"))
                assert KEY not in str(error.value)
                assert "kucing" not in str(error.value)
                assert len(server.requests) == attempt + 1
            assert it.health == "down"
            with pytest.raises(UpstreamError, match="left alone"):
                await it.search(adult("kucing"))
            assert len(server.requests) == 5

    run(body)


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_request_that_is_wrong_says_nothing_about_the_upstream(status: int) -> None:
    async def body() -> None:
        async with upstream("tenor", {"*": answer(b"", status=status)}) as (it, server):
            for _ in range(9):
                with pytest.raises(FetchRefused, match=str(status)):
                    await it.search(adult())
            assert it.health == "up"
            assert len(server.requests) == 9

    run(body)


def test_an_upstream_that_asks_for_rest_gets_it() -> None:
    async def body() -> None:
        said = answer(b"", status=429, headers="Retry-After: 30\r\n")
        async with upstream("tenor", {"*": said}) as (it, server):
            with pytest.raises(UpstreamError, match="429"):
                await it.search(adult())
            with pytest.raises(UpstreamError, match="left alone"):
                await it.search(adult())
            assert len(server.requests) == 1
            assert it.health == "down"

    run(body)


def test_an_upstream_that_comes_back_is_used_again() -> None:
    async def body() -> None:
        async with upstream("tenor", {"*": BROKEN}) as (it, server):
            it._http._lists_breaker._first = it._http._lists_breaker._pause = 0.1
            for _ in range(2):
                with pytest.raises(UpstreamError):
                    await it.search(adult())
            assert it.health == "down"
            server.handlers["*"] = told(EMPTY)
            while it.health == "down":
                await asyncio.sleep(0.02)
            assert it.health == "trying"
            await it.search(adult())
            assert it.health == "up"

    run(body)


def test_a_page_that_gives_up_neither_hides_a_slow_upstream_nor_loses_its_answer() -> None:
    async def slow(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
        await asyncio.sleep(0.2)
        return told({"results": [], "next": "more"})

    async def silent(_request: Request, _writer: asyncio.StreamWriter) -> bytes:
        await asyncio.sleep(9)
        return b""

    async def body() -> None:
        async with upstream("tenor", {"*": slow}) as (it, server):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await it.search(adult())
            await asyncio.sleep(0.4)
            async with asyncio.timeout(0.05):
                assert (await it.search(adult())).next == "more"
            assert len(server.requests) == 1
        async with upstream("tenor", {"*": silent}, timeout_seconds=0.1) as (it, _):
            for number in range(5):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await it.search(adult(str(number)))
            await asyncio.sleep(0.4)
            assert it.health == "down"

    run(body)


def test_files_have_a_breaker_of_their_own_that_single_files_do_not_open() -> None:
    async def body() -> None:
        handlers = {"/gone": answer(b"", status=404), "/big": answer(b"", length=10**9)}
        async with upstream("tenor", handlers | {"*": told(EMPTY)}) as (it, server):
            for path in ("gone", "big"):
                for _ in range(9):
                    with pytest.raises(FetchRefused):
                        await it.fetch(rendition(f"{server.base}/{path}"), 1000)
            assert it.health == "up"
            server.handlers["/dead"] = BROKEN
            for _ in range(2):
                with pytest.raises(UpstreamError):
                    await it.fetch(rendition(f"{server.base}/dead"), 1000)
            assert it.health == "down"
            assert (await it.search(adult())).items == ()

    run(body)


def test_a_file_is_fetched_from_the_named_hosts_only_and_without_the_key() -> None:
    async def body() -> None:
        async with (
            Server({"*": answer(b"GIF89a")}) as media,
            upstream("tenor", {}, media_hosts=[f"127.0.0.1:{media.port}"]) as (it, server),
        ):
            assert await it.fetch(rendition(f"{media.base}/a.gif"), 6) == b"GIF89a"
            with pytest.raises(FetchRefused, match="larger"):
                await it.fetch(rendition(f"{media.base}/a.gif"), 5)
            with pytest.raises(FetchRefused, match="not a host"):
                await it.fetch(rendition(f"{server.base}/a.gif"), 6)
            assert not server.requests
            assert KEY not in repr(media.requests)

    run(body)


def test_asking_too_often_is_refused_here_and_not_there() -> None:
    async def body() -> None:
        async with upstream("tenor", {"*": told(EMPTY)}, per_second=2.0, timeout_seconds=0.3) as (
            it,
            server,
        ):
            asks = [it.search(adult(str(number))) for number in range(6)]
            results = await asyncio.gather(*asks, return_exceptions=True)
            failed = [each for each in results if isinstance(each, UpstreamError)]
            assert len(failed) == 4
            assert "more often" in str(failed[0])
            assert len(server.requests) == 2
            assert it.health == "up"

    run(body)


def test_the_key_is_in_neither_logs_nor_errors_nor_names(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def body() -> None:
        for said in (BROKEN, answer(KEY.encode()), redirect(f"/v/?key={KEY}"), told(EMPTY)):
            async with upstream("giphy", {"*": said}) as (it, server):
                with pytest.raises(UpstreamError) as error:
                    await it.search(adult())
                shown = f"{error.value!r} {error.value.__cause__!r} {it!r} {it._http!r}"
                assert KEY not in shown
                assert server.requests[0].query["api_key"] == KEY

    run(body)
    assert KEY not in caplog.text


def test_a_compressed_list_is_read() -> None:
    async def body() -> None:
        packed = gzip.compress(orjson.dumps(EMPTY | {"next": "x"}))
        said = answer(packed, headers="Content-Encoding: gzip\r\n")
        async with upstream("tenor", {"*": said}) as (it, server):
            assert (await it.search(adult())).next == "x"
            assert server.requests[0].headers["accept-encoding"] == "gzip"

    run(body)
