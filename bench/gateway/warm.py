"""Warm searches, next to the same server passing the upstream's stored bytes straight through.

``python -m bench.gateway.warm``. Twenty searches of fifty results each, asked in turn on 16
connections, in the Tenor and in the GIPHY shape. The gateway and the other take turns. What the
other passes through is the upstream's own answer in the Tenor shape; in the GIPHY shape, which this
upstream does not speak, it is the gateway's answer, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import urllib.request
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench.gateway import load, pictures, serving
from perisai.gateway.search.pages import SECONDS

if TYPE_CHECKING:
    from bench.gateway.serving import Server

WORDS = ("cat", "dog", "rain", "good morning", "happy birthday", "football", "train", "tea", "moon",
         "thank you", "dance", "laugh", "sleep", "monday", "coffee", "bird", "sea", "snow", "bus",
         "yes")  # fmt: skip
RESULTS = 50
SHAPES = {
    "Tenor": "/v2/search?q={q}&limit=50&key={key}",
    "GIPHY": "/v1/gifs/search?q={q}&limit=50&api_key={key}",
}
SETTLING_SECONDS = 300.0


def targets(shape: str, key: str = serving.KEYS["adult"]) -> list[str]:
    """Return the path and query of each search."""
    return [SHAPES[shape].format(q=quote(word), key=key) for word in WORDS]


def fetched(url: str) -> bytes:
    """GET one address."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def store_answers(upstream: Server, gateway: Server, folder: Path) -> dict[str, int]:
    """Keep an answer to each search for passing it through; return each shape's mean size."""
    index: dict[str, str] = {"/empty?": "empty"}
    (folder / "empty").write_bytes(b"")
    sizes: dict[str, int] = {}
    for shape, server in (("Tenor", upstream), ("GIPHY", gateway)):
        bodies = [fetched(server.url + target) for target in targets(shape)]
        for number, (target, body) in enumerate(zip(targets(shape), bodies, strict=True)):
            assert results_in(json.loads(body)) == RESULTS
            index[target] = f"{shape}-{number}"
            (folder / index[target]).write_bytes(body)
        sizes[shape] = round(statistics.mean(map(len, bodies)))
    (folder / "index.json").write_text(json.dumps(index))
    return sizes


def settle(gateway: Server) -> dict[str, int]:
    """Search until every page is full and no longer changes; return each shape's mean size.

    Until then files are screened behind the scenes, and answers grow. A page is repeated for some
    seconds before it is looked up anew.
    """
    end = time.monotonic() + SETTLING_SECONDS
    before: dict[str, int] = {}
    sizes: dict[str, int] = {}
    while time.monotonic() < end:
        for shape in SHAPES:
            bodies = [fetched(gateway.url + target) for target in targets(shape)]
            full = all(results_in(json.loads(body)) == RESULTS for body in bodies)
            sizes[shape] = round(statistics.mean(map(len, bodies))) if full else 0
        while not serving.idle(gateway):
            pass
        if all(sizes.values()) and sizes == before:
            return sizes
        before = dict(sizes)
        time.sleep(SECONDS + 1)
    raise RuntimeError(f"pages are not full after {SETTLING_SECONDS:.0f} s: {sizes}")


def results_in(page: dict[str, Any]) -> int:
    """Count the results of a page in either shape."""
    return len(page.get("results") or page.get("data") or ())


def measure(seconds: float, rounds: int) -> dict[str, Any]:
    """Run everything; the median round of each counts."""
    home, _ = pictures.bases("everyday")
    with tempfile.TemporaryDirectory(prefix="perisai-") as name:
        stored = Path(name, "stored")
        stored.mkdir()
        with serving.upstream(home) as up, serving.gateway(Path(name, "home"), up.url) as gateway:
            ours = settle(gateway)
            theirs = store_answers(up, gateway, stored)
            with serving.passthrough(stored) as through:
                taken = [_round(gateway, through, seconds) for _ in range(rounds)]
    return {
        shape: {"bytes": {"perisai": ours[shape], "through": theirs[shape]}}
        | _summary([each[shape] for each in taken])
        for shape in SHAPES
    }


def loaded(
    server: Server, paths: list[str], seconds: float, headers: dict[str, str] | None = None
) -> dict[str, Any]:
    """Load a server; also say how much processor time each request took it."""
    load.load(server.url, paths, 1, headers=headers)  # the first answers are nobody's business
    before = serving.processor(server)
    found = load.load(server.url, paths, seconds, headers=headers)
    after = serving.processor(server)
    user, system = (now - then for now, then in zip(after, before, strict=True))
    return asdict(found) | {
        "user_us": 1e6 * user / found.requests,
        "system_us": 1e6 * system / found.requests,
    }


def _round(gateway: Server, through: Server, seconds: float) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    for shape in SHAPES:
        paths = targets(shape)
        ours = loaded(gateway, paths, seconds)
        theirs = loaded(through, paths, seconds)
        taken[shape] = {
            "perisai": ours,
            "through": theirs,
            "share": ours["per_second"] / theirs["per_second"],
        }
        print(f"  {shape}: {ours['per_second']:.0f}/s beside {theirs['per_second']:.0f}/s, "
              f"{taken[shape]['share']:.0%}; p99 {ours['p99_ms']:.1f} ms; processor time "
              f"{ours['user_us'] + ours['system_us']:.0f} us beside "
              f"{theirs['user_us'] + theirs['system_us']:.0f} us", flush=True)  # fmt: skip
    return taken


def _summary(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    middle = statistics.median_low([each["share"] for each in rounds])
    chosen = next(each for each in rounds if each["share"] == middle)
    return chosen | {
        "all_shares": [round(each["share"], 3) for each in rounds],
        "worst_p99_ms": max(each["perisai"]["p99_ms"] for each in rounds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if reason := load.missing():
        parser.error(reason)
    print(json.dumps(measure(chosen.seconds, chosen.rounds), indent=1))


if __name__ == "__main__":
    main()
