import subprocess
import sys
from pathlib import Path

import numpy as np

from perisai.matching.index import RadiusIndex

WRITER = Path(__file__).with_name("writer.py")
ROUNDS = 24


def test_a_killed_writer_loses_nothing_it_has_acknowledged(tmp_path):
    rng = np.random.default_rng(1)
    total = 0
    for _ in range(ROUNDS):
        with subprocess.Popen(
            [sys.executable, str(WRITER), str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            wanted = int(rng.integers(5, 120))
            for _ in range(wanted):
                assert writer.stdout.readline()
            writer.kill()
            rest = writer.stdout.read().split()
        acknowledged = total + wanted if not rest else int(rest[-1])
        with RadiusIndex.open(tmp_path) as index:
            # One more may have reached the disk before the word of it got out.
            assert acknowledged <= index.mark <= acknowledged + 1
            total = index.mark
            alive = np.arange(max(1, total - 49), total + 1)
            assert index.items().tolist() == alive.tolist()
            assert len(index) == 3 * len(alive)
            stored = np.concatenate(
                [np.random.default_rng(s).integers(0, 256, (3, 32), dtype=np.uint8) for s in alive]
            )
            hits = index.search(stored, 0)
            assert np.array_equal(np.sort(hits.item), np.repeat(alive, 3))
            index.verify()
    assert total > ROUNDS * 5
