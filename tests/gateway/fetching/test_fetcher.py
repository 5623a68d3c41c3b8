"""Fetching from servers that lie, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import logging
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.fetching import Fetcher, MemoryResolver, SystemResolver
from tests.gateway.fetching.servers import (
    Elsewhere,
    Request,
    Server,
    answer,
    certificate,
    redirect,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

LIMIT = 100_000
SECRET = "k3y-0f-the-operator"


def run(body: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(body(), 20))


def at_home(server: Server, **options: Any) -> Fetcher:
    """A fetcher that may reach this very server on loopback."""
    return Fetcher((f"127.0.0.1:{server.port}",), private=True, **options)


def asked(handlers: dict[str, Any], url: str = "/a.gif", **options: Any) -> Any:
    """What a private fetcher takes from a server with these handlers."""

    async def body() -> bytes:
        async with Server(handlers) as server:
            fetcher = at_home(server, **options)
            try:
                return await fetcher.take(f"{server.base}{url}", LIMIT)
            finally:
                await fetcher.close()

    return run(body)


# ---- what is sent and taken


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


# ---- where it connects to


def public(server: Server, resolver: MemoryResolver, tls: Any = None) -> tuple[Fetcher, Elsewhere]:
    network = Elsewhere(server.port)
    return Fetcher(resolver=resolver, tls=tls, dial=network), network


def test_the_checked_address_is_dialled_and_the_name_kept(tmp_path: Path) -> None:
    """TLS is for the name (SNI and certificate), ``Host`` says it, the number is dialled."""

    async def body() -> None:
        inner, outer = certificate(tmp_path, "media.example.org")
        async with Server({"/a.gif": answer(b"x")}, inner) as server:
            resolver = MemoryResolver({"media.example.org": [["93.184.216.34"]]})
            fetcher, network = public(server, resolver, outer)
            assert await fetcher.take("https://media.example.org/a.gif", LIMIT) == b"x"
            assert network.dialled == [("93.184.216.34", 443)]
            assert server.requests[0].sni == "media.example.org"
            assert server.requests[0].headers["host"] == "media.example.org"
            assert resolver.asked == {"media.example.org": 1}
            await fetcher.close()

    run(body)


def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    async def body() -> None:
        inner, outer = certificate(tmp_path, "other.example.org")
        async with Server({"/a.gif": answer(b"x")}, inner) as server:
            resolver = MemoryResolver({"media.example.org": [["93.184.216.34"]]})
            fetcher, _ = public(server, resolver, outer)
            with pytest.raises(UpstreamError, match="TLS"):
                await fetcher.take("https://media.example.org/a.gif", LIMIT)
            assert not server.requests
            await fetcher.close()

    run(body)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["fd00::1"],
        ["fe80::1"],
        ["224.0.0.1"],
        ["0.0.0.0"],
        ["93.184.216.34", "127.0.0.1"],
        ["2606:4700::1111", "10.0.0.1"],
    ],
    ids=str,
)
def test_a_name_with_any_special_address_is_refused_before_anything_is_sent(
    addresses: list[str],
) -> None:
    async def body() -> None:
        async with Server({"*": answer(b"x")}) as server:
            fetcher, network = public(server, MemoryResolver({"evil.example.org": [addresses]}))
            with pytest.raises(FetchRefused):
                await fetcher.take("http://evil.example.org/a.gif", LIMIT)
            assert not network.dialled
            assert not server.requests
            await fetcher.close()

    run(body)


def test_a_name_server_that_changes_its_mind_gains_nothing() -> None:
    """DNS rebinding: good for the check, loopback for the connection. There is one look-up."""

    async def body() -> None:
        close = answer(b"x", headers="Connection: close\r\n")
        async with Server({"*": close}) as server:
            resolver = MemoryResolver({"evil.example.org": [["93.184.216.34"], ["127.0.0.1"]]})
            fetcher, network = public(server, resolver)
            assert await fetcher.take("http://evil.example.org/a.gif", LIMIT) == b"x"
            assert network.dialled == [("93.184.216.34", 80)]
            with pytest.raises(FetchRefused, match="not on the public network"):
                await fetcher.take("http://evil.example.org/b.gif", LIMIT)
            assert len(network.dialled) == 1
            await fetcher.close()

    run(body)


def test_a_private_fetcher_still_reaches_no_metadata_service() -> None:
    async def body() -> None:
        resolver = MemoryResolver({"perisai": [["169.254.169.254"]]})
        fetcher = Fetcher(("perisai", "169.254.169.254"), private=True, resolver=resolver)
        for url in ("http://perisai/latest/", "http://169.254.169.254/latest/"):
            with pytest.raises(FetchRefused, match="never connected to"):
                await fetcher.take(url, LIMIT)
        await fetcher.close()

    run(body)


def test_the_next_address_is_tried_when_one_is_dead() -> None:
    async def body() -> None:
        async with Server({"*": answer(b"x")}) as server:
            resolver = MemoryResolver({"perisai": [["::1", "127.0.0.1"]]})
            fetcher = Fetcher((f"perisai:{server.port}",), private=True, resolver=resolver)
            assert await fetcher.take(f"http://perisai:{server.port}/a", LIMIT) == b"x"
            await fetcher.close()

    run(body)


def test_the_systems_resolver_finds_loopback_and_says_so_when_there_is_nothing() -> None:
    async def body() -> None:
        resolver = SystemResolver()
        found = await resolver.addresses("localhost", 80)
        assert all(address.is_loopback for address in found)
        fetcher = Fetcher(resolver=resolver)
        with pytest.raises(UpstreamError):
            await fetcher.take("http://no-such-name.invalid/", LIMIT)
        await fetcher.close()

    run(body)


def test_a_host_that_is_not_named_is_refused_before_it_is_looked_up() -> None:
    async def body() -> None:
        resolver = MemoryResolver({"evil.example.org": [["93.184.216.34"]]})
        fetcher = Fetcher(("*.example.net",), resolver=resolver)
        with pytest.raises(FetchRefused, match=r"evil\.example\.org is not a host"):
            await fetcher.take("https://evil.example.org/a.gif", LIMIT)
        assert not resolver.asked
        await fetcher.close()

    run(body)


# ---- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_is_followed(status: int) -> None:
    assert asked({"/a.gif": redirect("/b.gif", status), "/b.gif": answer(b"x")}) == b"x"


def test_three_redirects_are_followed_and_no_more() -> None:
    steps = {f"/{n}": redirect(f"/{n + 1}") for n in range(9)}
    assert asked({**steps, "/3": answer(b"x")}, "/0") == b"x"
    with pytest.raises(FetchRefused, match="more than 3 times"):
        asked({**steps, "/4": answer(b"x")}, "/0")
    with pytest.raises(FetchRefused, match="more than 3 times"):
        asked({"/a.gif": redirect("/a.gif")})


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:1/",
        "http://10.0.0.1/a.gif",
        "//evil.example/a.gif",
        "https://evil.example/a.gif",
        "http://2130706433/",
        "http://user@127.0.0.1/",
        "file:///etc/passwd",
        "http://[::1",
        "",
    ],
)
def test_a_redirect_to_another_place_is_refused(to: str) -> None:
    with pytest.raises(FetchRefused, match="redirects to") as error:
        asked({"/a.gif": redirect(to)})
    assert not to or to not in str(error.value)


def test_a_public_fetcher_follows_no_redirect_to_another_public_host_nor_down_to_http(
    tmp_path: Path,
) -> None:
    async def body() -> None:
        inner, outer = certificate(tmp_path, "a.example.org")
        handlers = {
            "/other": redirect("https://b.example.org/x"),
            "/down": redirect("http://a.example.org/x"),
            "/same": redirect("https://A.example.org:443/x"),
            "/x": answer(b"x"),
        }
        async with Server(handlers, inner) as server:
            names = {"a.example.org": [["93.184.216.34"]], "b.example.org": [["93.184.216.34"]]}
            fetcher, _ = public(server, MemoryResolver(names), outer)
            assert await fetcher.take("https://a.example.org/same", LIMIT) == b"x"
            for path in ("other", "down"):
                with pytest.raises(FetchRefused, match="redirects to another host"):
                    await fetcher.take(f"https://a.example.org/{path}", LIMIT)
            await fetcher.close()

    run(body)


# ---- size and time


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


# ---- compression


def packed(data: bytes, encoding: str = "gzip") -> bytes:
    return answer(data, headers=f"Content-Encoding: {encoding}\r\n")


def test_compressed_answers_are_undone() -> None:
    data = b"GIF89a" * 1000
    twice = gzip.compress(data) + gzip.compress(b"more")
    assert asked({"/a.gif": packed(gzip.compress(data))}) == data
    assert asked({"/a.gif": packed(zlib.compress(data), "deflate")}) == data
    assert asked({"/a.gif": packed(twice, "GZIP")}) == data + b"more"


def test_a_compressed_bomb_is_cut_off() -> None:
    bomb = gzip.compress(bytes(60_000_000))
    assert len(bomb) < LIMIT
    with pytest.raises(FetchRefused, match="larger than"):
        asked({"/a.gif": packed(bomb)})
    members = gzip.compress(bytes(LIMIT)) * 50
    with pytest.raises(FetchRefused, match="larger than"):
        asked({"/a.gif": packed(members)})
    assert len(asked({"/a.gif": packed(gzip.compress(bytes(LIMIT)))})) == LIMIT


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "x"])
def test_compression_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(FetchRefused, match="not asked for"):
        asked({"/a.gif": packed(b"xxxx", encoding)})


@pytest.mark.parametrize("data", [b"no gzip at all", gzip.compress(b"x" * 5000, mtime=0)[:-9]])
def test_broken_compression_is_an_upstream_error(data: bytes) -> None:
    with pytest.raises(UpstreamError, match="broken"):
        asked({"/a.gif": packed(data)})


# ---- secrets


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


# ---- what is sent


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
