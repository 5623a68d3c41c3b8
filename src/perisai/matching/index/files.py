"""Files that are written once, checked, and never half there: array files and the manifest.

An array file begins with a fixed header (magic, version, length and CRC-32 of a JSON description)
and holds plain little-endian arrays at 4096-byte boundaries, each with its own CRC-32, so that it
can be mapped into memory as it is. Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from perisai.errors import IndexCorrupt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

ARRAY_MAGIC = b"PERISAIX"
MANIFEST_MAGIC = "perisai-index 1"
VERSION = 1
_HEAD = struct.Struct("<8sIII")  # magic, version, length of the description, its CRC-32
_HEAD_ROOM = 16_384
_PAGE = 4096
_CHUNK = 1 << 24
_DTYPES = {"uint8", "uint32", "uint64", "int64"}

HEAL = "Delete the index folder and let it be rebuilt from the lists."


def corrupt(path: Path, what: str) -> IndexCorrupt:
    """Make the error for a damaged file, with what to do about it."""
    return IndexCorrupt(f"{path}: {what}. {HEAL}")


def sync_folder(folder: Path) -> None:
    """Make renames in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class ArrayWriter:
    """Writes an array file piece by piece under a temporary name; the last step names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._temporary = path.with_name(path.name + ".tmp")
        self._file: BinaryIO = self._temporary.open("w+b")
        self._end = _HEAD_ROOM
        self._arrays: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> ArrayWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def write(self, name: str, pieces: Iterable[NDArray[Any]], dtype: str) -> NDArray[Any]:
        """Append an array given in pieces along its first axis; return it mapped, to be read."""
        self._end += -self._end % _PAGE
        self._file.seek(self._end)
        checksum, rows, tail = 0, 0, ()
        for piece in pieces:
            block = np.ascontiguousarray(piece, dtype=np.dtype(dtype).newbyteorder("<"))
            tail = block.shape[1:]
            rows += len(block)
            raw = _raw(block)
            checksum = zlib.crc32(raw, checksum)
            self._file.write(raw)
        shape = (rows, *tail)
        self._arrays[name] = {
            "dtype": dtype,
            "shape": shape,
            "offset": self._end,
            "crc32": checksum,
        }
        size = math.prod(shape) * np.dtype(dtype).itemsize
        self._file.flush()
        offset, self._end = self._end, self._end + size
        if not size:
            return np.zeros(shape, dtype)
        view = mmap.mmap(self._file.fileno(), self._end, access=mmap.ACCESS_READ)
        return np.frombuffer(view, dtype, math.prod(shape), offset).reshape(shape)

    def finish(self, meta: dict[str, Any]) -> None:
        """Write the header, make everything durable and give the file its name."""
        text = json.dumps({"meta": meta, "size": self._end, "arrays": self._arrays}).encode()
        head = _HEAD.pack(ARRAY_MAGIC, VERSION, len(text), zlib.crc32(text))
        if len(head) + len(text) > _HEAD_ROOM:
            raise ValueError("the description of the arrays outgrew its room")
        self._file.seek(0)
        self._file.write(head + text)
        self._file.truncate(self._end)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._temporary.replace(self.path)
        sync_folder(self.path.parent)


@dataclass(frozen=True, slots=True)
class ArrayFile:
    """An array file mapped into memory, read-only. Stays valid when the file is deleted."""

    path: Path
    meta: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    checksums: dict[str, int]
    size: int

    @classmethod
    def open(cls, path: Path) -> ArrayFile:
        """Map the file; sizes and the header's checksum are verified, see also :meth:`verify`.

        Raises FileNotFoundError, and IndexCorrupt for a header or size that is wrong.
        """
        if sys.byteorder != "little":  # pragma: no cover
            raise corrupt(path, "index files can only be mapped on little-endian machines")
        with path.open("rb") as file:
            head = file.read(_HEAD_ROOM)
            size = os.fstat(file.fileno()).st_size
            description = _description(path, head, size)
            view = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        arrays, checksums = {}, {}
        for name, entry in description["arrays"].items():
            shape, dtype = tuple(entry["shape"]), entry["dtype"]
            total = math.prod(shape)
            end = entry["offset"] + total * np.dtype(dtype).itemsize if dtype in _DTYPES else -1
            if not _HEAD_ROOM <= entry["offset"] <= end <= size:
                raise corrupt(path, f"the array {name!r} lies outside of the file")
            arrays[name] = (
                np.frombuffer(view, dtype, total, entry["offset"]).reshape(shape)
                if total
                else np.zeros(shape, dtype)
            )
            checksums[name] = entry["crc32"]
        return cls(path, description["meta"], arrays, checksums, size)

    def verify(self) -> None:
        """Read everything and compare the checksums: about a second per gigabyte and core.

        Raises IndexCorrupt.
        """
        with ThreadPoolExecutor(2) as pool:
            for name, good in zip(
                self.arrays, pool.map(self._holds, self.arrays, timeout=None), strict=True
            ):
                if not good:
                    raise corrupt(self.path, f"the array {name!r} was changed after it was written")

    def _holds(self, name: str) -> bool:
        array, checksum = self.arrays[name], 0
        raw = _raw(array)
        for first in range(0, len(raw), _CHUNK):
            checksum = zlib.crc32(raw[first : first + _CHUNK], checksum)
        return checksum == self.checksums[name]


def _raw(array: NDArray[Any]) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _description(path: Path, head: bytes, size: int) -> dict[str, Any]:
    if len(head) < _HEAD.size or not head.startswith(ARRAY_MAGIC):
        raise corrupt(path, "this is not an index segment")
    _, version, length, checksum = _HEAD.unpack_from(head)
    if version != VERSION:
        raise corrupt(path, f"it has format version {version}, this program reads {VERSION}")
    text = head[_HEAD.size : _HEAD.size + length]
    rest = head[_HEAD.size + length : _HEAD_ROOM]
    if len(text) != length or zlib.crc32(text) != checksum or rest.strip(b"\0"):
        raise corrupt(path, "its header was changed after it was written")
    description: dict[str, Any] = json.loads(text)
    if description["size"] != size:
        raise corrupt(path, f"it is {size} bytes long and should have {description['size']}")
    return description


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which segment (if any) and which log are the current ones."""

    generation: int
    segment: str | None
    log: str

    NAME = "manifest"

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the current manifest; FileNotFoundError without one, IndexCorrupt if damaged."""
        path = folder / cls.NAME
        lines = path.read_bytes().split(b"\n")
        if len(lines) != 4 or lines[3] or lines[0] != MANIFEST_MAGIC.encode():
            raise corrupt(path, "this is not an index manifest")
        if lines[2] != f"{zlib.crc32(lines[1]):08x}".encode():
            raise corrupt(path, "it was changed after it was written")
        fields = json.loads(lines[1])
        return cls(fields["generation"], fields["segment"], fields["log"])

    def write(self, folder: Path) -> None:
        """Replace the manifest at once: a reader sees the old or the new one."""
        text = json.dumps({"generation": self.generation, "segment": self.segment, "log": self.log})
        path = folder / self.NAME
        temporary = path.with_name(path.name + ".tmp")
        with temporary.open("wb") as file:
            file.write(f"{MANIFEST_MAGIC}\n{text}\n{zlib.crc32(text.encode()):08x}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(folder)
