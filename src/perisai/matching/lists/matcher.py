"""Is this file, frame or clip on a list? Asked by many threads, for thousands of files."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Self

import numpy as np

from perisai.errors import ListError
from perisai.matching import clips
from perisai.matching.lists import rows, schema
from perisai.matching.lists.following import few
from perisai.matching.lists.model import HashList, Kind
from perisai.matching.lists.shelves import Shelf
from perisai.terms import Label

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from perisai.matching.lists.following import FollowingIndex


KEPT_CLIPS = 256
"""Signatures held in memory: those that were compared last."""


@dataclass(frozen=True, slots=True)
class FileMatch:
    """The file itself is on a list; ``kind`` is "sha256" or "md5"."""

    list_name: str
    label: Label
    entry_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class FrameMatch:
    """A frame is on a list: the nearest entry of that list to query ``row``.

    ``distance`` counts the bits that differ (0..31); ``variant`` names the crop that matched, and
    ``picture`` the listed picture, where the list knows.
    """

    row: int
    list_name: str
    label: Label
    entry_id: int
    variant: str
    distance: int
    picture: int | None


@dataclass(frozen=True, slots=True)
class ClipMatch:
    """A clip is on a list: the entry of that list of which most is found.

    ``covered`` is the share (0..1) of the listed clip's time that is found, ``in_order`` the share
    of its pictures found in its order; ``pictures`` of its ``of_pictures`` were found.
    """

    list_name: str
    label: Label
    entry_id: int
    covered: float
    in_order: float
    pictures: int
    of_pictures: int


@dataclass(frozen=True, slots=True)
class _State:
    """What was loaded at one moment; replaced as a whole, so that threads see old or new."""

    generation: int = 0
    lists: dict[int, HashList] = field(default_factory=dict)
    pictures: Shelf | None = None
    clips: Shelf | None = None
    mark: str = ""


class Matcher:
    """Look-ups in some lists, by any number of threads. Close it, or use it as a context manager.

    It answers from what it loaded; :meth:`refresh` takes in what changed since, and is cheap enough
    to be called for every file. Findings with the label ``abuse`` must not be shown in detail; that
    is up to whoever asks.
    """

    def __init__(
        self,
        path: Path,
        following: Sequence[FollowingIndex],
        brute_limit: int,
        names: Sequence[str] | None,
        today: date | None,
    ) -> None:
        self._path = path
        self._following = following
        self._brute_limit = brute_limit
        self._names = None if names is None else frozenset(names)
        self._today = today
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._version = -1
        self._file: tuple[int, int] | None = None
        self._closed = False
        self._signatures: dict[int, clips.ClipSignature] = {}
        self._state = _State()
        try:
            self.refresh()
            self._check_named(self.lists)
        except BaseException:
            self.close()
            raise

    @property
    def lists(self) -> tuple[HashList, ...]:
        """The lists looked at, expired ones too."""
        return tuple(self._state.lists.values())

    @property
    def expired(self) -> tuple[str, ...]:
        """Names of the lists that match nothing because their time is over."""
        return tuple(found.name for found in self.lists if found.expired(self._day()))

    @property
    def labels(self) -> frozenset[Label]:
        """The labels that a match can have."""
        return frozenset(f.label for f in self.lists if f.count and not f.expired(self._day()))

    @property
    def empty(self) -> bool:
        """Whether nothing can match."""
        return not self.labels

    @property
    def generation(self) -> int:
        """Number of the newest change seen; answers from before another one may be outdated."""
        return self._state.generation

    @property
    def mark(self) -> str:
        """Changes whenever the same question may get another answer.

        That is with every change of a list, at the end of a list's last day, and when another file
        takes the lists' place.
        """
        state, day = self._state, self._day()
        names = (found.name for found in state.lists.values() if not found.expired(day))
        return " ".join([state.mark, *sorted(names)])

    def match_file(self, sha256: str, md5: str) -> list[FileMatch]:
        """Lists on which the file itself is, by its hashes in hex: one match for each list."""
        active = self._active()
        found: dict[int, FileMatch] = {}
        with self._lock, schema.explained(self._path):
            db = self._db
            if not active or db is None:
                return []
            for kind, text in ((Kind.SHA256, sha256), (Kind.MD5, md5)):
                hits = db.execute(
                    "SELECT list_id, id FROM entries"
                    " WHERE kind = ? AND value = ? AND removed_seq IS NULL ORDER BY list_id, id",
                    (kind, bytes.fromhex(text)),
                ).fetchall()
                for list_id, entry_id in hits:
                    if (on := active.get(list_id)) is not None and list_id not in found:
                        found[list_id] = FileMatch(on.name, on.label, entry_id, kind.word)
        return list(found.values())

    def match_frames(self, hashes: NDArray[np.uint8]) -> list[FrameMatch]:
        """Lists that have a picture within 31 bits of these hashes, shape (n, 32), uint8.

        One match, the nearest, for each row and list, in the order of rows. Rows that occur several
        times are looked up once. Give all hashes of a file at once.
        """
        active, state = self._active(), self._state
        unlike, original = _unlike(hashes)
        if not active or state.pictures is None or not len(unlike):
            return []
        near = state.pictures.near(unlike)
        known = self._look_up(near.entry, active)
        best: dict[int, dict[int, tuple[int, int]]] = {}  # row, list: the nearest, first listed
        for row, entry_id, distance in zip(
            near.row.tolist(), near.entry.tolist(), near.distance.tolist(), strict=True
        ):
            if entry_id in known:
                of_row, list_id = best.setdefault(row, {}), known[entry_id][0]
                of_row[list_id] = min(of_row.get(list_id, (256, 0)), (distance, entry_id))
        result = []
        for row in np.flatnonzero(np.isin(original, list(best))).tolist():
            for list_id, (distance, entry_id) in sorted(best[int(original[row])].items()):
                on, (_, variant, picture) = active[list_id], known[entry_id]
                result.append(
                    FrameMatch(row, on.name, on.label, entry_id, variant, distance, picture)
                )
        return result

    def match_clip(
        self, signature: clips.ClipSignature, rule: clips.ClipRule | None = None
    ) -> list[ClipMatch]:
        """Lists that have a clip of which this one shows enough; one match for each list.

        What is enough says the rule. Padding, a harmless first frame or another order do not help
        (see :mod:`perisai.matching.clips`). A clip that cannot be hashed matches nothing.
        """
        active, state = self._active(), self._state
        if not active or state.clips is None or not signature.hashable:
            return []
        unlike, _ = _unlike(np.concatenate([run.hashes for run in signature.runs]))
        known = self._look_up(state.clips.near(unlike).entry, active)
        best: dict[int, ClipMatch] = {}
        for entry_id, (list_id, _, _) in sorted(known.items()):
            found = clips.match(signature, self._clip(entry_id))
            if not found.matches(rule or clips.ClipRule()):
                continue
            if list_id not in best or found.covered > best[list_id].covered:
                best[list_id] = ClipMatch(
                    active[list_id].name,
                    active[list_id].label,
                    entry_id,
                    found.covered,
                    found.in_order,
                    found.pictures,
                    found.of_pictures,
                )
        return list(best.values())

    def refresh(self) -> bool:
        """Take in what changed in the lists since; say whether anything did.

        Raises :class:`ListError` or :class:`IndexCorrupt` if they cannot be read: nothing may be
        passed as "not listed" then.
        """
        with self._lock, schema.explained(self._path):
            self._check_open()
            file = _file(self._path)
            if self._db is not None and file != self._file:
                # Another file took its place, a backup for instance; the old one never changes.
                self._db.close()
                self._db, self._version = None, -1
                self._signatures.clear()
            if self._db is None:
                if file is None and self._file is None:
                    return False  # no list was ever made
                if file is None:
                    raise ListError(f"{self._path} is gone; nothing is matched until it is back")
                self._db, self._file = schema.open_reader(self._path), file
            version = int(self._db.execute("PRAGMA data_version").fetchone()[0])
            if version == self._version:
                self._check_named(self.lists)  # a list may have expired at midnight
                return False
            if schema.version(self._db) == 0:  # its first writer has not finished yet
                return False
            before = self._state
            self._state = self._load(self._db, before)
            self._version = version
            return self._state.generation != before.generation

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            for shelf in (self._state.pictures, self._state.clips):
                if shelf is not None:
                    shelf.close()
            if self._db is not None:
                self._db.close()
            self._db, self._state, self._closed = None, _State(), True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _load(self, db: sqlite3.Connection, before: _State) -> _State:
        # First: it may be older than what follows, never newer.
        mark, generation = rows.mark(db), rows.generation(db)
        lists = {
            list_id: found
            for list_id, found in rows.all_lists(db).items()
            # Naming some lists chooses among those of the operator; abuse lists are not a choice.
            if self._names is None or found.name in self._names or found.label is Label.ABUSE
        }
        self._check_named(lists.values())
        shelves: list[Shelf] = []
        for shelf in (before.pictures, before.clips):
            following = self._following[len(shelves)]
            small = few(db, following.kind, lists, self._brute_limit)
            shelves.append(Shelf.load(db, following, lists, small=small, before=shelf))
        return _State(generation, lists, shelves[0], shelves[1], mark)

    def _check_named(self, lists: Iterable[HashList]) -> None:
        """Raise ListError if a list that was asked for by name would silently match nothing."""
        there = {found.name: found for found in lists}
        for name in sorted(self._names or ()):
            if name not in there:
                raise ListError(f"there is no list named '{name}'; see `perisai lists show`")
            if there[name].expired(self._day()):
                raise ListError(
                    f"the list '{name}' has expired; renew it with `perisai lists edit {name} "
                    "--expires DATE`, or leave it out"
                )

    def _look_up(
        self, entries: NDArray[np.int64], active: dict[int, HashList]
    ) -> dict[int, tuple[int, str, int | None]]:
        """List, variant and picture of the entries that are on these lists (still)."""
        with self._lock, schema.explained(self._path):
            if self._db is None or not len(entries):
                return {}
            found = self._db.execute(
                "SELECT id, list_id, variant, picture FROM entries"
                " WHERE id IN (SELECT value FROM json_each(?)) AND removed_seq IS NULL",
                (json.dumps(np.unique(entries).tolist()),),
            )
            return {row[0]: row[1:] for row in found if row[1] in active}

    def _clip(self, entry_id: int) -> clips.ClipSignature:
        """An entry never changes, so that its signature can be kept."""
        with self._lock, schema.explained(self._path):
            if entry_id not in self._signatures and self._db is not None:
                sql = "SELECT value FROM entries WHERE id = ?"
                text = self._db.execute(sql, (entry_id,)).fetchone()[0].decode()
                while len(self._signatures) >= KEPT_CLIPS:
                    del self._signatures[next(iter(self._signatures))]
                self._signatures[entry_id] = clips.ClipSignature.from_json(text)
            return self._signatures[entry_id]

    def _check_open(self) -> None:
        if self._closed:  # an empty answer would be taken for "not listed"
            raise ListError("this matcher was closed; make a new one")

    def _active(self) -> dict[int, HashList]:
        self._check_open()
        day = self._day()
        return {i: found for i, found in self._state.lists.items() if not found.expired(day)}

    def _day(self) -> date:
        return self._today or datetime.now(UTC).date()


def _file(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _unlike(hashes: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The rows without repetition, and for each row where it went."""
    if hashes.dtype != np.uint8 or hashes.ndim != 2 or hashes.shape[1] != 32:
        raise ValueError(
            f"hashes must be uint8 of shape (n, 32), not {hashes.dtype} of shape {hashes.shape}"
        )
    whole = np.ascontiguousarray(hashes).view("V32").reshape(-1)
    _, first, original = np.unique(whole, return_index=True, return_inverse=True)
    return hashes[first], original.astype(np.int64)
