"""Asks the screening service of this machine; needs no model and no inference engine."""

from __future__ import annotations

import asyncio
import hashlib
import os
from itertools import count
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from perisai.errors import IndexCorrupt, ListError, ServiceBusy, ServiceError, TooLarge
from perisai.media.limits import MediaLimits
from perisai.policy import Policy
from perisai.screening.service import protocol
from perisai.screening.service.basis import choices
from perisai.screening.service.place import socket_path
from perisai.screening.service.port import Looked
from perisai.screening.service.protocol import FrameError
from perisai.screening.service.results import rebuild, unread
from perisai.terms import Label

if TYPE_CHECKING:
    from perisai.errors import PerisaiError
    from perisai.screening.result import ScreenResult
    from perisai.settings import Settings

BASIS_SECONDS = 0.5
"""How long an answer about the basis is good; the service itself asks the lists each second."""
HELLO_SECONDS = 30.0
"""A service that has just been started answers when its models are loaded."""
PING_SECONDS = 5.0
"""A service that is silent for so long is asked whether it lives, and has as long to answer."""
SEND_SECONDS = 30.0
"""Longest time for the service to take the bytes of one file."""
_HASHED_HERE = 1024 * 1024
"""Bytes that are hashed without leaving the event loop."""

_NONSENSE = "The screening service answered with nonsense."
_GONE = "The screening service does not answer any more; see that `perisai service` runs."


