"""The one process of a machine that holds the models and looks at files for all others."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

import orjson

from perisai import __version__
from perisai.errors import PerisaiError, ServiceBusy, ServiceError
from perisai.screening.service import protocol
from perisai.screening.service.basis import choices
from perisai.screening.service.protocol import FrameError
from perisai.screening.service.results import extras

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from perisai.screening.service.local import Local

CONNECTIONS = 128
"""At a time; one more is turned away."""
FRAME_SECONDS = 30.0
"""Longest time for one frame to arrive once it has begun, and for one answer to be taken."""
HELD_FILES = 4
"""Files of the largest size that may be held at a time; of usual sizes, thousands."""
STOP_SECONDS = 60.0
"""Longest wait at the end for what runs."""


class Server:
    """Answers on a listening Unix socket. One for each process; for one event loop.

    Whatever is wrong with a frame ends that connection and nothing else. Who goes away has its
    waiting files taken out of the line.
    """

    def __init__(self, local: Local) -> None:
        self.local = local
        self._choices = choices(local.settings)
        self.limits = local.screener.options.limits
        self.most_at_once = 1024 + 2 * local.settings.service.queue
        """Requests of one connection that are not answered yet."""
        self._free = HELD_FILES * self.limits.max_bytes
        self._connections: set[asyncio.Task[None]] = set()
        self._answers: set[asyncio.Task[None]] = set()
        self._began = monotonic()

    async def run(
        self, sock: socket.socket, stop: asyncio.Event, ready: Callable[[], None] = lambda: None
    ) -> None:
        """Serve until ``stop``; then finish what runs, turn away what waits, and return."""
        server = await asyncio.start_unix_server(
            self._connected, sock=sock, limit=protocol.READ_AHEAD
        )
        try:
            ready()
            await stop.wait()
        finally:
            server.close()
            self.local.turns.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self.local.turns.idle()
                    while self._answers:
                        await asyncio.wait(self._answers)
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio starts one for every connection
        self._connections.add(task)
        try:
            user = protocol.peer_user(writer.get_extra_info("socket"))
            if len(self._connections) <= CONNECTIONS and user in (None, 0, os.geteuid()):
                await _Connection(self, reader, writer).serve()
        except asyncio.CancelledError:
            pass  # the end of the service: asyncio would report it as an error of ours
        finally:
            self._connections.discard(task)
            writer.close()

    # ---- what is asked

    async def answer(self, head: dict[str, Any], data: bytes) -> dict[str, Any]:
        """Answer one request; raises PerisaiError."""
        match head.get("kind"):
            case "screen":
                return await self._screen(head, data)
            case "basis":
                return {"basis": await self.local.basis()}
            case "hello":
                return self._hello(head)
            case "status":
                return self.status()
            case _:
                raise ServiceError("The service does not know this kind of request.")

    async def _screen(self, head: dict[str, Any], data: bytes) -> dict[str, Any]:
        name = head.get("name", "")
        if not isinstance(name, str):
            raise ServiceError("A name is text.")
        looked, result = await self.local.look(data, name, urgent=head.get("urgent") is True)
        answer: dict[str, Any] = {"looked": looked.to_json()}
        if head.get("whole") is True:
            answer["more"] = extras(result)
        return answer

    def _hello(self, head: dict[str, Any]) -> dict[str, Any]:
        if head.get("version") != protocol.VERSION:
            raise ServiceError(
                f"The screening service is of Perisai {__version__}, this program is of another "
                "version; restart the older one."
            )
        screener = self.local.screener
        labels = screener.matcher.labels.union(*(model.labels for model in screener.models))
        return {
            "perisai": __version__,
            "choices": self._choices,
            "max_bytes": self.limits.max_bytes,
            "models": [model.name for model in screener.models],
            "covered": sorted(labels),
            "lanes": self.local.lanes,
        }

    def status(self) -> dict[str, Any]:
        """What the service is doing, as JSON values."""
        turns, screener = self.local.turns, self.local.screener
        return {
            "perisai": __version__,
            "process": os.getpid(),
            "seconds": round(monotonic() - self._began, 1),
            "waiting": turns.waiting,
            "looking": turns.busy,
            "done": turns.done,
            "connections": len(self._connections),
            "models": [f"{model.name} ({model.engine.name})" for model in screener.models],
            "policy": screener.policy.generation,
            "lists": len(screener.matcher.lists),
        }

    # ---- memory for files

    def reserve(self, size: int) -> bool:
        """Take ``size`` bytes of what may be held; False if they are not free."""
        if size > self._free:
            return False
        self._free -= size
        return True

    def release(self, size: int) -> None:
        """Give back what was reserved."""
        self._free += size

    def start(self, task: asyncio.Task[None]) -> None:
        """Remember an answer that is being made: the end waits for it."""
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)


class _Connection:
    """One program that asks."""

    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._running: dict[int, asyncio.Task[None]] = {}
        self._lock = asyncio.Lock()

    async def serve(self) -> None:
        """Answer until the other side goes away or talks nonsense."""
        try:
            while True:
                sizes = await protocol.read_prefix(self._reader)
                async with asyncio.timeout(FRAME_SECONDS):
                    await self._take(*sizes)
        except (FrameError, asyncio.IncompleteReadError, TimeoutError, OSError):
            return  # that side's loss; nothing of it is worth a line in a log
        finally:
            for task in self._running.values():
                task.cancel()

    async def _take(self, head_size: int, size: int) -> None:
        head = await protocol.read_head(self._reader, head_size)
        number = head["id"]
        kind = head.get("kind")
        if size > (self._server.limits.max_bytes if kind == "screen" else 0):
            raise FrameError("a body over the limit")
        if kind == "cancel":
            if number in self._running:
                self._running[number].cancel()
            return
        if number in self._running or len(self._running) >= self._server.most_at_once:
            raise FrameError("a number that is in use, or more requests than anybody needs")
        if not self._server.reserve(size):
            await protocol.pass_over(self._reader, size)
            busy = ServiceBusy("Too many large files wait to be screened already; try again.")
            await self._refuse(number, busy)
            return
        try:
            data = await self._reader.readexactly(size)
        except BaseException:
            self._server.release(size)
            raise
        task = asyncio.create_task(self._answer(head, data))
        self._running[number] = task
        self._server.start(task)
        task.add_done_callback(lambda _: self._finished(number, size))

    def _finished(self, number: int, size: int) -> None:
        del self._running[number]
        self._server.release(size)

    async def _answer(self, head: dict[str, Any], data: bytes) -> None:
        number = head["id"]
        try:
            body = orjson.dumps(await self._server.answer(head, data))
        except PerisaiError as error:
            await self._refuse(number, error)
        except Exception:  # noqa: BLE001 - one file's fault must not take the others' service away
            await self._refuse(number, ServiceError("Something went wrong in the service."))
        else:
            await self._send({"id": number, "ok": True}, body)

    async def _refuse(self, number: int, error: PerisaiError) -> None:
        head = {"id": number, "ok": False, "code": error.code, "message": str(error)[:2000]}
        if isinstance(error, ServiceBusy):
            head["retry_after"] = error.retry_after
        await self._send(head, b"")

    async def _send(self, head: dict[str, Any], body: bytes) -> None:
        """Send an answer; who does not take it loses the connection."""
        try:
            async with self._lock, asyncio.timeout(FRAME_SECONDS):
                self._writer.write(protocol.encode(head, len(body)))
                self._writer.write(body)
                await self._writer.drain()
        except (OSError, TimeoutError):
            self._writer.transport.abort()
