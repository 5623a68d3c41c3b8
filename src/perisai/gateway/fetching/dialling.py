"""Connect to the very address that was checked.

A name is looked up once for each connection, here and nowhere else; each of its addresses is
checked, and the connection goes to one of them as a number. A name server that answers differently
the second time (DNS rebinding) has no second time. TLS and the header ``Host`` keep the name, since
the layers above never see the number.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from httpcore2 import (
    AnyIOBackend,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ConnectError,
    ConnectTimeout,
)

from perisai.errors import FetchRefused
from perisai.gateway.fetching.addresses import allowed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.gateway.fetching.addresses import Address
    from perisai.gateway.fetching.resolving import Resolver

TRIES = 4
"""How many addresses of one host are tried."""


class GuardedBackend(AsyncNetworkBackend):
    """The way to the network that an HTTP connection pool is given.

    ``dial`` makes the connection to a number; another than the usual one is for tests, which have
    no public address to listen on.
    """

    def __init__(
        self, resolver: Resolver, *, private: bool, dial: AsyncNetworkBackend | None = None
    ) -> None:
        self._resolver = resolver
        self._private = private
        self._dial = dial or AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to one of the host's addresses, each of which must be allowed."""
        addresses = await self._checked(host, port)
        last: Exception = ConnectError("no address")
        for tried, address in enumerate(addresses):
            share = None if timeout is None else timeout / (len(addresses) - tried)
            try:
                return await self._dial.connect_tcp(
                    str(address), port, share, local_address, socket_options
                )
            except (ConnectError, ConnectTimeout) as error:
                last = error
        raise last

    async def _checked(self, host: str, port: int) -> tuple[Address, ...]:
        try:
            addresses: tuple[Address, ...] = (ip_address(host),)
        except ValueError:
            addresses = await self._resolver.addresses(host, port)
        if not all(allowed(each, private=self._private) for each in addresses):
            # One bad address among good ones is a name that somebody plays tricks with.
            raise FetchRefused(
                f"The host {host} has an address that is not on the public network."
                if not self._private
                else f"The host {host} has an address that is never connected to."
            )
        return addresses[:TRIES]
