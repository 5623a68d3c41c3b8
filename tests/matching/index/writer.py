"""Adds and removes until it is killed; prints the number of each change once it is acknowledged."""

import sys
from pathlib import Path

import numpy as np

from perisai.matching.index import RadiusIndex
from perisai.matching.index import radius as radii

radii.YOUNG = 40  # merges often, so that many are interrupted

with RadiusIndex.open(Path(sys.argv[1]), write=True) as index:
    step = index.mark
    while True:
        step += 1
        # Change n stores three hashes for item n and takes away item n - 50.
        hashes = np.random.default_rng(step).integers(0, 256, (3, 32), dtype=np.uint8)
        index.change(add=(hashes, [step] * 3), remove=[step - 50] if step > 50 else [], mark=step)
        print(step, flush=True)  # noqa: T201  read by the test