class Client:
    """The service of this machine behind the port; for one event loop.

    Several requests may be on their way at once. When the service goes away, all of them raise
    ServiceError at once; the next one connects again. A service whose settings are not
    ``settings`` is refused, since its evidence would rest on something else.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._policy = Policy.load(settings.screening.policy)
        self._path = socket_path(settings)
        self._choices = choices(settings)
        self._limits = MediaLimits(**settings.media.model_dump())
        # Two, so that what is urgent never queues behind the bytes of a large file.
        self._lines: dict[bool, _Line] = {}
        self._lock = asyncio.Lock()
        self._basis = ("", -1.0)
        self._closed = False
        self.covered: frozenset[Label] = frozenset()
        """Labels that the service can find, as it said when it was first asked."""
        self.models: tuple[str, ...] = ()
        """Names of its models."""
        self.lanes = 1
        """Files that it looks at at a time."""

    async def open(self) -> None:
        """Connect now instead of with the first request. Raises ServiceError."""
        await self._line(urgent=True)

    async def basis(self) -> str:
        """See the port."""
        basis, since = self._basis
        if monotonic() - since >= BASIS_SECONDS:
            line = await self._line(urgent=True)
            answer = await line.ask({"kind": "basis"})
            basis = str(answer.get("basis"))
            self._basis = (basis, monotonic())
        return basis

    async def screen(self, data: bytes, name: str = "", *, urgent: bool = False) -> Looked:
        """See the port."""
        return (await self._ask(data, name, urgent=urgent, whole=False))[0]

    async def look(
        self, data: bytes, name: str = "", *, urgent: bool = False
    ) -> tuple[Looked, ScreenResult]:
        """See the port."""
        looked, more = await self._ask(data, name, urgent=urgent, whole=True)
        return looked, self._rebuild(looked, more, name or "<bytes>")

    async def unread(self, error: PerisaiError, name: str) -> ScreenResult:
        """What a screener says of a file that could not even be read."""
        return self._rebuild(await self._refused(error), unread(self.models), name)

    async def _ask(
        self, data: bytes, name: str, *, urgent: bool, whole: bool
    ) -> tuple[Looked, dict[str, Any]]:
        try:
            self._limits.check_bytes(len(data))
        except TooLarge as error:  # the answer is known: why send the bytes
            looked = await self._refused(error, await _sha256(data), len(data))
            return looked, unread(self.models)
        line = await self._line(urgent=urgent)
        head = {"kind": "screen", "name": _sendable(name), "urgent": urgent, "whole": whole}
        answer = await line.ask(head, data)
        try:
            looked, more = Looked.from_json(answer["looked"]), dict(answer.get("more", {}))
        except (LookupError, TypeError, ValueError) as error:
            raise ServiceError(f"{_NONSENSE} ({error})") from error
        if looked.sha256 != await _sha256(data):
            raise ServiceError("The screening service answered for other bytes than were sent.")
        return looked, more

    async def _refused(self, error: PerisaiError, sha256: str = "", size: int = 0) -> Looked:
        why = (error.code, str(error))
        basis = await self.basis()
        return Looked(sha256, basis, (), self.covered, why, "", 0, 0, 0, 0, size)

    def _rebuild(self, looked: Looked, more: dict[str, Any], name: str) -> ScreenResult:
        reviewers = self._settings.policy.reviewers
        try:
            return rebuild(looked, more, name, self._policy, reviewers=reviewers)
        except ValueError as error:
            raise ServiceError(f"{_NONSENSE} ({error})") from error

    async def status(self) -> dict[str, Any]:
        """What the service is doing."""
        return await (await self._line(urgent=True)).ask({"kind": "status"})

    async def close(self) -> None:
        """Close the connections; who waits gets ServiceError. The service goes on."""
        self._closed = True
        lines = [*self._lines.values()]
        self._lines.clear()
        for line in lines:
            await line.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def _line(self, *, urgent: bool) -> _Line:
        line = self._lines.get(urgent)
        if line is not None and not line.lost:
            return line
        async with self._lock:
            if self._closed:
                raise ServiceError("This connection to the screening service was closed.")
            line = self._lines.get(urgent)
            if line is None or line.lost:
                self._basis = ("", -1.0)
                line = self._lines[urgent] = await self._connect()
            return line

    async def _connect(self) -> _Line:
        try:
            reader, writer = await asyncio.open_unix_connection(
                os.fspath(self._path), limit=protocol.READ_AHEAD
            )
        except OSError as error:
            raise ServiceError(
                f"No screening service answers at {self._path} ({error.strerror or error}); start "
                "it with `perisai service`."
            ) from error
        line = _Line(reader, writer)
        try:
            user = protocol.peer_user(writer.get_extra_info("socket"))
            if user not in (None, 0, os.geteuid()):
                raise ServiceError(f"What answers at {self._path} belongs to another user.")
            async with asyncio.timeout(HELLO_SECONDS):
                self._greet(await line.ask({"kind": "hello", "version": protocol.VERSION}))
        except TimeoutError:
            await line.close()
            raise ServiceError(_GONE) from None
        except BaseException:
            await line.close()
            raise
        return line

    def _greet(self, hello: dict[str, Any]) -> None:
        if hello.get("choices") != self._choices:
            raise ServiceError(
                "The screening service runs with other settings, another policy or another version "
                "than this program; restart the one that was started first."
            )
        try:
            self.covered = frozenset(Label(each) for each in hello["covered"])
            self.models = tuple(map(str, hello["models"]))
            self.lanes = int(hello["lanes"])
        except (LookupError, TypeError, ValueError) as error:
            raise ServiceError(_NONSENSE) from error


class _Line:
    """One connection with many requests on their way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = count()
        self._sending = asyncio.Lock()
        self._heard, self._pinged = monotonic(), 0.0
        self.lost = False
        self._task = asyncio.create_task(self._read())

    async def ask(self, head: dict[str, Any], data: bytes = b"") -> dict[str, Any]:
        """Send a request and wait for its answer. Raises what the service answered."""
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        try:
            async with self._sending:
                if self.lost:
                    raise ServiceError(_GONE)
                self._waiting[number] = answer
                self._writer.write(protocol.encode(head | {"id": number}, len(data)))
                self._writer.write(data)
                await self._drain()
            while not answer.done():
                await asyncio.wait({answer}, timeout=PING_SECONDS)
                self._check_alive(answer)
            return answer.result()
        except asyncio.CancelledError:
            if number in self._waiting and not self.lost:
                self._writer.write(protocol.encode({"id": number, "kind": "cancel"}))
            raise
        finally:
            self._waiting.pop(number, None)

    def _check_alive(self, answer: asyncio.Future[dict[str, Any]]) -> None:
        """Ask a silent service for a sign of life; without one, give the connection up."""
        now = monotonic()
        if answer.done() or self.lost or now - self._heard < PING_SECONDS:
            return
        if self._pinged <= self._heard:
            self._pinged = now
            head = {"id": next(self._numbers), "kind": "status"}
            self._writer.write(protocol.encode(head))
        elif now - self._pinged >= PING_SECONDS:
            self._lose()

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._writer.drain()
        except TimeoutError:
            self._lose()
        except OSError:
            pass  # the reader notices, and says so to everybody

    async def _read(self) -> None:
        try:
            while True:
                head_size, size = await protocol.read_prefix(self._reader)
                head = await protocol.read_head(self._reader, head_size)
                if size > protocol.ANSWER_MOST:
                    raise FrameError("an answer of more than anybody asks for")
                body = await self._reader.readexactly(size)
                self._heard = monotonic()
                answer = self._waiting.get(head["id"])
                if answer is not None and not answer.done():
                    _settle(answer, head, body)
        except (asyncio.IncompleteReadError, FrameError, OSError):
            pass
        finally:
            self._lose()

    def _lose(self) -> None:
        self.lost = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ServiceError(_GONE))
        self._writer.transport.abort()

    async def close(self) -> None:
        self._lose()  # not left to the reader: one that has not begun never ends
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _settle(answer: asyncio.Future[dict[str, Any]], head: dict[str, Any], body: bytes) -> None:
    if head.get("ok") is True:
        answer.set_result(protocol.read_json(body))
    else:
        answer.set_exception(_error(head))


def _error(head: dict[str, Any]) -> PerisaiError:
    code, message = head.get("code"), str(head.get("message"))
    if code == ServiceBusy.code:
        hint = head.get("retry_after")
        return ServiceBusy(message, float(hint) if isinstance(hint, int | float) else 1.0)
    for known in (ListError, IndexCorrupt):
        if code == known.code:
            return known(message)
    return ServiceError(message)


def _sendable(name: str) -> str:
    """Only a name's ending says anything; what is no text cannot travel."""
    return Path(name).name[-255:].encode("utf-8", "replace").decode()


async def _sha256(data: bytes) -> str:
    if len(data) <= _HASHED_HERE:
        return hashlib.sha256(data).hexdigest()
    return await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
