"""Connections of strangers: nobody holds one by being slow, or fills memory with headers.

Uvicorn waits for ever for the head of a first request, lets it grow without end, and for ever for
who does not read what was sent. Any telephone could so take all connections, or all memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio
    from typing import ClassVar

_SAID = "HTTP/1.1 {}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Connection(HttpToolsProtocol):
    """Uvicorn's protocol, with patience that ends."""

    HEAD_SECONDS: ClassVar[float] = 10.0
    """From the first byte of a request (or from connecting) to the end of its headers."""
    HEAD_BYTES: ClassVar[int] = 64 * 1024
    """Longest request line and headers together, as far as they come in several pieces."""
    STALLED_SECONDS: ClassVar[float] = 60.0
    """How long somebody may read nothing at all of what waits for them."""

    _late: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _in_head = True
    _heads = 0
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there, and has to begin."""
        super().connection_made(transport)
        self._hurry()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._arrived()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; those of a head in time, and not too many."""
        heads, began_in_head = self._heads, self._in_head
        super().data_received(data)
        if not (began_in_head and self._in_head) or heads != self._heads:
            self._size = 0
            return
        self._hurry()  # most heads come in one piece, and need no clock
        self._size += len(data)
        if self._size > self.HEAD_BYTES:
            self._refuse("431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        """A head is there: what follows is its body."""
        self._in_head = False
        self._heads += 1
        self._arrived()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is there: what follows is the next one's head."""
        self._in_head = True
        self._arrived()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It was answered; if before all of it was there, the rest has to come soon."""
        super().on_response_complete()
        if not self._in_head:
            self._hurry()

    def pause_writing(self) -> None:
        """Somebody does not read."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """They have read."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _hurry(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(
                self.HEAD_SECONDS, self._refuse, "408 Request Timeout"
            )

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: str) -> None:
        self._arrived()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(_SAID.format(status).encode())
        self.transport.close()


def allow_open_files(connections: int) -> None:
    """Raise what this process may hold open, as far as it may, to so many connections and files."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + 512
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
