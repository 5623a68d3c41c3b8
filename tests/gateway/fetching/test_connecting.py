"""Where a fetcher connects to: only to addresses that were checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perisai.errors import FetchRefused, UpstreamError
from perisai.gateway.fetching import Fetcher, MemoryResolver, SystemResolver
from tests.gateway.fetching.asking import LIMIT, public, run
from tests.gateway.fetching.servers import (
    Server,
    answer,
    certificate,
)

if TYPE_CHECKING:
    from pathlib import Path


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
