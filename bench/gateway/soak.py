"""Half an hour of mixed load: does memory stay flat? ``python -m bench.gateway.soak``.

Warm and cold searches in both shapes, media whole, in parts and known already, suggestions, groups,
uploads, reports, shares and bad requests arrive at a steady rate. One in a hundred of the
upstream's files is broken, and the upstream is killed and started again every two minutes. The
memory of the server and its workers is looked at every five seconds.

Flat is: over the last two thirds of the time, the line through the samples rises by less than 1 MB
a minute, and the median of the last third is within 5 % of the one before. No answer may be an
error of the server (5xx).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx2
import psutil

from bench.gateway import pictures, serving, warm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.gateway.serving import Server

    Step = Callable[[], Awaitable[None]]

PER_SECOND = 30.0
BROKEN = 0.01
SAMPLE_SECONDS = 5.0
DEAD_SECONDS = 10.0
MOST_MB_PER_MINUTE = 1.0
MOST_GROWTH = 0.05
SHORTEST_MINUTES = 10.0
"""Shorter runs are only tried out: caches still fill, and nothing is said of flatness."""


@dataclass(slots=True)
class Tally:
    """What came of the requests, by kind."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lost: Counter[str] = field(default_factory=Counter)


class Visitors:
    """Asks the gateway what pickers and platforms ask."""

    def __init__(self, http: httpx2.AsyncClient, folder: Path) -> None:
        self._http = http
        self._folder = folder
        self._bases = pictures.read(folder)
        self._dice = random.Random(7)
        self._links: deque[str] = deque(maxlen=500)
        self._numbers: deque[str] = deque(maxlen=500)
        self._fresh = int(time.time())
        self.tally = Tally()
        self.steps: dict[str, tuple[float, Step]] = {
            "warm search": (36, self._warm),
            "cold search": (1, self._cold),
            "media": (30, self._media),
            "words and groups": (12, self._words),
            "upload": (3, self._upload),
            "share": (4, self._share),
            "report": (1, self._report),
            "bad request": (3, self._bad),
        }

    async def one(self) -> None:
        """Make one request, of a kind drawn by its weight."""
        names = list(self.steps)
        name = self._dice.choices(names, [self.steps[each][0] for each in names])[0]
        try:
            await self.steps[name][1]()
        except (httpx2.HTTPError, OSError) as error:
            self.tally.lost[f"{name}: {type(error).__name__}"] += 1

    async def _ask(self, kind: str, method: str, path: str, **more: Any) -> httpx2.Response:
        begin = time.perf_counter()
        answer = await self._http.request(method, path, **more)
        self.tally.seconds[kind].append(time.perf_counter() - begin)
        self.tally.statuses[kind][answer.status_code] += 1
        return answer

    async def _warm(self) -> None:
        shape = self._dice.choice(list(warm.SHAPES))
        key = serving.KEYS[self._dice.choice(list(serving.KEYS))]
        word = quote(self._dice.choice(warm.WORDS))
        limit = self._dice.choice((8, 20, 50))
        target = warm.SHAPES[shape].format(q=word, key=key).replace("limit=50", f"limit={limit}")
        self._note(await self._ask("warm search", "GET", target), key)

    async def _cold(self) -> None:
        self._fresh += 1
        key = serving.KEYS["teen"]
        target = f"/v2/search?q=rain+{self._fresh}&limit=8&key={key}"
        self._note(await self._ask("cold search", "GET", target), key)

    def _note(self, answer: httpx2.Response, key: str) -> None:
        """Remember some of the links of a page."""
        page = answer.json()
        for result in (page.get("results") or page.get("data") or ())[:3]:
            self._numbers.append(result["id"])
            media = result.get("media_formats") or result["images"]
            for form in ("tinygif", "gif", "fixed_width", "original"):
                if form in media:
                    link = media[form]["url"]
                    self._links.append(link if "?" in link else f"{link}?key={key}")

    async def _media(self) -> None:
        if not self._links:
            return
        headers = self._dice.choice(
            ({}, {"Range": "bytes=0-9999"}, {"Range": "bytes=-500"}, {"If-None-Match": "*"})
        )
        await self._ask("media", "GET", self._dice.choice(self._links), headers=headers)

    async def _words(self) -> None:
        key = serving.KEYS["teen"]
        target = self._dice.choice(
            (
                f"/v2/autocomplete?q=ha&key={key}",
                f"/v2/categories?key={key}",
                f"/v2/trending_terms?key={key}",
                f"/v1/trending/searches?api_key={key}",
                f"/v1/gifs/categories?api_key={key}",
                f"/v1/gifs/trending?api_key={key}&limit=10",
            )
        )
        await self._ask("words and groups", "GET", target)

    async def _upload(self) -> None:
        base = self._dice.choice(self._bases)
        data = (self._folder / base.files["tinygif"].name).read_bytes()
        data = pictures.renewed(data, str(self._dice.randrange(2_000)))
        if self._dice.random() < BROKEN:
            data = data[: len(data) // 2]
        headers = {"X-Perisai-Key": serving.KEYS["teen"], "Content-Type": "image/gif"}
        await self._ask("upload", "POST", "/v1/screen?age_band=6-9", content=data, headers=headers)

    async def _share(self) -> None:
        if self._numbers:
            number = self._dice.choice(self._numbers)
            key = serving.KEYS["teen"]
            await self._ask("share", "GET", f"/v2/registershare?id={number}&key={key}")

    async def _report(self) -> None:
        if self._numbers:
            body = {"kind": "report", "reason": "this is only a test"}
            path = f"/report/{self._dice.choice(self._numbers)}"
            await self._ask("report", "POST", path, json=body)

    async def _bad(self) -> None:
        key = serving.KEYS["teen"]
        target = self._dice.choice(
            (
                f"/v2/search?q=cat&limit=many&key={key}",
                "/v2/search?q=cat&key=nobody-has-this-key",
                f"/v1/gifs/no-such-item?api_key={key}",
                f"/media/6b075a60/{'A' * 22}/{'0' * 64}.gif",
                "/nothing/here",
            )
        )
        await self._ask("bad request", "GET", target)


class Memory:
    """Resident memory of a program and its workers, in MB, again and again."""

    def __init__(self, server: Server) -> None:
        self._root = psutil.Process(server.process.pid)
        self._begin = time.monotonic()
        self.samples: list[tuple[float, float, float]] = []
        """Seconds since the start, the program, and its workers."""

    async def watch(self) -> None:
        """Take a sample every few seconds, for ever."""
        while True:
            workers = 0.0
            for each in self._root.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    workers += each.memory_info().rss
            own = self._root.memory_info().rss
            seconds = time.monotonic() - self._begin
            self.samples.append((round(seconds, 1), own / 1e6, workers / 1e6))
            await asyncio.sleep(SAMPLE_SECONDS)


def judged(samples: list[tuple[float, float, float]], minutes: float) -> dict[str, Any]:
    """Say whether memory is flat, from samples of one run."""
    total = [(seconds / 60, own + workers) for seconds, own, workers in samples]
    later = [each for each in total if each[0] > minutes / 3]
    second = [mb for at, mb in later if at <= 2 * minutes / 3]
    last = [mb for at, mb in later if at > 2 * minutes / 3]
    slope = statistics.linear_regression(*zip(*later, strict=True)).slope
    growth = statistics.median(last) / statistics.median(second) - 1
    return {
        "mb_per_minute": slope,
        "growth": growth,
        "median_mb": statistics.median(last),
        "most_mb": max(mb for _, mb in total),
        "server_mb": statistics.median(own for at, own, _ in samples if at / 60 > 2 * minutes / 3),
        "flat": slope < MOST_MB_PER_MINUTE and growth < MOST_GROWTH
        if minutes >= SHORTEST_MINUTES
        else None,
    }


def measure(minutes: float) -> dict[str, Any]:
    """Run everything for so many minutes."""
    folder, _ = pictures.bases("everyday")
    with tempfile.TemporaryDirectory(prefix="perisai-") as name:
        return asyncio.run(_soak(folder, Path(name), minutes))


async def _soak(folder: Path, scratch: Path, minutes: float) -> dict[str, Any]:
    port = serving.free_port()
    options = ("--broken", str(BROKEN), "--only", "gif", "tinygif", "tinymp4")
    with serving.upstream(folder, *options, port=port) as up:
        url = up.url
        with serving.gateway(scratch / "home", url) as gateway:
            memory = Memory(gateway)
            limits = httpx2.Limits(max_connections=256)  # whoever waits, waits for the gateway
            async with httpx2.AsyncClient(base_url=gateway.url, limits=limits, timeout=30) as http:
                visitors = Visitors(http, folder)
                watching = asyncio.create_task(memory.watch())
                dying = asyncio.create_task(_dying(up, folder, options, minutes))
                try:
                    await _steadily(visitors, memory, minutes)
                finally:
                    for task in (watching, dying):
                        task.cancel()
                    deaths = await asyncio.gather(watching, dying, return_exceptions=True)
            for death in deaths:
                if isinstance(death, Exception):
                    raise death
            if gateway.process.poll() is not None:
                raise RuntimeError("the gateway ended by itself")
            return _found(visitors.tally, memory, minutes)


async def _steadily(visitors: Visitors, memory: Memory, minutes: float) -> None:
    """Begin requests at a steady rate, however long they take; as browsers do."""
    end = time.monotonic() + 60 * minutes
    told = time.monotonic() + 60
    begun = 0
    start = time.monotonic()
    running: set[asyncio.Task[None]] = set()
    while (now := time.monotonic()) < end:
        if len(running) < 200:
            task = asyncio.create_task(visitors.one())
            running.add(task)
            task.add_done_callback(running.discard)
        begun += 1
        if now > told and memory.samples:
            told += 60
            at, own, workers = memory.samples[-1]
            print(
                f"  minute {at / 60:.0f}: server {own:.0f} MB, workers {workers:.0f} MB", flush=True
            )
        await asyncio.sleep(max(0.0, start + begun / PER_SECOND - time.monotonic()))
    await asyncio.wait_for(asyncio.gather(*running), 60)


async def _dying(up: Server, folder: Path, options: tuple[str, ...], minutes: float) -> None:
    """Kill the upstream again and again, and start it again."""
    alive = min(120.0, 60 * minutes / 4)
    dead = min(DEAD_SECONDS, alive / 2)
    words = [sys.executable, "-m", "bench.gateway.upstream", str(folder), *options]
    process = up.process
    try:
        while True:
            await asyncio.sleep(alive)
            process.kill()
            process.wait()
            await asyncio.sleep(dead)
            process = serving.started([*words, "--port", str(up.port)])
    finally:
        if process is not up.process and process.poll() is None:
            process.kill()
            process.wait()


def _found(tally: Tally, memory: Memory, minutes: float) -> dict[str, Any]:
    kinds = {
        kind: {
            "requests": sum(statuses.values()),
            "statuses": {str(status): n for status, n in sorted(statuses.items())},
            "p50_ms": 1e3 * statistics.median(tally.seconds[kind]),
            "p99_ms": 1e3 * sorted(tally.seconds[kind])[int(0.99 * len(tally.seconds[kind]))],
        }
        for kind, statuses in tally.statuses.items()
    }
    broke = {
        kind: {status: n for status, n in found["statuses"].items() if status.startswith("5")}
        for kind, found in kinds.items()
    }
    return {
        "minutes": minutes,
        "per_second": PER_SECOND,
        "kinds": kinds,
        "server_errors": {kind: found for kind, found in broke.items() if found},
        "lost": dict(tally.lost),
        "samples": [[at, round(own, 1), round(workers, 1)] for at, own, workers in memory.samples],
    } | judged(memory.samples, minutes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    found = measure(parser.parse_args().minutes)
    print(json.dumps({key: value for key, value in found.items() if key != "samples"}, indent=1))
    if found["flat"] is False or found["server_errors"] or found["lost"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
