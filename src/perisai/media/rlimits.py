"""Limits that a decoding worker puts on itself, as far as the platform knows them.

Everything here is best effort by design: what a platform lacks is skipped, and the parent's own
deadline and validation stand behind it.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import select
import signal
import sys
from pathlib import Path

_RESERVE_BYTES = 32 << 20
"""Kept between the soft and the hard memory limit: room to say that memory ran out."""
_OPEN_FILES = 64
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h


def address_space() -> int | None:
    """Bytes of address space in use now; None where the platform does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pages * resource.getpagesize()


def _limit(kind: int, soft: int, hard: int) -> None:
    """Set a limit, never above what we were given ourselves."""
    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        hard = ceiling if hard == resource.RLIM_INFINITY else min(hard, ceiling)
        soft = min(soft, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (soft, hard))


def confine(memory_bytes: int) -> None:
    """Bound this process: memory above what it uses now, no files written, no core, few open files.

    Called once, after everything the job needs was imported.
    """
    used = address_space()
    if used is not None:
        allowed = used + memory_bytes
        _limit(resource.RLIMIT_AS, allowed, allowed + _RESERVE_BYTES)
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES)
    _limit(resource.RLIMIT_FSIZE, 0, 0)
    sys.dont_write_bytecode = True  # it could not anyway
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def release_reserve() -> None:
    """Let this process use the last of its memory, to report that the rest ran out."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def allow_cpu(seconds: int) -> None:
    """Let this process burn ``seconds`` more; beyond that the kernel ends it with SIGXCPU."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    total = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    # Only the soft limit moves: a lowered hard one could never be raised for the next job.
    _limit(resource.RLIMIT_CPU, total, resource.getrlimit(resource.RLIMIT_CPU)[1])


def die_with(lifeline: int) -> None:
    """End this process when the parent, holder of the pipe's other end, is gone.

    Not ``PR_SET_PDEATHSIG``: that fires when the *thread* that started us ends, and a parent may
    well start workers from a short-lived thread. On Linux the kernel kills us even in the middle of
    C code; elsewhere an idle worker notices the end of its socket, a busy one when it next writes.
    """
    if sys.platform != "linux":
        return
    import fcntl  # noqa: PLC0415 - these constants exist on Linux alone

    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    poll = select.poll()
    poll.register(lifeline, 0)  # a hang-up is always told
    if poll.poll(0):  # it went before we listened
        os._exit(0)
