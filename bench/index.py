"""How fast and how large the radius index is, next to FAISS on the same data.

``python -m bench.index [--n 10000000] [--queries 2000] [--clustered] [--faiss] [--json FILE]``

*random*: independent hashes; half of the queries are unrelated to all of them, half are stored
hashes with 0 to 31 bits flipped. *clustered*: 20,000 centres with log-normal sizes (the largest
some fifty times the mean), members 4 to 40 flips away, all queries near a member: hundreds of true
hits for each. Building, searching and FAISS run in processes of their own, so that one's memory is
not counted as another's.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil

RADIUS = 31
RUNS = 3
ROWS = 1 << 18


def make(folder: Path, count: int, queries: int, kind: str) -> None:
    """Write hashes.npy and queries.npy."""
    rng = np.random.default_rng(2026)
    hashes = np.lib.format.open_memmap(folder / "hashes.npy", "w+", np.uint8, (count, 32))
    middles = rng.integers(0, 256, (20_000, 32), dtype=np.uint8)
    sizes = rng.lognormal(0, 1.2, len(middles))
    for first in range(0, count, ROWS):
        rows = min(ROWS, count - first)
        if kind == "random":
            part = rng.integers(0, 256, (rows, 32), dtype=np.uint8)
        else:
            owner = rng.choice(len(middles), rows, p=sizes / sizes.sum())
            part = flipped(rng, middles[owner], rng.integers(4, 41, rows))
        hashes[first : first + rows] = part
    hashes.flush()
    asked = hashes[rng.integers(0, count, queries)]
    asked = flipped(rng, asked, rng.integers(0, RADIUS + 1, queries))
    if kind == "random":
        half = queries // 2
        asked[:half] = rng.integers(0, 256, (half, 32), dtype=np.uint8)
        asked = asked[rng.permutation(queries)]
    np.save(folder / "queries.npy", asked)


def flipped(rng: np.random.Generator, hashes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Flip so many bits of each hash (a bit drawn twice flips back)."""
    hashes = np.array(hashes)
    for k in range(int(counts.max(initial=0))):
        rows = np.flatnonzero(counts > k)
        bits = rng.integers(0, 256, len(rows))
        hashes[rows, bits >> 3] ^= (1 << (bits & 7)).astype(np.uint8)
    return hashes


def build(folder: Path) -> dict[str, Any]:
    from perisai.matching.index import RadiusIndex

    hashes = np.load(folder / "hashes.npy", mmap_mode="r")
    warm(folder)
    start = time.perf_counter()
    with RadiusIndex.open(folder / "index", write=True) as index:
        index.replace_all(hashes, np.arange(len(hashes), dtype=np.uint64))
        seconds = time.perf_counter() - start
        rng = np.random.default_rng(1)
        few = rng.integers(0, 256, (50, 1, 32), dtype=np.uint8)
        start = time.perf_counter()
        for hash_ in few:
            index.add(hash_, [0])
        adding = (time.perf_counter() - start) / len(few)
    files = sum(f.stat().st_size for f in (folder / "index").iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"build_s": seconds, "build_peak": peak, "files": files, "durable_add_s": adding}


def warm(folder: Path) -> None:
    """Have the kernels compiled, on a little index."""
    from perisai.matching.index import RadiusIndex

    hashes = np.random.default_rng(0).integers(0, 256, (60_000, 32), dtype=np.uint8)
    with RadiusIndex.open(folder / "little", write=True) as index:
        index.replace_all(hashes, np.arange(len(hashes), dtype=np.uint64))
        index.search(hashes[:600])
        index.search(hashes[:600], 64)


def search(folder: Path) -> dict[str, Any]:
    from perisai.matching.index import RadiusIndex

    queries = np.load(folder / "queries.npy")
    warm(folder)
    before = psutil.Process().memory_info().rss
    start = time.perf_counter()
    index = RadiusIndex.open(folder / "index", verify=False)
    opening = time.perf_counter() - start
    start = time.perf_counter()
    index.verify()  # also touches every page
    verifying = time.perf_counter() - start
    runs, hits = [], index.search(queries[:64])
    busy = []
    for _ in range(RUNS):
        start, cpu = time.perf_counter(), time.process_time()
        hits = index.search(queries)
        runs.append(len(queries) / (time.perf_counter() - start))
        busy.append((time.process_time() - cpu) / len(queries))
    single = []
    for query in queries[:200]:
        start = time.perf_counter()
        index.search(query[None])
        single.append(time.perf_counter() - start)
    rss = psutil.Process().memory_info().rss
    return {
        "per_second": statistics.median(runs),
        "runs": runs,
        "cpu_us": statistics.median(busy) * 1e6,
        "hits_per_query": len(hits) / len(queries),
        "single_ms": statistics.median(single) * 1e3,
        "open_s": opening,
        "verify_s": verifying,
        "rss": rss,
        "rss_growth": rss - before,
        "brute_force": check(folder, index, queries),
    }


