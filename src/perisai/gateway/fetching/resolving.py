"""From a host's name to its addresses: the system's resolver, and one in memory."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import TYPE_CHECKING, Protocol

from perisai.errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from perisai.gateway.fetching.addresses import Address

THREADS = 8


class Resolver(Protocol):
    """Finds the addresses of a host."""

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """All addresses of ``host``, the preferred one first.

        Raises :class:`perisai.errors.UpstreamError` if there are none.
        """
        ...

    async def close(self) -> None:
        """Give back threads."""
        ...


class SystemResolver:
    """Asks the operating system, in threads of its own.

    A name server that does not answer holds a thread for long; those that the rest of the program
    shares are not spent on it.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="perisai-names")

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:
        """See :class:`Resolver`."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, _look_up, host, port)
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise UpstreamError(f"The host {host} has no address; check its name and the network.")
        return found

    async def close(self) -> None:
        """Give back the threads; one that still waits for a name server ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class MemoryResolver:
    """The twin of :class:`SystemResolver`: knows the names it was given, and nothing else.

    Each name has a list of answers, given in turn, the last for ever: a name server that says
    something else the second time. ``asked`` counts how often each name was looked up.
    """

    def __init__(self, names: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._names = {name: [tuple(each) for each in turns] for name, turns in names.items()}
        self.asked: dict[str, int] = {}

    async def addresses(self, host: str, port: int) -> tuple[Address, ...]:  # noqa: ARG002
        """See :class:`Resolver`."""
        self.asked[host] = self.asked.get(host, 0) + 1
        turns = self._names.get(host)
        found = turns and (turns.pop(0) if len(turns) > 1 else turns[0])
        if not found:
            raise UpstreamError(f"The host {host} has no address; check its name and the network.")
        return tuple(ip_address(each) for each in found)

    async def close(self) -> None:
        """Nothing to give back."""


def _look_up(host: str, port: int) -> tuple[Address, ...]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return tuple(dict.fromkeys(ip_address(str(each[4][0])) for each in found))
