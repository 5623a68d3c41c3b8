"""One consistent view of an index folder, and how it is read from the disk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from perisai.errors import MatchingError
from perisai.matching.index import log as logs
from perisai.matching.index.delta import Delta
from perisai.matching.index.files import Manifest, corrupt
from perisai.matching.index.segment import Segment

if TYPE_CHECKING:
    from pathlib import Path

_RACES = 20


@dataclass(frozen=True, slots=True)
class State:
    """Base segment, log, and the log's records as they can be searched."""

    manifest: Manifest
    stamp: tuple[int, ...]
    base: Segment | None
    log: logs.Log
    delta: Delta


def create_if_new(path: Path) -> None:
    """Begin an empty index where there is none. Raises IndexCorrupt over remains of one."""
    if (path / Manifest.NAME).exists():
        return
    # A first writer killed before it named its empty log leaves just that. More than that without
    # a manifest means the manifest is lost, and an empty index would silently match nothing.
    for file in [*path.glob("*.segment"), *path.glob("*.log")]:
        if file.suffix == ".segment" or file.stat().st_size > logs.HEAD_SIZE:
            raise corrupt(path, "its manifest is missing although it holds data")
    log = f"delta-{1:08}.log"
    logs.create(path / log, 0)
    Manifest(1, None, log).write(path)


def stamp(path: Path) -> tuple[int, ...]:
    """Tell one manifest from the next without reading it."""
    status = (path / Manifest.NAME).stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def load(path: Path, *, write: bool, previous: State | None) -> State:
    """Read the current state from the disk. Raises MatchingError and IndexCorrupt."""
    missing: FileNotFoundError | None = None
    for _ in range(_RACES):
        try:
            seen = stamp(path)
            manifest = Manifest.read(path)
        except FileNotFoundError:
            if previous is not None:
                raise corrupt(path, "its manifest has vanished") from None
            raise MatchingError(
                f"{path}: there is no index here; open it once with write=True to create it"
            ) from None
        try:
            base = None
            if manifest.segment is not None:
                base = Segment.open(path / manifest.segment)
            log = logs.Log(path / manifest.log, write=write)
        except FileNotFoundError as error:  # a writer compacted between the two: look again
            missing = error
            continue
        try:
            return caught_up(State(manifest, seen, base, log, Delta()))
        except BaseException:
            log.close()
            raise
    raise corrupt(path, f"the manifest names a file that is not there ({missing})")


def caught_up(state: State) -> State:
    """Take in what the log has gained."""
    records = state.log.read()
    return replace(state, delta=state.delta.after(records)) if len(records) else state


def sweep(path: Path, manifest: Manifest) -> None:
    """Delete what no manifest names. Readers keep their mappings of deleted files."""
    for file in path.iterdir():
        if file.suffix in {".segment", ".log", ".tmp"} and file.name not in {
            manifest.segment,
            manifest.log,
        }:
            file.unlink(missing_ok=True)
