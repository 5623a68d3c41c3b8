"""Media files, next to nginx serving the same ones: ``python -m bench.gateway.media``.

The files lie in the gateway's object store, where both find them; both run in one process. What
the gateway does beside sending bytes is shown by two requests that send none: an empty answer of
the same web server, and a file that the browser has already (its signature, ticket, limits, band
and verdict are checked as always).
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.gateway import load, pictures, serving, warm

if TYPE_CHECKING:
    from bench.gateway.serving import Server

SMALL = 12
"""So many of the smallest files make up a row of their own."""


def measure(seconds: float, rounds: int) -> dict[str, Any]:
    """Run everything; the median round of each counts."""
    folder, _ = pictures.bases("everyday")
    with tempfile.TemporaryDirectory(prefix="perisai-") as name:
        home, stored, state = (Path(name, each) for each in ("home", "stored", "nginx"))
        for each in (stored, state):
            each.mkdir()
        with serving.upstream(folder) as up, serving.gateway(home, up.url) as gateway:
            warm.settle(gateway)
            warm.store_answers(up, gateway, stored)
            with (
                serving.nginx(home / "objects", state) as nginx,
                serving.passthrough(stored) as through,
            ):
                rows = _rows(gateway)
                taken = [_round(rows, gateway, nginx, seconds) for _ in range(rounds)]
                return {
                    "files": {row: _summary([each[row] for each in taken]) for row in rows},
                    "without": _without(rows, gateway, through, seconds),
                }


def _rows(gateway: Server) -> dict[str, list[tuple[str, str, int]]]:
    """Return link, SHA-256 and bytes of each file, for each row of the table."""
    found: dict[str, dict[str, tuple[str, str, int]]] = {"tinygif": {}, "gif": {}}
    key = serving.KEYS["adult"]
    for target in warm.targets("Tenor"):
        for result in json.loads(warm.fetched(gateway.url + target))["results"]:
            for form, files in found.items():
                media = result["media_formats"][form]
                link = media["url"].removeprefix(gateway.url)
                link += "" if "?" in link else f"?key={key}"
                sha256 = link.partition("?")[0].rpartition("/")[2].partition(".")[0]
                files[sha256] = (link, sha256, media["size"])
    tiny = sorted(found["tinygif"].values(), key=lambda file: file[2])
    return {
        "the smallest, 220 px": tiny[:SMALL],
        "all, 220 px": tiny,
        "all, 498 px": sorted(found["gif"].values()),
    }


def _round(
    rows: dict[str, list[tuple[str, str, int]]], gateway: Server, nginx: Server, seconds: float
) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    for row, files in rows.items():
        ours = warm.loaded(gateway, [link for link, _, _ in files], seconds)
        theirs = warm.loaded(nginx, [f"/{sha[:2]}/{sha}" for _, sha, _ in files], seconds)
        taken[row] = {
            "files": len(files),
            "bytes": round(statistics.mean(size for _, _, size in files)),
            "perisai": ours,
            "nginx": theirs,
            "share": ours["per_second"] / theirs["per_second"],
        }
        print(f"  {row}: {ours['per_second']:.0f}/s beside {theirs['per_second']:.0f}/s, "
              f"{taken[row]['share']:.0%}", flush=True)  # fmt: skip
    return taken


def _without(
    rows: dict[str, list[tuple[str, str, int]]], gateway: Server, through: Server, seconds: float
) -> dict[str, Any]:
    """Measure what is done before any byte of a file is sent."""
    files = next(iter(rows.values()))
    had = {"If-None-Match": "*"}
    return {
        "empty": warm.loaded(through, ["/empty?"], seconds),
        "had": warm.loaded(gateway, [link for link, _, _ in files], seconds, had),
    }


def _summary(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    middle = statistics.median_low([each["share"] for each in rounds])
    chosen = next(each for each in rounds if each["share"] == middle)
    return chosen | {"all_shares": [round(each["share"], 3) for each in rounds]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if reason := load.missing() or serving.missing_nginx():
        parser.error(reason)
    print(json.dumps(measure(chosen.seconds, chosen.rounds), indent=1))


if __name__ == "__main__":
    main()
