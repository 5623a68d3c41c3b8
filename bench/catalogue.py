"""How fast a catalogue is searched: ``python -m bench.catalogue [ENTRIES]`` (100,000 of them).

Titles are three words drawn from 600 made-up ones, so that each word stands in thousands of
entries, which is worse than real titles are. Answers are cold: nothing is remembered.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime, timedelta

from perisai.gateway.catalogue.index import Index
from perisai.storage.records import CatalogueEntry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = ("ku", "me", "ber", "la", "sa", "tu", "pa", "ro", "mi", "do")
SECOND = ("cing", "nari", "lari", "wan", "rang", "bi", "ka", "ngin", "pi", "ta")
LAST = ("", "an", "nya", "s", "i", "kan")
WORDS = [one + two + three for one in FIRST for two in SECOND for three in LAST]


def entries(count: int) -> list[CatalogueEntry]:
    drawn = random.Random(1)
    made = []
    for number in range(count):
        title = " ".join(drawn.sample(WORDS, 3))
        tags = tuple(drawn.choices(WORDS, k=4))
        made.append(
            CatalogueEntry(
                *(f"{number:08x}", "gif", title, tags, "", "", "", "", "a" * 64),
                *("gif", 64, 48, 999, NOW + timedelta(seconds=number)),
            )
        )
    return made


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    every = entries(count)
    index = Index()
    begun = time.perf_counter()
    for start in range(0, count, 1000):
        index.take(every[start : start + 1000])
    print(f"taken in: {time.perf_counter() - begun:.1f} s for {count:,} entries")
    questions = {
        "one word": lambda: index.find("kucing", "gif"),
        "two words": lambda: index.find("kucing menari", "gif"),
        "one letter": lambda: index.find("k", "gif"),
        "words that none has": lambda: index.find("zebra xylofon", "gif"),
        "newest": lambda: index.newest("gif"),
        "tags": lambda: index.tags("gif"),
    }
    for name, ask in questions.items():
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            found = ask()
            times.append(time.perf_counter() - begun)
        print(f"{name}: {1e3 * sorted(times)[2]:.0f} ms, {len(found):,} found")


if __name__ == "__main__":
    main()
