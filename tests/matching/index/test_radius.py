import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from perisai.errors import IndexCorrupt, MatchingError
from perisai.matching.index import RadiusIndex
from perisai.matching.index import delta as deltas
from perisai.matching.index import radius as radii

from .common import brute, clustered, flipped, listed

DATA = Path(__file__).parents[1] / "data"


def some(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def hex_lines(name):
    lines = (DATA / name).read_text().split()
    return np.frombuffer(bytes.fromhex("".join(lines)), np.uint8).reshape(-1, 32)


@pytest.mark.parametrize("compacted", [False, True])
def test_published_haystack_and_needles(tmp_path, compacted):
    haystack, needles = hex_lines("pdq_haystack.txt"), hex_lines("pdq_needles.txt")
    items = np.arange(len(haystack))
    with RadiusIndex.open(tmp_path, write=True) as index:
        index.add(haystack, items)
        if compacted:
            index.compact()
        hits = index.search(needles)
        assert listed(hits) == brute(needles, haystack, items, 31)
        assert len(set(hits.query.tolist())) > 0


class Model:
    """What the index should hold: a plain list."""

    def __init__(self):
        self.hashes, self.items = np.zeros((0, 32), np.uint8), np.zeros(0, np.uint64)

    def add(self, hashes, items):
        self.hashes = np.concatenate([self.hashes, hashes])
        self.items = np.concatenate([self.items, items.astype(np.uint64)])

    def remove(self, items):
        stay = ~np.isin(self.items, items)
        self.hashes, self.items = self.hashes[stay], self.items[stay]


@pytest.mark.parametrize("size", [300, 60_000])
def test_adding_removing_and_compacting_at_random(tmp_path, monkeypatch, size):
    monkeypatch.setattr(deltas, "SEAL", 64)  # many parts, and merges of parts
    rng = np.random.default_rng(size)
    model = Model()
    with RadiusIndex.open(tmp_path, write=True) as index:
        reader = RadiusIndex.open(tmp_path)
        first, ids = clustered(rng, size, size // 50), rng.integers(0, size // 2, size)
        index.replace_all(first, ids, mark=5)
        model.add(first, ids)
        assert index.mark == 5
        for step in range(40):
            hashes = clustered(rng, int(rng.integers(1, 60)), 5)
            hashes[0] = model.hashes[-1]
            ids = rng.integers(0, size // 2, len(hashes))
            gone = rng.integers(0, size // 2, int(rng.integers(0, 4)))
            index.change(add=(hashes, ids), remove=gone, mark=step)
            model.remove(gone)
            model.add(hashes, ids)
            if step in (9, 30):
                index.compact()
            if step % 5 == 0 or step == 39:
                assert reader.refresh()
                assert not reader.refresh()
                near = flipped(rng, model.hashes[rng.integers(0, len(model.hashes), 8)], 20)
                queries = np.concatenate([near, hashes[:3]])
                wanted = brute(queries, model.hashes, model.items, 31)
                assert listed(index.search(queries)) == wanted
                assert listed(reader.search(queries)) == wanted
                assert len(index) == len(reader) == len(model.items)
                assert index.mark == reader.mark == step
        assert np.array_equal(index.items(), np.unique(model.items))
        reader.close()
    with RadiusIndex.open(tmp_path) as again:
        assert len(again) == len(model.items)


def test_empty_and_wrong_input(tmp_path):
    with pytest.raises(MatchingError, match="write=True"):
        RadiusIndex.open(tmp_path / "none")
    with RadiusIndex.open(tmp_path, write=True) as index:
        assert len(index) == 0
        assert len(index.search(some(3))) == 0
        index.add(some(2), [1, 2**64 - 1])
        index.remove([77])
        index.change(mark=3)
        assert index.mark == 3
        assert index.search(some(2)).item.dtype == np.uint64
        assert len(index.search(np.zeros((0, 32), np.uint8))) == 0
        for bad in (some(2).astype(np.int64), some(2)[0], some(2)[:, :31]):
            with pytest.raises(ValueError, match="shape"):
                index.search(bad)
        with pytest.raises(ValueError, match="whole numbers"):
            index.add(some(1), [-1])
        with pytest.raises(ValueError, match="1 hashes came with 2 items"):
            index.add(some(1), [1, 2])
        for radius in (-1, 65):
            with pytest.raises(ValueError, match=r"0\.\.64"):
                index.search(some(1), radius)
        with RadiusIndex.open(tmp_path) as reader, pytest.raises(MatchingError, match="write=True"):
            reader.add(some(1), [1])


def test_a_second_writer_is_told(tmp_path):
    with RadiusIndex.open(tmp_path, write=True) as index:
        with pytest.raises(MatchingError, match="another process"):
            RadiusIndex.open(tmp_path, write=True, timeout=0.05)
        code = (
            "import sys; from pathlib import Path; from perisai.matching.index import RadiusIndex\n"
            "RadiusIndex.open(Path(sys.argv[1]), write=True, timeout=0.05)"
        )
        run = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "MatchingError" in run.stderr
        index.add(some(1), [1])
    with RadiusIndex.open(tmp_path, write=True) as index:
        assert len(index) == 1


def test_readers_keep_working_while_a_writer_compacts(tmp_path):
    hashes = some(60_000)
    stop, wrong = threading.Event(), []
    with RadiusIndex.open(tmp_path, write=True) as index:
        index.replace_all(hashes, np.arange(60_000))

        def follow():
            with RadiusIndex.open(tmp_path) as reader:
                while not stop.is_set():
                    reader.refresh()
                    hits = reader.search(hashes[:300])
                    if sorted(hits.item.tolist()) != list(range(300)):
                        wrong.append(hits)

        readers = [threading.Thread(target=follow) for _ in range(2)]
        old = RadiusIndex.open(tmp_path)
        for reader in readers:
            reader.start()
        for step in range(8):
            index.add(some(10, seed=step + 1), np.arange(10) + 100_000)
            index.compact()
        stop.set()
        for reader in readers:
            reader.join()
        assert not wrong
        assert len(old.search(hashes[:300])) == 300, "its files are deleted, its mapping is not"
        assert old.refresh()
        assert len(old) == 60_080
        old.close()


def test_long_logs_are_merged_without_being_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(radii, "YOUNG", 100)
    with RadiusIndex.open(tmp_path, write=True) as index:
        for step in range(11):
            index.add(some(10, seed=step), np.arange(10))
        assert index.young == 0
        index.add(some(500), np.arange(500))
        assert index.young == 0
        index.remove(np.arange(10))
        assert len(index) == 490


def test_damage_is_named_and_can_be_healed(tmp_path):
    with RadiusIndex.open(tmp_path, write=True) as index:
        index.replace_all(some(100), np.arange(100))
        index.add(some(100, seed=1), np.arange(100))
        index.verify()
    files = [f for f in tmp_path.iterdir() if f.name != "writer.lock"]
    assert len(files) == 3
    for file in files:
        good = file.read_bytes()
        for place in {0, len(good) // 2, len(good) - 1}:
            bad = bytearray(good)
            bad[place] ^= 4
            file.write_bytes(bad)
            for write in (False, True):
                with pytest.raises(IndexCorrupt, match="rebuilt"):
                    RadiusIndex.open(tmp_path, write=write)
        file.unlink()
        with pytest.raises((IndexCorrupt, MatchingError)):
            RadiusIndex.open(tmp_path)
        with pytest.raises(IndexCorrupt):
            RadiusIndex.open(tmp_path, write=True)
        file.write_bytes(good)
    assert len(RadiusIndex.open(tmp_path)) == 200
