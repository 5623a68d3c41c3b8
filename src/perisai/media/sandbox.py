"""Decoders run in processes of their own, so that a hostile file can harm only itself.

A :class:`Sandbox` keeps a few worker processes ready. Each job gets one of them, with bounds on
memory, processor time and waiting time; a worker that crashes, hangs or bloats is replaced, and
its file alone ends in a :class:`~perisai.errors.WorkerError`. See docs/decisions/0003.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np

from perisai import errors
from perisai.errors import MediaError, WorkerDied, WorkerMemory, WorkerTimeout
from perisai.media import wire
from perisai.media.process import WorkerProcess
from perisai.media.wire import JSON, Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

_E = TypeVar("_E", bound=MediaError)
_START_SECONDS = 60.0
_MAX_MESSAGES = 100_000
"""More than any file within the media limits makes; an endless stream ends here."""
_MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What one worker may use.

    ``memory_mb`` counts above what the worker needs to exist (address space, MiB). ``cpu_seconds``
    is processor time for each job. ``wall_seconds`` is how long a job may keep its caller waiting;
    the time that the caller spends between two messages does not count. After ``jobs_per_worker``
    jobs a worker is replaced by a fresh one.
    """

    memory_mb: int = 1024
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    jobs_per_worker: int = 500


class Sandbox:
    """Runs ``target`` ("package.module:function") in ``workers`` processes. Thread-safe.

    The target has the signature ``f(payload: dict, data: bytes | None) -> Iterator[Message]`` and
    is imported by name in the worker, with this process's ``sys.path``. Use as a context manager,
    or call :meth:`close`.
    """

    def __init__(self, target: str, workers: int, limits: WorkerLimits | None = None) -> None:
        if workers < 1:
            raise ValueError("a sandbox needs at least one worker")
        self.target = target
        self.workers = workers
        self.limits = limits or WorkerLimits()
        self._free = threading.Condition()
        self._begin()

    def _begin(self) -> None:
        """Start with no processes; also after a fork, whose child must not use its parent's."""
        self._pid = os.getpid()
        self._closed = False
        self._idle: list[WorkerProcess | None] = [None] * self.workers  # a stack; None: to start
        self._live: set[WorkerProcess] = set()
        # Ends the processes when nobody holds this object any more, or at interpreter exit.
        self._finalizer = weakref.finalize(self, _end_all, self._live, self._pid)

    def start(self) -> None:
        """Start every worker without waiting for it, so that the first jobs need not."""
        with self._free:
            for at, worker in enumerate(self._idle):
                if worker is None:
                    with contextlib.suppress(OSError):  # then the next job tries, and says why
                        self._idle[at] = self._launch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, also busy ones (their callers get WorkerDied). May be called again."""
        with self._free:
            self._closed = True
            for idle in self._idle:
                if idle is not None:
                    self._drop(idle)
            self._idle.clear()
            for busy in list(self._live):
                busy.kill()  # its own thread sees the end of the stream and closes our side
            self._free.notify_all()

    def stream(self, payload: Mapping[str, JSON], data: bytes | None = None) -> Iterator[Message]:
        """Run one job and yield its messages as they come.

        Waits for a free worker when iteration begins. Reading on from the iterator is what drives
        the job; closing it early ends the job and replaces the worker.

        Raises WorkerDied, WorkerTimeout or WorkerMemory when the worker did not finish, and the
        MediaError that the target raised; a target's other exceptions arrive as BrokenMedia. The
        exception's notes (``__notes__``) hold what helps to debug.
        """
        worker = self._take()
        reusable = False
        try:
            clock = _Clock(self.limits.wall_seconds)
            self._await_ready(worker)
            yield from self._run(worker, clock, payload, data)
            reusable = True
        except MediaError as exc:
            reusable = not isinstance(exc, errors.WorkerError)
            raise
        except TimeoutError:
            raise WorkerTimeout(
                f"the decoder did not finish within {self.limits.wall_seconds:g} seconds; "
                "the file is withheld"
            ) from None
        except wire.WireError as exc:
            raise self._post_mortem(worker, exc) from None
        finally:
            self._give_back(worker, reusable=reusable)

    # ---- the course of one job

    def _await_ready(self, worker: WorkerProcess) -> None:
        if worker.ready:
            return
        kind, message = wire.receive(worker.socket, deadline=time.monotonic() + _START_SECONDS)
        if kind == "failed":
            raise _with_detail(
                WorkerDied(
                    f"the decoder {self.target} could not be started "
                    f"({_plain(message.head.get('text'))}); the file is withheld"
                ),
                message,
            )
        if kind != "ready":
            raise wire.WireError("the worker did not begin with ready")
        worker.ready = True

    def _run(
        self,
        worker: WorkerProcess,
        clock: _Clock,
        payload: Mapping[str, JSON],
        data: bytes | None,
    ) -> Iterator[Message]:
        arrays = {} if data is None else {"data": np.frombuffer(data, np.uint8)}
        job = Message(dict(payload), arrays)
        limits = wire.WireLimits(body_bytes=max(1, len(data or b"")))
        with clock.running() as deadline:
            wire.send(worker.socket, "job", job, limits=limits, deadline=deadline)
        for _ in range(_MAX_MESSAGES):
            with clock.running() as deadline:
                kind, message = wire.receive(worker.socket, deadline=deadline)
            if kind == "message":
                yield message
            elif kind == "end":
                return
            elif kind == "error":
                raise self._told(message)
            else:
                break
        raise wire.WireError("the worker does not keep to the protocol")

    def _told(self, message: Message) -> MediaError:
        """The exception that the worker reports, if it is one of ours."""
        kind = _media_errors().get(str(message.head.get("code")))
        if kind is None:
            raise wire.WireError("the worker reports an unknown error")
        if kind is WorkerMemory:
            return _with_detail(self._memory(), message)
        return _with_detail(kind(_plain(message.head.get("text"))), message)

    def _memory(self) -> WorkerMemory:
        return WorkerMemory(
            f"the decoder wanted more than {self.limits.memory_mb} MB of memory; "
            "the file is withheld"
        )

    def _post_mortem(self, worker: WorkerProcess, exc: wire.WireError) -> MediaError:
        """Why did it stop talking? Ends it if it has not ended."""
        ended = worker.outcome() if isinstance(exc, wire.WireClosed) else None
        noise = worker.noise()
        death: MediaError
        if self._closed:
            death = WorkerDied("screening was stopped before the file was decoded; it is withheld")
        elif ended is None:
            death = WorkerDied(
                f"the decoder sent something that is no answer ({exc}); the file is withheld"
            )
        elif ended == -signal.SIGXCPU:
            death = WorkerTimeout(
                f"the decoder used more than {self.limits.cpu_seconds} seconds of processor time; "
                "the file is withheld"
            )
        elif "MemoryError" in noise or "bad_alloc" in noise:
            death = self._memory()
        elif ended < 0:
            death = WorkerDied(f"the decoder was killed ({_signal(-ended)}); the file is withheld")
        else:
            death = WorkerDied(
                f"the decoder ended by itself (status {ended}); the file is withheld"
            )
        if noise:
            death.add_note(noise)
        return death

    # ---- who has which worker

    def _launch(self) -> WorkerProcess:
        worker = WorkerProcess(self.target, self.limits.memory_mb, self.limits.cpu_seconds)
        self._live.add(worker)
        return worker

    def _take(self) -> WorkerProcess:
        with self._free:
            if os.getpid() != self._pid:
                self._finalizer.detach()
                self._begin()
            while not self._idle and not self._closed:
                self._free.wait()
            if self._closed:
                raise WorkerDied(
                    "screening was stopped before the file was decoded; it is withheld"
                )
            worker = self._idle.pop()
            if worker is not None and not worker.alive():  # killed while idle: no file's fault
                self._drop(worker)
                worker = None
            try:
                return worker or self._launch()
            except OSError as exc:
                self._idle.append(None)
                self._free.notify()
                raise WorkerDied(
                    f"no decoding process can be started ({exc}); the file is withheld"
                ) from exc

    def _give_back(self, worker: WorkerProcess, *, reusable: bool) -> None:
        worker.jobs += 1
        if not reusable or worker.jobs >= self.limits.jobs_per_worker:
            self._drop(worker)
        with self._free:
            if self._closed:
                self._drop(worker)
                return
            replacement: WorkerProcess | None = worker
            if worker not in self._live:
                replacement = None
                with contextlib.suppress(OSError):  # then the next job tries, and says why
                    replacement = self._launch()
            # A started worker goes on top of the stack, to be used first.
            self._idle.insert(len(self._idle) if replacement else 0, replacement)
            self._free.notify()

    def _drop(self, worker: WorkerProcess) -> None:
        worker.kill()
        worker.forget()
        self._live.discard(worker)


class _Clock:
    """Counts the time that a job keeps its caller waiting."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    @contextlib.contextmanager
    def running(self) -> Iterator[float]:
        began = time.monotonic()
        yield began + self.left
        self.left -= time.monotonic() - began


def _end_all(live: set[WorkerProcess], pid: int) -> None:
    if os.getpid() != pid:  # a forked child must not end its parent's workers
        return
    while live:
        worker = live.pop()
        worker.kill()
        worker.forget()


def _media_errors() -> dict[str, type[MediaError]]:
    """The whole family of MediaError by code: what a worker may report."""
    family: dict[str, type[MediaError]] = {}
    todo: list[type[MediaError]] = [MediaError]
    while todo:
        kind = todo.pop()
        family[kind.code] = kind
        todo += kind.__subclasses__()
    return family


def _plain(text: object) -> str:
    """A worker's words, fit for a terminal: short, and without control characters."""
    return "".join(c if c.isprintable() else " " for c in str(text)[:_MAX_TEXT])


def _with_detail(exc: _E, message: Message) -> _E:
    detail = message.head.get("detail")
    if isinstance(detail, str) and detail:
        exc.add_note("\n".join(_plain(line) for line in detail.splitlines()[-60:]))
    return exc


def _signal(number: int) -> str:
    try:
        return f"signal {number}, {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"
