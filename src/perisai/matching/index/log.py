"""The delta log: what was added to and removed from the index since its last compaction.

After a 32-byte header come records of 64 bytes (little-endian)::

    uint32 kind      1 add, 2 remove, 3 mark only
    uint32 crc32     of the record with zeros here
    uint64 item
    uint32 number    of this record, from 0
    uint32 last      number of the last record of the same change
    uint64 mark      the caller's bookmark as of this change
    32 bytes hash    zeros unless kind is 1

A change counts when its last record is there. What a killed writer leaves of an unfinished one is
ignored by readers and cut off by the next writer. A record that is whole but wrong is not a torn
tail, it is damage, and is reported.
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from perisai.matching.index.files import corrupt, sync_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ADD, REMOVE, MARK = 1, 2, 3
RECORD = np.dtype(
    [
        ("kind", "<u4"),
        ("crc32", "<u4"),
        ("item", "<u8"),
        ("number", "<u4"),
        ("last", "<u4"),
        ("mark", "<u8"),
        ("hash", "u1", (32,)),
    ]
)
RECORD_SIZE = RECORD.itemsize
_HEAD = struct.Struct("<8sIIQ")  # magic, version, CRC-32 of the mark, mark at the log's beginning
HEAD_SIZE = 32
_MAGIC = b"PERISAIL"
_VERSION = 1
_PATIENCE = 5
_PAUSE = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Change:
    """One atomic change: removals first, then additions."""

    add_hashes: NDArray[np.uint8]
    add_items: NDArray[np.uint64]
    remove_items: NDArray[np.uint64]
    mark: int


def create(path: Path, mark: int) -> None:
    """Write an empty log, durable when this returns."""
    packed = mark.to_bytes(8, "little")
    head = _HEAD.pack(_MAGIC, _VERSION, zlib.crc32(packed), mark).ljust(HEAD_SIZE, b"\0")
    with path.open("wb") as file:
        file.write(head)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


class Log:
    """An open log. One writer appends, any number of readers follow it."""

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Open the log; a writer cuts off what a killed one left unfinished.

        Raises FileNotFoundError, and IndexCorrupt if the header is damaged.
        """
        self.path = path
        self._handle = os.open(path, os.O_RDWR if write else os.O_RDONLY)
        self.count = 0
        head = os.pread(self._handle, HEAD_SIZE, 0)
        if len(head) < HEAD_SIZE or not head.startswith(_MAGIC):
            self.close()
            raise corrupt(path, "this is not an index log")
        _, version, checksum, mark = _HEAD.unpack_from(head)
        self.mark: int = mark
        if version != _VERSION or zlib.crc32(head[16:24]) != checksum or any(head[24:]):
            self.close()
            raise corrupt(path, "its header was changed after it was written")

    def close(self) -> None:
        """Give the file handle back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def pending(self) -> bool:
        """Say cheaply whether there may be something to :meth:`read`."""
        return os.fstat(self._handle).st_size > self._end()

    def read(self) -> NDArray[np.void]:
        """Return the records of all changes completed since the last call, in order.

        Raises IndexCorrupt if a whole record does not verify.
        """
        for attempt in range(_PATIENCE):
            size = os.fstat(self._handle).st_size
            if size < self._end():
                raise corrupt(self.path, "it was cut short by something other than its writer")
            raw = _read_at(self._handle, self._end(), size - self._end())
            whole = np.frombuffer(raw, RECORD, len(raw) // RECORD_SIZE)
            wrong = _first_wrong(whole, self.count)
            # Zeros at the end are room that a file system gave but never filled before a power
            # cut. Anything else may be a write seen half done: look again before judging.
            if wrong == len(whole) or not whole[wrong:].tobytes().strip(b"\0"):
                break
            if attempt == _PATIENCE - 1:
                raise corrupt(self.path, f"record {self.count + wrong} was changed")
            time.sleep(_PAUSE)
        whole = whole[:wrong]
        ends = np.flatnonzero(whole["number"] == whole["last"])
        done = whole[: int(ends[-1]) + 1] if len(ends) else whole[:0]
        if len(done):
            self.count += len(done)
            self.mark = int(done["mark"][-1])
        return done

    def trim(self) -> None:
        """Cut off an unfinished change (writer only, after :meth:`read`)."""
        if self.pending():
            os.ftruncate(self._handle, self._end())
            os.fsync(self._handle)

    def append(self, change: Change) -> None:
        """Write a change and return when it is on the disk.

        If writing fails (a full disk), what was written is cut off again and the error raised.
        """
        removed, added = len(change.remove_items), len(change.add_items)
        total = max(1, removed + added)
        records = np.zeros(total, RECORD)
        records["kind"] = MARK
        records["kind"][:removed] = REMOVE
        records["item"][:removed] = change.remove_items
        if added:
            records["kind"][removed:] = ADD
            records["item"][removed:] = change.add_items
            records["hash"][removed:] = change.add_hashes
        records["number"] = np.arange(self.count, self.count + total)
        records["last"] = self.count + total - 1
        records["mark"] = change.mark
        records["crc32"] = _checksums(records)
        try:
            _write_at(self._handle, self._end(), records.tobytes())
            os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, self._end())
            raise

    def _end(self) -> int:
        return HEAD_SIZE + self.count * RECORD_SIZE


def _checksums(records: NDArray[np.void]) -> NDArray[np.uint32]:
    blank = records.copy()
    blank["crc32"] = 0
    raw = memoryview(blank.tobytes())
    crc32 = zlib.crc32
    return np.fromiter(
        (crc32(raw[at : at + RECORD_SIZE]) for at in range(0, len(raw), RECORD_SIZE)),
        np.uint32,
        len(records),
    )


def _first_wrong(records: NDArray[np.void], first: int) -> int:
    good = _checksums(records) == records["crc32"]
    good &= records["number"] == np.arange(first, first + len(records))
    good &= (records["kind"] >= ADD) & (records["kind"] <= MARK)
    wrong = np.flatnonzero(~good)
    return int(wrong[0]) if len(wrong) else len(records)


def _read_at(handle: int, offset: int, size: int) -> bytes:
    parts = []
    while size > 0:
        part = os.pread(handle, min(size, 1 << 26), offset)
        if not part:
            break
        parts.append(part)
        offset, size = offset + len(part), size - len(part)
    return b"".join(parts)


def _write_at(handle: int, offset: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(handle, view, offset)
        offset, view = offset + done, view[done:]
