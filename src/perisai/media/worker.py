"""The decoding worker: ``python -P -m perisai.media.worker CONFIG``, started by the sandbox only.

``CONFIG`` is JSON: ``target`` ("package.module:function"), ``socket`` and ``lifeline`` (inherited
file descriptors), ``memory_mb``, ``cpu_seconds``. The worker imports the target, bounds itself,
says ``ready``, and then runs one job after another: a ``job`` envelope in (head: the payload,
array ``data``: the file's bytes), any number of ``message`` envelopes out, closed by ``end`` or by
``error`` (head: ``code`` and ``text`` for people, ``detail`` for those who debug).
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any

from perisai.errors import MediaError, WorkerMemory
from perisai.media import rlimits, wire
from perisai.media.wire import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Target = Callable[[dict[str, Any], bytes | None], Iterator[Message]]

_DETAIL = 4000
"""Characters of a traceback that are kept for debugging."""
_JOB_LIMITS = wire.WireLimits(body_bytes=4 << 30)
"""A job comes from our own parent; how large a file may be is the media limits' business."""


def load_target(name: str) -> Target:
    """Import ``package.module:function``."""
    module, _, attribute = name.partition(":")
    target: Target = getattr(importlib.import_module(module), attribute)
    return target


def error_head(exc: BaseException) -> dict[str, wire.JSON]:
    """What the parent is told: a code, a sentence for people, a detail for debugging."""
    if ran_out_of_memory(exc):
        code, text = WorkerMemory.code, ""  # the parent knows the limit and words it
    elif isinstance(exc, MediaError):
        code, text = exc.code, str(exc)
    else:
        code = "broken_media"
        text = f"the file could not be decoded ({type(exc).__name__}); it is withheld"
    detail = "".join(traceback.format_exception(exc))[-_DETAIL:]
    return {"code": code, "text": text, "detail": detail}


def ran_out_of_memory(exc: BaseException) -> bool:
    """Whether memory ran out, even if a decoder wrapped the MemoryError in its own complaint."""
    seen: BaseException | None = exc
    for _ in range(16):  # a chain may be a ring
        if seen is None:
            return False
        if isinstance(seen, MemoryError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def run_job(sock: socket.socket, target: Target, job: Message) -> bool:
    """Run one job; False when this process should not run another."""
    data = job.arrays["data"].tobytes() if "data" in job.arrays else None
    payload = job.head
    job.arrays.clear()  # a large file must not be held twice
    try:
        # Closed at once on any way out, so that decoders let go of what they hold.
        with contextlib.closing(_generator(target(payload, data))) as messages:
            for message in messages:
                wire.send(sock, "message", message)
    except wire.WireClosed:
        raise
    except Exception as exc:  # noqa: BLE001 - whatever a decoder raises concerns this file alone
        exhausted = ran_out_of_memory(exc)
        if exhausted:
            traceback.clear_frames(exc.__traceback__)
            rlimits.release_reserve()
        wire.send(sock, "error", Message(error_head(exc)))
        return not exhausted
    wire.send(sock, "end", Message({}))
    return True


def _generator(messages: Iterator[Message]) -> Any:  # noqa: ANN401 - closing() wants a close()
    yield from messages


def serve(config: dict[str, Any]) -> None:
    """Run jobs until the parent goes away."""
    rlimits.die_with(config["lifeline"])
    sock = socket.socket(fileno=config["socket"])
    sock.settimeout(None)
    try:
        target = load_target(config["target"])
    except Exception as exc:  # noqa: BLE001 - the parent says it, we end
        wire.send(
            sock, "failed", Message(error_head(exc) | {"text": f"{type(exc).__name__}: {exc}"})
        )
        return
    gc.collect()
    gc.freeze()  # what was imported stays; later collections need not look at it
    rlimits.confine(config["memory_mb"] << 20)
    wire.send(sock, "ready", Message({"pid": os.getpid()}))
    while True:
        kind, job = wire.receive(sock, limits=_JOB_LIMITS)
        if kind != "job":
            return
        rlimits.allow_cpu(config["cpu_seconds"])
        if not run_job(sock, target, job):
            return


def main() -> None:
    """Entry point of the worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends us
    faulthandler.enable()
    # A parent that has gone needs no report.
    with contextlib.suppress(wire.WireClosed):
        serve(json.loads(sys.argv[1]))


if __name__ == "__main__":
    main()
