"""A real process is really killed in the middle of writing, again and again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from perisai.matching.lists import Kind, ListStore
from perisai.terms import Label
from tests.matching.lists.common import hashes

WRITER = """
import sys
from pathlib import Path
import numpy as np
from perisai.matching.lists import Entry, Kind, ListStore
store = ListStore(Path(sys.argv[1]), who="writer", brute_limit=int(sys.argv[2]))
number = int(sys.argv[3])
while True:
    rows = np.random.default_rng(number).integers(0, 256, (5, 32), dtype=np.uint8)
    entries = [Entry(Kind.PDQ, row.tobytes(), 100, "whole", i) for i, row in enumerate(rows)]
    store.add("known", entries)
    print(number, flush=True)
    number += 1
"""
ROUNDS = 20


@pytest.mark.parametrize("brute_limit", [20_000, 0], ids=["lists alone", "with the index"])
def test_what_was_acknowledged_survives_kill_9(tmp_path, brute_limit):
    store = ListStore(tmp_path, brute_limit=brute_limit)
    store.create("known", source="", label=Label.LISTED)
    rng = random.Random(brute_limit)
    number = 0
    for _ in range(ROUNDS // 2):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(brute_limit), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        first = process.stdout.readline()  # it has begun
        time.sleep(rng.uniform(0.0, 0.08))
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().splitlines()
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        acknowledged = int([first, *rest][-1])

        assert store.faults() == []
        count = store.get("known").count
        # All that was acknowledged is there; the write under way is there wholly or not at all.
        assert count in (5 * (acknowledged + 1), 5 * (acknowledged + 2))
        assert count == sum(entry.kind is Kind.PDQ for _, entry in store.entries("known"))
        with store.matcher() as matcher:
            for batch in {*range(max(0, acknowledged - 2), acknowledged + 1), 0}:
                assert len(matcher.match_frames(hashes(5, seed=batch))) == 5
        number = count // 5
    assert number > ROUNDS // 2


def test_an_import_that_is_killed_leaves_nothing(tmp_path):
    store = ListStore(tmp_path / "home")
    store.create("known", source="", label=Label.LISTED)
    path = tmp_path / "signals.txt"
    path.write_text("".join(f"pdq {row.tobytes().hex()}\n" for row in hashes(100_000)))
    code = (
        "import sys\nfrom pathlib import Path\nfrom perisai.matching.lists import ListStore\n"
        "store = ListStore(Path(sys.argv[1]))\n"
        "tell = lambda done, size: print(done, flush=True)\n"
        "store.import_file('known', Path(sys.argv[2]), progress=tell)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(store.home), str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(12):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert store.get("known").count == 0
    assert store.faults() == []
    assert store.import_file("known", path).added == 100_000
