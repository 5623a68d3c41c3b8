"""What the sandbox's tests let a worker run: well-behaved, broken and hostile targets."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import socket
import sys
import time
from pathlib import Path

import numpy as np

from perisai.errors import BrokenMedia, TooLarge
from perisai.media.wire import Message


def run(payload, data):
    """Do what ``payload["do"]`` says."""
    yield from globals()["do_" + payload["do"]](payload, data)


def do_echo(payload, data):
    arrays = {"data": np.frombuffer(data, np.uint8)} if data else {}
    yield Message({"payload": payload, "pid": os.getpid(), "none": data is None}, arrays)


def do_count(payload, data):
    for number in range(payload["to"]):
        yield Message({"number": number}, {"square": np.array([[number * number]])})


def do_pictures(payload, data):
    picture = np.zeros((16, 224, 224, 3), np.uint8)
    for number in range(payload["to"]):
        yield Message({"number": number}, {"views": picture})


def do_nothing(payload, data):
    return iter(())


def do_too_large(payload, data):
    raise TooLarge("65535 x 65535 pixels are more than Perisai decodes")


def do_broken_midway(payload, data):
    yield Message({"number": 0})
    raise BrokenMedia("the second picture is damaged")


def do_value_error(payload, data):
    raise ValueError("a decoder's own \x1b[31mcomplaint")


def do_wrapped_memory(payload, data):
    try:
        bytearray(8 << 30)
    except MemoryError as exc:
        raise BrokenMedia("cannot decode") from exc
    yield Message({"allocated": True})


def do_bloat(payload, data):
    yield Message({"started": True})
    hoard = [np.ones(16 << 20, np.uint8) for _ in range(256)]  # 4 GB, touched
    yield Message({"hoarded": len(hoard)})


def do_crumbs(payload, data):
    """Run out of memory in small pieces, so that none is left to report it with."""
    hoard = []
    while True:
        hoard.append(bytes(200))
    yield Message({})


def do_allocate(payload, data):
    hoard = np.ones(payload["mb"] << 20, np.uint8)
    yield Message({"bytes": hoard.nbytes})


def do_kill(payload, data):
    yield Message({"started": True})
    os.kill(os.getpid(), payload["signal"])
    time.sleep(60)


def do_segfault(payload, data):
    ctypes.string_at(0)
    yield Message({})


def do_exit(payload, data):
    os.write(2, b"last words\n")
    os._exit(payload["status"])
    yield Message({})


def do_sleep(payload, data):
    yield Message({"started": True, "pid": os.getpid()})
    time.sleep(payload["seconds"])


def do_spin(payload, data):
    yield Message({"started": True})
    while True:
        pass


def do_work(payload, data):
    until = time.process_time() + payload["seconds"]
    while time.process_time() < until:
        pass
    yield Message({"pid": os.getpid()})


def do_noise(payload, data):
    for _ in range(5000):
        os.write(2, b"")
        try:
            os.write(2, b"noise " * 100 + b"\n")
        except BlockingIOError:
            break
    yield Message({"noisy": True})


def do_environment(payload, data):
    yield Message(
        {
            "environment": dict(os.environ),
            "modules": sorted(sys.modules),
            "cwd": str(Path.cwd()),
            "descriptors": sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir()),
            "sigint": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        }
    )


def do_modules(payload, data):
    importlib.import_module(payload["load"])
    yield Message({"modules": sorted(sys.modules)})


def do_write_file(payload, data):
    Path(payload["path"]).write_bytes(b"x")
    yield Message({"written": True})


def do_fork(payload, data):
    """Leave a child behind that holds the socket open, and die."""
    if os.fork() == 0:
        time.sleep(payload["seconds"])
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
    yield Message({})


def do_hostile(payload, data):
    """Write raw bytes where an envelope belongs, ``data`` first, and then what is asked."""
    own = _job_socket()
    own.sendall(data or b"")
    if payload.get("then") == "sleep":
        time.sleep(60)
    if payload.get("then") == "trickle":
        while True:
            own.sendall(b"x")
            time.sleep(0.01)
    if payload.get("then") == "flood":
        while True:
            own.sendall(data or b"")
    own.shutdown(socket.SHUT_RDWR)
    time.sleep(60)
    yield Message({})


def do_escape(payload, data):
    """Unlimit ourselves as far as we can, as a taken-over worker would."""
    import resource

    for kind in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
        resource.setrlimit(kind, (resource.getrlimit(kind)[1],) * 2)
    bytearray(8 << 30)
    yield Message({"escaped": True})


def _job_socket():
    for entry in Path("/proc/self/fd").iterdir():
        try:
            return socket.socket(fileno=os.dup(int(entry.name)))
        except OSError:
            continue
    raise AssertionError("no socket")
