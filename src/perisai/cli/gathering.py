"""Which files stand for the paths that somebody named: folders are searched, links followed."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from perisai.screening.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass
class Gathered:
    """Files in the order in which they are looked at.

    ``repeats`` counts linked folders whose files are among them already, under another name.
    """

    files: list[Path] = field(default_factory=list)
    repeats: int = 0


def gather(paths: Iterable[Path], *, leave_out: Path | None = None) -> Gathered:
    """Return the files named, and all that are not hidden in the folders named.

    ``leave_out`` is a file that is not to be found in a folder: last time's report. Raises
    click.UsageError for a path that does not exist, and if there is no file at all.
    """
    found = Gathered()
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise click.UsageError(f"{printable(str(path))} does not exist.")
        if path.is_dir():
            _search(path, found)
        else:
            found.files.append(path)
    if leave_out is not None:
        named = set(paths)
        found.files = [file for file in found.files if file in named or not _same(file, leave_out)]
    if not found.files:
        names = ", ".join(printable(str(path)) for path in paths)
        raise click.UsageError(f"There is no file in {names}.")
    return found


def _search(top: Path, found: Gathered) -> None:
    """Add all files under a folder, sorted; each real folder is searched once.

    Links wait until all else was searched: a folder that lies in here keeps its own name.
    """
    seen: set[tuple[int, int] | str] = set()
    waiting = deque([top])
    while waiting:
        waiting.extend(_walk(waiting.popleft(), seen, found))


def _walk(start: Path, seen: set[tuple[int, int] | str], found: Gathered) -> Iterator[Path]:
    """Add the files under a folder but for those behind links, and yield the linked folders."""
    closed: list[Path] = []
    for place, folders, names in os.walk(start, onerror=lambda e: closed.append(Path(e.filename))):
        real = _identity(place)
        if real in seen:
            folders.clear()
            found.repeats += 1
            continue
        seen.add(real)
        shown = sorted(name for name in folders if not name.startswith("."))
        folders[:] = [name for name in shown if not Path(place, name).is_symlink()]
        yield from (Path(place, name) for name in shown if name not in folders)
        found.files += [Path(place, name) for name in sorted(names) if not name.startswith(".")]
    # What cannot be opened is added all the same, to be told as not screened.
    found.files += closed


def _identity(folder: str) -> tuple[int, int] | str:
    """Tell one real folder from another; one that just went is no other folder's twin."""
    try:
        status = Path(folder).stat()
    except OSError:
        return folder
    return status.st_dev, status.st_ino


def _same(file: Path, other: Path) -> bool:
    if file.name != other.name:  # asks no disk about a million files
        return False
    if file.absolute() == other.absolute():
        return True
    try:
        return file.samefile(other)
    except OSError:  # one of them is not there
        return False
