"""What asking the screening service costs and spares: ``python -m bench.service``.

A service with the default model in a process of its own; this process asks it, and screens the same
files by itself beside it. Prints a table. The clip is drawn: 70 different frames of 640 x 480.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from functools import partial
from subprocess import PIPE
from time import perf_counter
from typing import TYPE_CHECKING

import psutil
from tests.common import drawn, screening

from bench import machine
from perisai import settings
from perisai.screening.service.client import Client
from perisai.screening.service.local import Local

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

UNKNOWN = os.urandom(1_000_000)
"""Refused as soon as it is looked at: what it costs is the way there and back."""


ASKER = """
import asyncio, sys, psutil
from perisai import settings
from perisai.screening.service.client import Client
from perisai.screening.service.local import Local

async def ask():
    screening = (Client if sys.argv[1] == "client" else Local)(settings.load())
    await screening.screen(sys.stdin.buffer.read())
    own = [psutil.Process(), *psutil.Process().children(recursive=True)]
    print(sum(each.memory_full_info().pss for each in own) / 2**20)
    await screening.close()

asyncio.run(ask())
"""


async def in_turns(asks: Sequence[Callable[[], Awaitable[object]]], times: int) -> list[float]:
    """Median time of each in ms; they take turns."""
    taken: list[list[float]] = [[] for _ in asks]
    for _ in range(times):
        for ask, mine in zip(asks, taken, strict=True):
            begin = perf_counter()
            await ask()
            mine.append(1e3 * (perf_counter() - begin))
    return [statistics.median(each) for each in taken]


def asker_mb(kind: str, environment: dict[str, str], clip: bytes) -> float:
    """Memory of a fresh program that screens one clip, with its workers, in MiB."""
    words = [sys.executable, "-c", ASKER, kind]
    return float(subprocess.run(words, env=environment, input=clip, stdout=PIPE, check=True).stdout)


def memory_mb(process: psutil.Process) -> float:
    """Memory of a process and its workers in MiB; what several share counts once in the sum."""
    own = [process, *process.children(recursive=True)]
    return sum(each.memory_full_info().pss for each in own) / 2**20


def row(what: str, *cells: float) -> None:
    print(
        f"| {what} | "
        + " | ".join(f"{cell:.0f}" if cell > 20 else f"{cell:.1f}" for cell in cells)
        + " |",
        flush=True,
    )


async def under_load(client: Client, clip: bytes, small: bytes, *, urgent: bool) -> float:
    """Time for a small sticker while eight long clips always wait, in ms."""
    stop = asyncio.Event()

    async def patrol() -> None:
        while not stop.is_set():
            await client.screen(clip)

    patrols = [asyncio.create_task(patrol()) for _ in range(8)]
    await asyncio.sleep(1)
    taken = await in_turns([lambda: client.screen(small, urgent=urgent)], 10)
    stop.set()
    await asyncio.gather(*patrols)
    return taken[0]


async def compare(home: str) -> None:
    words = [sys.executable, "-m", "perisai", "service"]
    environment = os.environ | {"PERISAI_HOME": home}
    chosen = settings.load(env={"PERISAI_HOME": home})
    clip = screening.clip([drawn.drawing(1, step / 70, 640, 480) for step in range(70)])
    small = screening.clip(screening.scene(4))
    with subprocess.Popen(words, env=environment, stderr=PIPE) as service:
        assert service.stderr is not None
        service.stderr.readline()
        async with Client(chosen) as client, Local(chosen) as local:
            print("| | through the service | in this process |\n|---|---|---|")
            for what, data, times in (
                ("1 MB of nonsense, ms", UNKNOWN, 50),
                ("sticker of 4 frames, ms", small, 50),
                (f"clip of 70 frames, {len(clip) / 1e6:.1f} MB, ms", clip, 7),
            ):
                asks = [partial(each.screen, data) for each in (client, local)]
                await in_turns(asks, 2)
                row(what, *await in_turns(asks, times))
            kinds = ("client", "local")
            row("a program that asks, MiB", *(asker_mb(k, environment, clip) for k in kinds))
            print(f"\nThe service itself: {memory_mb(psutil.Process(service.pid)):.0f} MiB.")
            now = await under_load(client, clip, small, urgent=True)
            later = await under_load(client, clip, small, urgent=False)
        service.terminate()
    print(f"While eight clips wait: urgent sticker {now:.0f} ms, one that is not {later:.0f} ms.")
    found = machine.describe()
    print(f"{found['processor']}, {found['cores']} cores, Python {found['python']}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="perisai-") as folder:
        asyncio.run(compare(folder))
