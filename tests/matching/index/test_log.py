import numpy as np
import pytest

from perisai.errors import IndexCorrupt
from perisai.matching.index import log as logs
from perisai.matching.index.log import RECORD_SIZE, Change, Log

NOTHING = np.zeros(0, np.uint64)


def change(first, count, remove=(), mark=0):
    items = np.arange(first, first + count, dtype=np.uint64)
    hashes = np.repeat(items.astype(np.uint8)[:, None], 32, axis=1)
    return Change(hashes, items, np.array(remove, np.uint64), mark)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "log"
    logs.create(path, 7)
    writer = Log(path, write=True)
    assert writer.mark == 7
    for given in (change(0, 3, mark=8), change(3, 0, remove=[1], mark=9), change(4, 2, [9], 10)):
        writer.append(given)
        writer.read()
    writer.close()
    return path


def read(path):
    log = Log(path)
    try:
        return log.read(), log.mark
    finally:
        log.close()


def test_everything_comes_back_in_order(path):
    records, mark = read(path)
    assert records["kind"].tolist() == [1, 1, 1, 2, 2, 1, 1]
    assert records["item"].tolist() == [0, 1, 2, 1, 9, 4, 5]
    assert mark == 10


def test_a_torn_tail_is_ignored_then_cut_off(path):
    good = path.read_bytes()
    last_change = len(good) - 3 * RECORD_SIZE
    for size in range(last_change, len(good)):
        path.write_bytes(good[:size])
        records, mark = read(path)
        assert len(records) == 4, "a change is taken in whole or not at all"
        assert mark == 9
    writer = Log(path, write=True)
    writer.read()
    writer.trim()
    assert path.stat().st_size == last_change
    writer.append(change(6, 1, mark=11))
    assert writer.read()["item"].tolist() == [6]
    writer.close()
    assert read(path)[1] == 11


def test_zeros_that_a_power_cut_left_are_a_torn_tail(path):
    good = path.read_bytes()
    path.write_bytes(good + bytes(1000))
    assert len(read(path)[0]) == 7


def test_every_flipped_byte_is_noticed(path, monkeypatch):
    monkeypatch.setattr(logs, "_PAUSE", 0)
    good = path.read_bytes()
    for place in range(0, len(good), 5):
        bad = bytearray(good)
        bad[place] ^= 1 << (place % 8)
        path.write_bytes(bad)
        with pytest.raises(IndexCorrupt, match="rebuilt"):
            read(path)


def test_swapped_records_are_noticed(path):
    good = path.read_bytes()
    first, second = good[32 : 32 + RECORD_SIZE], good[32 + RECORD_SIZE : 32 + 2 * RECORD_SIZE]
    path.write_bytes(good[:32] + second + first + good[32 + 2 * RECORD_SIZE :])
    with pytest.raises(IndexCorrupt):
        read(path)


def test_a_full_disk_leaves_no_trace(path, monkeypatch):
    writer = Log(path, write=True)
    writer.read()
    size = path.stat().st_size

    def full(handle, offset, data):
        written(handle, offset, data[:100])
        raise OSError(28, "No space left on device")

    written = logs._write_at
    monkeypatch.setattr(logs, "_write_at", full)
    with pytest.raises(OSError, match="No space"):
        writer.append(change(50, 5))
    assert path.stat().st_size == size
    monkeypatch.undo()
    writer.append(change(60, 1))
    assert writer.read()["item"].tolist() == [60]
    writer.close()