def check(folder: Path, index: Any, queries: np.ndarray) -> str:
    """Compare with brute force in plain NumPy, on a sample of the queries."""
    hashes = np.load(folder / "hashes.npy", mmap_mode="r").view(np.uint64)
    sample = queries[:: max(1, len(queries) // 20)]
    wanted = []
    for row, query in enumerate(sample.view(np.uint64)):
        distance = np.bitwise_count(hashes[:, 0] ^ query[0]).astype(np.uint16)
        for word in range(1, 4):
            distance += np.bitwise_count(hashes[:, word] ^ query[word])
        near = np.flatnonzero(distance <= RADIUS)
        wanted += [(row, int(i), int(distance[i])) for i in near]
    hits = index.search(sample)
    got = zip(hits.query.tolist(), hits.item.tolist(), hits.distance.tolist(), strict=True)
    if sorted(got) != wanted:
        raise SystemExit("the index and brute force disagree")
    return f"identical on {len(sample)} queries, {len(wanted)} hits"


def faiss_(folder: Path) -> dict[str, Any]:
    import faiss

    hashes = np.load(folder / "hashes.npy", mmap_mode="r")
    queries = np.load(folder / "queries.npy")[:100]
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    before = psutil.Process().memory_info().rss
    index = faiss.IndexBinaryMultiHash(256, 16, 16)
    index.nflip = 1  # floor(31 / 16) flips in each of sixteen bands miss nothing
    start = time.perf_counter()
    for first in range(0, len(hashes), ROWS):
        index.add(np.array(hashes[first : first + ROWS]))
    building = time.perf_counter() - start
    runs = []
    for _ in range(RUNS):
        start = time.perf_counter()
        limits, _, _ = index.range_search(queries, RADIUS + 1)  # it takes distances below
        runs.append(len(queries) / (time.perf_counter() - start))
    return {
        "per_second": statistics.median(runs),
        "runs": runs,
        "hits_per_query": int(limits[-1]) / len(queries),
        "build_s": building,
        "rss_growth": psutil.Process().memory_info().rss - before,
    }


PARTS = {"build": build, "search": search, "faiss": faiss_}


def apart(part: str, folder: Path) -> dict[str, Any]:
    """Run one part in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "bench.index", "--part", part, "--folder", str(folder)],
        stdout=subprocess.PIPE,
        check=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    return dict(json.loads(run.stdout))


def report(result: dict[str, Any]) -> None:
    built, found, peer = result["build"], result["search"], result.get("faiss")
    mb = 1e6
    print(f"{result['n']:,} {result['kind']} hashes, distance {RADIUS}")
    print(f"  look-ups      {found['per_second']:,.0f} a second ({result['queries']} in a batch;")
    print(f"                runs {', '.join(f'{r:,.0f}' for r in found['runs'])})")
    print(f"                {found['cpu_us']:.0f} µs of processor time each;")
    print(f"                {found['single_ms']:.2f} ms for one alone")
    print(f"  hits          {found['hits_per_query']:.1f} a query; {found['brute_force']}")
    print(f"  memory        {found['rss_growth'] / mb:,.0f} MB with every page touched")
    print(f"                ({found['rss'] / mb:,.0f} MB the whole process), files")
    print(f"                {built['files'] / mb:,.0f} MB")
    print(f"  building      {built['build_s']:.1f} s, peak {built['build_peak'] / mb:,.0f} MB")
    print(f"  opening       {found['open_s'] * 1e3:.1f} ms; checksums {found['verify_s']:.2f} s")
    print(f"  durable add   {built['durable_add_s'] * 1e3:.2f} ms")
    if peer:
        asked = min(100, result["queries"])
        print(f"  FAISS         {peer['per_second']:,.1f} a second ({asked} queries),")
        print(
            f"                {peer['rss_growth'] / mb:,.0f} MB, built in {peer['build_s']:.0f} s"
        )
        print(f"  ours / FAISS  {found['per_second'] / peer['per_second']:,.0f} times the speed")


def measure(count: int, queries: int, kind: str, *, faiss: bool) -> dict[str, Any]:
    """Make the data, run the parts, return their figures (bytes, seconds)."""
    folder = Path(tempfile.mkdtemp(prefix="perisai-index-"))
    try:
        make(folder, count, queries, kind)
        parts = ["build", "search", *(["faiss"] if faiss else [])]
        figures = {part: apart(part, folder) for part in parts}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"n": count, "queries": queries, "kind": kind, **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--n", type=int, default=10_000_000, help="how many hashes")
    parser.add_argument("--queries", type=int, default=2000, help="how many in one batch")
    parser.add_argument("--clustered", action="store_true", help="only the clustered data")
    parser.add_argument("--random", action="store_true", help="only the random data")
    parser.add_argument("--faiss", action="store_true", help="measure FAISS as well")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(PARTS[given.part](given.folder)))
        return
    kinds = [k for k in ("random", "clustered") if getattr(given, k)] or ["random", "clustered"]
    results = []
    for kind in kinds:
        results.append(measure(given.n, given.queries, kind, faiss=given.faiss))
        report(results[-1])
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
