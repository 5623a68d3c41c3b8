"""Fetching from servers over real sockets: what is sent, taken and told to nobody."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.fetching import Fetcher
from tests.gateway.fetching.asking import LIMIT, asked, at_home, packed, run
from tests.gateway.fetching.servers import (
    Request,
    Server,
    answer,
    redirect,
)

SECRET = "k3y-0f-the-operator"


def test_bytes_are_taken_whatever_their_type_is_called() -> None:
    said = answer(b"GIF89a", headers="Content-Type: text/html\r\nSet-Cookie: a=b\r\n")
    assert asked({"/a.gif": said}) == b"GIF89a"


def test_every_request_is_the_same_and_carries_no_cookie() -> None:
    async def body() -> list[Request]:
        said = answer(b"x", headers="Set-Cookie: a=b\r\n")
        async with Server({"*": said}) as server:
            fetcher = at_home(server)
            for path in ("/1", "/2"):
                await fetcher.take(f"{server.base}{path}", LIMIT)
            await fetcher.close()
            return server.requests

    first, second = run(body)
    assert first.headers == second.headers
    assert set(first.headers) == {"host", "user-agent", "accept", "accept-encoding"}
    assert first.headers["accept-encoding"] == "identity"


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert asked({"/a.gif": answer(b"x")}) == b"x"


@pytest.mark.parametrize("status", [204, 206, 300, 304, 400, 401, 404, 410, 451])
def test_another_status_is_refused(status: int) -> None:
    with pytest.raises(FetchRefused, match=str(status)):
        asked({"/a.gif": answer(b"", status=status)})


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_broken_server_is_no_refusal(status: int) -> None:
    with pytest.raises(UpstreamError, match=str(status)) as error:
        asked({"/a.gif": answer(b"", status=status)})
    assert not isinstance(error.value, FetchRefused)


def test_a_body_is_posted_and_no_redirect_followed() -> None:
    async def body() -> None:
        said = []

        async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            said.append((head.decode(), await reader.readexactly(5)))
            writer.write(b"HTTP/1.1 307 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(hear, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        home, public = Fetcher(private=True), Fetcher()
        place = home.check(f"http://127.0.0.1:{port}/hook?a=b")
        assert (await home.post(place, b"hello", {"X-Test": "1"})).status == 307
        ((head, sent),) = said
        assert head.startswith("POST /hook?a=b HTTP/1.1\r\n")
        assert "content-length: 5\r\n" in head.lower()
        assert "x-test: 1\r\n" in head.lower()
        assert sent == b"hello"
        with pytest.raises(FetchRefused):  # checked again when it is connected to
            await public.post(place, b"hello", {})
        with pytest.raises(UpstreamError):
            await home.post(home.check("http://127.0.0.1:1/"), b"", {})
        await home.close()
        await public.close()
        server.close()
        await server.wait_closed()

    run(body)


def test_neither_errors_nor_logs_hold_key_query_or_path(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = f"/search?key={SECRET}&q={SECRET}"
    handlers: list[dict[str, Any]] = [
        {},
        {"/search": answer(b"", status=500)},
        {"/search": redirect(f"http://evil.example/?{SECRET}")},
        {"/search": answer(SECRET.encode(), status=403)},
        {"/search": answer(b"x", length=10**9)},
        {"/search": b"HTTP/1.1 nonsense " + SECRET.encode() + b"\r\n\r\n"},
        {"/search": packed(b"x", SECRET)},
    ]
    for each in handlers:
        with pytest.raises(UpstreamError) as error:
            asked(each, url, seconds=1)
        assert SECRET not in f"{error.value!r}{error.value.__cause__!r}"
    for url in (f"https://{SECRET}@a.example/", f"https://{SECRET}:1/", f"{SECRET}://x"):
        with pytest.raises(FetchRefused) as error:
            asyncio.run(Fetcher().take(url, 1))
        assert SECRET not in str(error.value)
    assert SECRET not in caplog.text
