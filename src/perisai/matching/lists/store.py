"""The truth about hash lists: SQLite under ``PERISAI_HOME``, changed by one writer at a time."""

from __future__ import annotations

import getpass
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from perisai.errors import ListError
from perisai.matching.lists import rows, schema, transfer
from perisai.matching.lists.following import FollowingIndex
from perisai.matching.lists.matcher import Matcher
from perisai.matching.lists.model import (
    Entry,
    HashList,
    Kind,
    Sharing,
    check_label,
    check_name,
    check_text,
    fault,
)
from perisai.matching.lists.rows import Added, Event

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from perisai.terms import Label

BRUTE_LIMIT = 50_000
"""Up to so many hashes, of pictures or of clips, there is no index: it would compare with all."""


class ListStore:
    """Hash lists in ``home/lists.sqlite3``; the radius index beside it is derived from them.

    When a method that changes something returns, the change is on the disk. Reading never waits for
    a writer. Methods raise :class:`ListError`, with a message that says what to do. One object may
    be used by several threads.
    """

    def __init__(
        self,
        home: Path,
        who: str | None = None,
        *,
        brute_limit: int = BRUTE_LIMIT,
    ) -> None:
        """``who`` is written into the log of changes (default: the user of the process)."""
        self.home = home
        self.path = home / "lists.sqlite3"
        self.brute_limit = brute_limit
        self._indexes = (
            FollowingIndex(home / "index", self.path, Kind.PDQ),
            FollowingIndex(home / "index-clips", self.path, Kind.CLIP),
        )
        self._who = who

    # Reading

    def all(self) -> list[HashList]:
        """Every list, by name; expired ones too."""
        with self._reading() as db:
            return [] if db is None else list(rows.all_lists(db).values())

    def get(self, name: str) -> HashList:
        """The list of this name. Raises :class:`ListError` if there is none."""
        with self._reading() as db:
            return _require(db, name)[1]

    def entries(self, name: str) -> Iterator[tuple[int, Entry]]:
        """Every entry of the list with its number, by kind and then in the order of adding."""
        with self._reading() as db:
            list_id, _ = _require(db, name)
            if db is not None:
                yield from rows.entries_of(db, list_id)

    def events(self, name: str | None = None) -> list[Event]:
        """The log of changes, oldest first: of one name (removed lists too), or of all."""
        with self._reading() as db:
            if db is None:
                return []
            found = db.execute(
                "SELECT e.seq, e.at, e.who, e.action, l.name, e.detail FROM events e"
                " JOIN lists l ON l.id = e.list_id WHERE ?1 IS NULL OR l.name = ?1 ORDER BY e.seq",
                (name,),
            )
            return [rows.read_event(row) for row in found]

    def generation(self) -> int:
        """A number that grows with every change of any list; 0 before the first."""
        with self._reading() as db:
            return 0 if db is None else rows.generation(db)

    def faults(self) -> list[str]:
        """Look for damage in the file and for gaps or edits in the log; empty: all is well."""
        with self._reading() as db:
            if db is None:
                return []
            found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"foreign key: {row}" for row in db.execute("PRAGMA foreign_key_check")]
            return found + list(rows.log_faults(db))

    def index_faults(self) -> list[str]:
        """Verify the radius indexes, if there are any; :meth:`rebuild_index` mends what is told."""
        return [fault for index in self._indexes if (fault := index.fault()) is not None]

    def matcher(self, names: Sequence[str] | None = None, today: date | None = None) -> Matcher:
        """Answer look-ups in these lists (None: all). Close it after use.

        Expired lists match nothing. ``today`` fixes the day; by default it follows the clock (UTC).
        Raises :class:`ListError` for an unknown name, another :class:`MatchingError` if the index
        can be neither brought up to date nor made anew.
        """
        return Matcher(self.path, self._indexes, self.brute_limit, names, today)

    # Changing

    def create(
        self,
        name: str,
        *,
        source: str,
        label: Label,
        licence: str = "",
        sharing: Sharing = Sharing.NONE,
        expires: date | None = None,
        created: datetime | None = None,
    ) -> HashList:
        """Make an empty list. Raises :class:`ListError` if the name is taken or unsafe.

        ``created`` is what the list says of its age; without it, this moment.
        """
        facts: dict[str, str | None] = {
            "name": check_name(name),
            "source": check_text("source", source),
            "label": check_label(label).value,
            "licence": check_text("licence", licence),
            "sharing": Sharing(sharing).value,
            "expires": expires.isoformat() if expires else None,
            "created_at": rows.now(created),
        }
        with self._writing() as db:
            if rows.find_list(db, name) is not None:
                raise ListError(f"there is a list named '{name}' already; choose another name")
            self._log(db, rows.make_list(db, facts), "create", facts)
        return self.get(name)

    def edit(
        self,
        name: str,
        *,
        source: str | None = None,
        licence: str | None = None,
        sharing: Sharing | None = None,
        expires: date | str | None = "keep",
    ) -> HashList:
        """Change what is said about a list; what is not given stays. A label never changes."""
        wanted: dict[str, str | None] = {}
        if source is not None:
            wanted["source"] = check_text("source", source)
        if licence is not None:
            wanted["licence"] = check_text("licence", licence)
        if sharing is not None:
            wanted["sharing"] = Sharing(sharing).value
        if not isinstance(expires, str):
            wanted["expires"] = expires.isoformat() if expires else None
        with self._writing() as db:
            list_id, _ = _require(db, name)
            for column, value in wanted.items():
                db.execute(f"UPDATE lists SET {column} = ? WHERE id = ?", (value, list_id))  # noqa: S608  our own words
            if wanted:
                self._log(db, list_id, "edit", wanted)
        return self.get(name)

    def add(self, name: str, entries: Iterable[Entry], **detail: object) -> Added:
        """Put entries on a list, all or none of them.

        ``detail`` goes into the log. Raises :class:`ListError` for an entry that must not be listed
        (see :func:`perisai.matching.lists.model.fault`).
        """

        def checked() -> Iterator[Entry]:
            for number, entry in enumerate(entries, 1):
                if problem := fault(entry):
                    raise ListError(f"entry {number}: {problem}. Nothing was added")
                yield entry

        return self.add_checked(name, checked(), "add", lambda: detail)

    def add_checked(
        self,
        name: str,
        entries: Iterable[Entry],
        action: str,
        detail: Callable[[], Mapping[str, object]],
        facts: Mapping[str, str | None] | None = None,
    ) -> Added:
        """Put entries that were checked while they were read on a list, all or none of them.

        ``detail`` is asked after the last entry. ``facts`` make the list if there is none.
        """
        with self._writing() as db:
            created = facts is not None and rows.find_list(db, name) is None
            if facts is not None and created:
                facts = {**facts, "name": check_name(name)}
                self._log(db, rows.make_list(db, facts), "create", facts)
            list_id, _ = _require(db, name)
            added, known = rows.insert_all(db, list_id, entries)
            self._log(db, list_id, action, {"added": added, "known": known, **detail()})
        return Added(added, known, created)

    def import_file(
        self,
        name: str,
        path: Path,
        form: str = "auto",
        *,
        kind: Kind | None = None,
        skip_bad: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> transfer.Imported:
        """Put the entries of a file on a list; see :func:`transfer.import_file`."""
        return transfer.import_file(
            self, name, path, form, kind=kind, skip_bad=skip_bad, progress=progress
        )

    def export_lines(self, name: str, form: str, *, share_abuse: bool = False) -> Iterator[str]:
        """The list as text, if its sharing rule allows; see :func:`transfer.export_lines`."""
        return transfer.export_lines(self, name, form, share_abuse=share_abuse)

    def log_export(self, name: str, detail: Mapping[str, object]) -> None:
        """Write down that a copy of the list was handed out, before it is."""
        with self._writing() as db:
            self._log(db, _require(db, name)[0], "export", detail)

    def remove(self, name: str) -> int:
        """Take the whole list away; its name is free again. Returns how many entries went."""
        with self._writing() as db:
            list_id, found = _require(db, name)
            seq = self._log(db, list_id, "remove", {"entries": found.count})
            db.execute("UPDATE lists SET removed_seq = ? WHERE id = ?", (seq, list_id))
        return found.count

    def remove_entries(self, name: str, ids: Sequence[int]) -> int:
        """Take entries away, each with all variants of the picture it belongs to.

        Returns how many went. Raises :class:`ListError` if one is not on the list.
        """
        with self._writing() as db:
            list_id, _ = _require(db, name)
            gone: set[int] = set()
            for entry_id in ids:
                found = rows.with_variants(db, list_id, entry_id)
                if not found:
                    raise ListError(
                        f"'{name}' has no entry {entry_id}; "
                        f"see `perisai lists show {name} --entries`"
                    )
                gone |= found
            seq = self._log(db, list_id, "remove_entries", {"ids": sorted(gone)})
            rows.take(db, list_id, gone, seq)
        return len(gone)

    def remove_file(self, name: str, sha256: str) -> int:
        """Take away all that was put on the list from the file with this hash, and the hash."""
        with self._writing() as db:
            list_id, _ = _require(db, name)
            gone = rows.from_file(db, list_id, bytes.fromhex(sha256))
            if not gone:
                raise ListError(f"nothing on '{name}' comes from that file (sha256 {sha256})")
            seq = self._log(db, list_id, "remove_file", {"entries": len(gone), "file": sha256})
            rows.take(db, list_id, gone, seq)
        return len(gone)

    def rebuild_index(self) -> int:
        """Make the radius indexes anew from the lists; returns how many entries they hold."""
        return sum(index.rebuild() for index in self._indexes)

    # What the methods share

    def _log(
        self, db: sqlite3.Connection, list_id: int, action: str, detail: Mapping[str, object]
    ) -> int:
        return rows.write_event(db, self._who or _user(), action, list_id, detail)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """None where no list was ever made."""
        with schema.explained(self.path):
            if not self.path.exists():
                yield None
                return
            db = schema.open_reader(self.path)
            try:
                yield db if schema.version(db) else None
            finally:
                db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with schema.explained(self.path):
            db = schema.open_writer(self.path)
            try:
                with schema.transaction(db):
                    yield db
            finally:
                db.close()
        # Acknowledged only now, so that the next look-up finds the index up to date. A crash
        # before this line loses nothing: whoever opens the index next lets it follow.
        for index in self._indexes:
            index.catch_up_after_write(self.brute_limit)


def _require(db: sqlite3.Connection | None, name: str) -> tuple[int, HashList]:
    found = None if db is None else rows.find_list(db, name)
    if found is None:
        raise ListError(
            f"there is no list named '{name[:80]}'; "
            "see `perisai lists show`, or make it with `perisai lists create`"
        )
    return found


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user often has a number but no name
        return f"uid {os.getuid()}"
