"""Everything that is kept in one archive, and back into an empty home.

What is in it: the databases of desk and gateway, each as it was at one moment; hash lists; files
of cases and of the gateway, where they lie in folders of the home. Keys are in it only if that is
asked for. Settings are not, nor are previews: those are kept for days, and must end with their day.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from perisai import __version__
from perisai.desk.events import Event
from perisai.desk.opening import house_in, people_key
from perisai.desk.previews.services import FOLDER as PREVIEWS
from perisai.desk.rebuilding import tidy
from perisai.desk.site import make_tables
from perisai.errors import StorageError
from perisai.storage.backup import archive, postgresql, sqlite
from perisai.storage.configuration import (
    FACTS_FILE,
    GATEWAY_FILE,
    alias_of,
    database,
    gateway_database,
)
from perisai.storage.open import open_store
from perisai.storage.two_files import OLD_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from perisai.settings import Settings

LISTS = "lists.sqlite3"
FOLDERS = ("attachments", "objects")
"""Folders of the home in which files of cases and of the gateway lie."""
KEYS = "*.key"


@dataclass(slots=True)
class Found:
    """What a backup holds, or what was found when one was restored."""

    parts: int
    bytes: int
    facts: int
    link: str
    keys: bool
    made: str = ""
    erased: int = 0
    previews: int = 0
    """Of how many previews the keys were in it: they were destroyed, as their bytes are gone."""
    compared: bool = True
    """Whether the rows were compared with the facts; not without the key of people."""
    different: list[str] = field(default_factory=list)


def back_up(
    settings: Settings, target: Path, *, with_keys: bool, told: Callable[[str], None]
) -> Found:
    """Write an archive; it is there whole or not at all. Raises StorageError.

    ``told`` is called with the name of each part that is begun.
    """
    if target.exists():
        raise StorageError(f"{target} exists already; a backup is never written over another file")
    with _explained(target), _folder(target.absolute().parent) as folder:
        part = folder / "archive"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            writer = archive.Writer(file)
            made, (facts, link) = _databases(settings, folder, writer, told)
            for name, source in _files(settings, with_keys=with_keys):
                told(name)
                writer.add(name, source)
            writer.finish({
                "perisai": __version__,
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
                "keys": with_keys,
                "log": {"number": facts, "link": link},
                **made,
            })  # fmt: skip
            file.flush()
            os.fsync(file.fileno())
        size = part.stat().st_size
        part.replace(target)
    return Found(len(writer.parts), size, facts, link, with_keys)


def _databases(
    settings: Settings, folder: Path, writer: archive.Writer, told: Callable[[str], None]
) -> tuple[dict[str, Any], tuple[int, str]]:
    wanted = database(settings)
    if not _in_a_file(wanted):
        told("database")
        tables, end = postgresql.copy(alias_of(wanted), folder)
        for name, _ in tables:
            writer.add(f"{postgresql.FOLDER}/{name}.copy", folder / f"{name}.copy")
            (folder / f"{name}.copy").unlink()
        return {"database": "postgresql", "tables": tables}, end
    end = (0, "0" * 64)
    for name, each in _sqlite_files(settings).items():
        if Path(each).exists():
            told(name)
            copied = folder / name
            sqlite.copy(Path(each), copied)
            if name == FACTS_FILE:
                end = sqlite.end_of_log(copied)
            writer.add(name, copied)
            copied.unlink()
    if not any(part.name == FACTS_FILE for part in writer.parts):
        raise StorageError(f"there is nothing to back up: {wanted['NAME']} does not exist")
    return {"database": "sqlite"}, end


def _sqlite_files(settings: Settings) -> dict[str, str]:
    """Where each database of this home lies, by its name in an archive."""
    facts, gateway = database(settings), gateway_database(settings)
    made = {FACTS_FILE: str(facts["NAME"])}
    return made if gateway == facts else made | {GATEWAY_FILE: str(gateway["NAME"])}


def _files(settings: Settings, *, with_keys: bool) -> Iterator[tuple[str, Path]]:
    """Every other file, by its name in the archive."""
    home = settings.home
    if (home / LISTS).exists():
        with _folder(home) as folder:
            sqlite.copy(home / LISTS, folder / LISTS)
            yield LISTS, folder / LISTS
    for place in FOLDERS:
        for file in sorted((home / place).rglob("*")):
            hidden = any(word.startswith(".") for word in file.relative_to(home).parts)
            if file.is_file() and not file.is_symlink() and not hidden:
                yield file.relative_to(home).as_posix(), file
    if with_keys:
        for file in sorted(home.glob(KEYS)):
            yield f"keys/{file.name}", file


def restore(settings: Settings, file: Path, told: Callable[[int], None]) -> Found:
    """Put everything back into a home and a database in which there is nothing.

    All is checked before anything of it is used: the SHA-256 of each part, the chain of facts and
    its end, and the rows. Raises StorageError, which says what is wrong; nothing is restored then.
    """
    home = settings.home
    home.mkdir(parents=True, exist_ok=True)
    with _explained(home), _folder(home) as folder:
        _refuse_full(settings)
        manifest = archive.unpack(file, folder, told)
        _refuse_other_keys(home, folder)
        in_file = _in_a_file(database(settings))
        if (manifest.get("database") == "sqlite") is not in_file:
            raise StorageError(
                f"the backup is of {manifest.get('database')}; it goes back into that kind of "
                "database only: see storage.database in the settings"
            )
        found = (_from_files if in_file else _from_tables)(settings, folder, manifest)
        _move(folder, home, settings)
    return found


def _refuse_full(settings: Settings) -> None:
    home = settings.home
    places = [*_sqlite_files(settings).values()] if _in_a_file(database(settings)) else []
    names = [home / name for name in (OLD_FILE, LISTS, *FOLDERS, PREVIEWS)]
    for path in (*map(Path, places), *names):
        if path.exists() and (path.is_file() or any(path.iterdir())):
            raise StorageError(
                f"{path} is there already; restore into an empty home, and move away what is left "
                "of another one"
            )
    if not places and not postgresql.is_empty(alias_of(database(settings))):
        raise StorageError("there are tables in the database already; restore into an empty one")


def _refuse_other_keys(home: Path, folder: Path) -> None:
    for key in (folder / "keys").glob(KEYS):
        there = home / key.name
        if there.exists() and there.read_bytes() != key.read_bytes():
            raise StorageError(
                f"{there} is another key than that of the backup; move it away if it is not needed"
            )


def _from_files(settings: Settings, folder: Path, manifest: dict[str, Any]) -> Found:
    wanted = database(settings) | {"NAME": str(folder / FACTS_FILE)}
    alias = alias_of(wanted)
    try:
        make_tables(alias)
        with transaction.atomic(using=alias):
            return _checked(settings, folder, manifest, alias)
    finally:
        connections[alias].close()


def _from_tables(settings: Settings, folder: Path, manifest: dict[str, Any]) -> Found:
    alias = alias_of(database(settings))
    tables = manifest["tables"]
    make_tables(alias)
    if any(str(name).startswith("storage_") for name, _ in tables):
        open_store(settings).close()
    with transaction.atomic(using=alias):
        postgresql.fill(alias, folder / postgresql.FOLDER, tables)
        found = _checked(settings, folder, manifest, alias)
    tidy(alias)
    return found


def _checked(settings: Settings, folder: Path, manifest: dict[str, Any], alias: str) -> Found:
    """Check what lies in the database now; and let nobody come back who was erased."""
    key = _key(settings, folder)
    house = house_in(alias, key or bytes(32))
    broken = house.log.verify()
    if broken:
        raise StorageError(f"the backup is broken at fact {broken.number}: {broken.what}")
    number, link = house.log.end()
    if (number, link) != (manifest["log"]["number"], manifest["log"]["link"]):
        raise StorageError("the log of facts in the backup does not end where its manifest says")
    erased = 0
    for fact in house.log.of_kind(Event.PERSON_ERASED):
        erased += house.people.erase(str(fact.data.get("person", "")))
    # Their bytes are in no backup; nor can anybody read bytes that somebody has copied.
    previews = [fact.data["key"] for fact in house.log.of_kind(Event.PREVIEW_KEPT)]
    gone = sum(house.people.erase(each) for each in previews)
    different = house.rebuild(write=False) if key else []
    if different:
        house.rebuild(write=True)
    parts = manifest["parts"]
    return Found(
        parts=len(parts),
        bytes=sum(each["size"] for each in parts),
        facts=number,
        link=link,
        keys=bool(manifest.get("keys")),
        made=str(manifest.get("made", "")),
        erased=erased,
        previews=gone,
        compared=key is not None,
        different=different,
    )


def _key(settings: Settings, folder: Path) -> bytes | None:
    """The key of people: of the archive, of this home or the environment; None if it is nowhere."""
    for place in (folder / "keys" / "people.key", settings.home / "people.key"):
        if place.exists() and settings.desk.people_env is None:
            return bytes.fromhex(place.read_text(encoding="ascii").strip())
    return people_key(settings) if settings.desk.people_env else None


def _move(folder: Path, home: Path, settings: Settings) -> None:
    """Put what was unpacked where it belongs; the facts come last."""
    for key in (folder / "keys").glob(KEYS):
        key.replace(home / key.name)
    for name in FOLDERS:
        if (folder / name).exists():
            shutil.rmtree(home / name, ignore_errors=True)  # empty: it was looked at
            (folder / name).replace(home / name)
    if (folder / LISTS).exists():
        (folder / LISTS).replace(home / LISTS)
    if _in_a_file(database(settings)):
        for name, place in reversed(_sqlite_files(settings).items()):
            if (folder / name).exists():
                Path(place).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).replace(place)


def _in_a_file(wanted: dict[str, Any]) -> bool:
    return str(wanted["ENGINE"]).endswith("sqlite3")


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    """A folder of our own, on the same disk, that goes when all is done."""
    folder = Path(tempfile.mkdtemp(prefix=".perisai-backup-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _explained(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{error.filename or where}: {error.strerror or error}; see that there is room, and "
            "that this user may write there"
        ) from error
