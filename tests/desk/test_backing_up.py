"""Backup and restore: all of it comes back, or it is said what is wrong and nothing does."""

from __future__ import annotations

import io
import json
import shutil
import stat
import tarfile
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connections

from perisai import settings as settings_package
from perisai.desk.attachments import services as attachments
from perisai.desk.backing_up import back_up, restore
from perisai.desk.opening import open_house
from perisai.errors import StorageError
from perisai.storage.configuration import alias_of, database
from perisai.storage.open import open_store
from tests.common import databases
from tests.desk.conftest import ADDRESS, INTAKE
from tests.storage.facts import OPINION, SCREENED, A

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from perisai.desk.house import House
    from perisai.settings import Settings

LETTER = b"Surat dari sekolah"
TOLD = {"what": "terlihat", "words": "kucing"}


@contextmanager
def opened(settings: Settings) -> Iterator[House]:
    alias = alias_of(database(settings))
    yield open_house(settings, alias)
    connections[alias].close()


@pytest.fixture
def empty(database_kind: str, tmp_path: Path) -> Iterator[Callable[[], Settings]]:
    """``empty()``: the settings of a home in which there is nothing."""
    stack, made = [], []

    def one() -> Settings:
        env = {}
        if database_kind == "postgresql":
            stack.append(databases.made())
            env = {ADDRESS: stack[-1].__enter__()}
        home = tmp_path / f"home-{len(made)}"
        home.mkdir()
        made.append(settings_package.load(env=env, home=home))
        return made[-1]

    yield one
    for settings in made:
        connections[alias_of(database(settings))].close()
    for each in stack:
        each.__exit__(None, None, None)


@pytest.fixture
def full(tmp_path: Path, environment: dict[str, str]) -> Iterator[Settings]:
    """A home in which something has happened, at the desk and in the gateway."""
    settings = settings_package.load(env=environment, home=tmp_path)
    with opened(settings) as house:
        house.receive(TOLD, reporter="ani@example.org")
        key = house.receive(TOLD, reporter="budi@example.org").id
        case = house.open_case(
            INTAKE,
            title="x",
            platform="y",
            words=[],
            promised=house.clock() + timedelta(days=9),
            complaint=key,
        ).id
        documents = attachments.store_in(settings)
        about = {"name": "surat.txt", "audience": "internal", "days": 99}
        attachments.keep(house, documents, INTAKE, case, LETTER, **about)
    store = open_store(settings)
    store.keep([SCREENED])
    store.add_opinion(OPINION)
    store.close()
    (settings.home / "attachments" / "ab").mkdir(parents=True, exist_ok=True)
    (settings.home / "attachments" / "ab" / "abcdef").write_bytes(b"sealed bytes")
    yield settings
    connections[alias_of(database(settings))].close()


def quiet(_: object) -> None:
    """Nobody looks."""


def backed_up(settings: Settings, file: Path, *, with_keys: bool = True) -> Path:
    back_up(settings, file, with_keys=with_keys, told=quiet)
    return file


@pytest.mark.on_both
def test_all_of_it_comes_back(full, empty, tmp_path):
    file = tmp_path / "backup.tar"
    made = back_up(full, file, with_keys=True, told=quiet)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = empty()
    found = restore(other, file, quiet)
    assert (found.facts, found.link) == (made.facts, made.link)
    assert found.compared
    assert found.different == []
    with opened(other) as house:
        assert house.log.verify() is None
        assert house.rebuild(write=False) == []
        case = house.case(f"K-{house.clock().year}-0001")
        reporter = house.complaint(case.complaints[0]).reporter
        assert house.people.open(reporter) == "budi@example.org"
        documents = attachments.store_in(other)
        assert attachments.open_(house, documents, INTAKE, case.id, "b-1")[1] == LETTER
        assert house.receive(TOLD), "it goes on"
        assert house.log.end()[0] == made.facts + 2
    store = open_store(other)
    assert A in store.screened([A], "basis")
    assert store.add_opinion(OPINION) == 2
    store.close()
    assert (other.home / "attachments/ab/abcdef").read_bytes() == b"sealed bytes"
    left = {path.name for path in other.home.iterdir()}
    assert not [name for name in left if name.startswith(".perisai")]
    with pytest.raises(StorageError, match="already"):
        restore(other, file, quiet)
    with pytest.raises(StorageError, match="never written over"):
        back_up(full, file, with_keys=False, told=quiet)


def test_without_keys_nobody_reads_it(full, empty, tmp_path):
    file = backed_up(full, tmp_path / "backup.tar", with_keys=False)
    key = (full.home / "people.key").read_bytes()
    assert key.strip() not in file.read_bytes()
    found = restore(empty(), file, quiet)
    assert (found.compared, found.keys) == (False, False)
    other = empty()
    shutil.copy(full.home / "people.key", other.home)
    assert restore(other, file, quiet).compared


def test_who_was_erased_does_not_come_back(full, empty, tmp_path):
    from perisai.storage.facts.models import PersonKey
    from perisai.storage.facts.records import NewFact

    with opened(full) as house:
        known = house.receive(TOLD, reporter="citra@example.org")
        # As if the key had come back: a copy of it stands beside the fact that it was destroyed.
        erased = [NewFact("person.erased", {"person": known.person, "reason": "x"})]
        house.log.append(f"complaint:{known.id}", erased, by="x:y", at=house.clock())
        assert PersonKey.objects.using(house.alias).filter(person=known.person).exists()
    other = empty()
    found = restore(other, backed_up(full, tmp_path / "backup.tar"), quiet)
    assert found.erased == 1
    with opened(other) as house:
        assert house.people.open(known.reporter) is None
        assert house.rebuild(write=False) == []
        assert house.log.verify() is None


def test_previews_are_left_out(full, empty, tmp_path):
    from perisai.desk.boxes import closed
    from perisai.desk.events import Event
    from perisai.storage.facts.records import NewFact

    with opened(full) as house:
        key = f"K-{house.clock().year}-0001"
        box = closed(house, b"a preview")
        house.previews.put(box.name, box.data)
        told = {"sha256": "0" * 64, "complaint": "", "frames": 1, "box": box.name, "key": box.key}
        until = house.clock() + timedelta(days=7)
        new = NewFact(Event.PREVIEW_KEPT, {**told, "until": until.isoformat()})
        house.write_case(house.case(key), [new], INTAKE)
    file, other = backed_up(full, tmp_path / "backup.tar"), empty()
    with tarfile.open(file) as members:
        assert not [each for each in members.getnames() if each.startswith("previews")]
    assert restore(other, file, quiet).previews == 1
    assert not (other.home / "previews").exists()
    with opened(other) as house:
        assert house.people.open_bytes(box.key, box.data) is None, "not even from a copy"
        assert house.rebuild(write=False) == []
    left = empty()
    shutil.copytree(full.home / "previews", left.home / "previews")
    with pytest.raises(StorageError, match="previews is there already"):
        restore(left, file, quiet)


def test_a_backup_while_others_write_is_whole(full, empty, tmp_path):
    stop, taken = threading.Event(), []
    alias = alias_of(database(full))

    def write() -> None:
        with opened(full) as house:
            while not stop.is_set():
                taken.append(house.receive(TOLD, reporter="ani").id)

    writer = threading.Thread(target=write)
    writer.start()
    while len(taken) < 5:
        stop.wait(0.01)
    before = set(taken)
    file = backed_up(full, tmp_path / "backup.tar")
    stop.set()
    writer.join()
    connections[alias].close()
    other = empty()
    found = restore(other, file, quiet)
    assert found.different == []
    with opened(other) as house:
        assert all(house.complaint(key) for key in before)


def members(file: Path) -> dict[str, tuple[int, int]]:
    with tarfile.open(file) as archive:
        return {each.name: (each.offset_data, each.size) for each in archive}


def test_a_flipped_byte_is_named_and_a_short_archive_too(full, empty, tmp_path):
    file = backed_up(full, tmp_path / "backup.tar")
    whole = file.read_bytes()
    for name, (start, size) in members(file).items():
        if size == 0 or name == "manifest.json":
            continue
        changed = bytearray(whole)
        changed[start + size // 2] ^= 1
        file.write_bytes(changed)
        with pytest.raises(StorageError, match=f"the part {name} of .* is not what was backed up"):
            restore(empty_again(empty), file, quiet)
    for length in (0, 100, len(whole) // 2, members_end(whole, file) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(StorageError, match=r"too early|damaged"):
            restore(empty_again(empty), file, quiet)
    assert not any(empty_again(empty).home.glob("*.sqlite3"))


_known: dict[int, Settings] = {}


def empty_again(empty) -> Settings:
    """One empty home for many tries: what fails leaves nothing."""
    if id(empty) not in _known:
        _known[id(empty)] = empty()
    return _known[id(empty)]


def members_end(whole: bytes, file: Path) -> int:
    file.write_bytes(whole)
    start, size = members(file)["manifest.json"]
    return start + size


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "objects/../../evil", "a\\..\\b", ".hidden", "objects//x", ""]
)
def test_a_name_that_leads_elsewhere_is_refused(name, empty, tmp_path):
    file = tmp_path / "evil.tar"
    with tarfile.open(file, "w") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(StorageError, match=r"no backup has|damaged"):
        restore(empty(), file, quiet)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_member_that_is_no_file_is_refused(kind, empty, tmp_path):
    file = tmp_path / "evil.tar"
    with tarfile.open(file, "w") as archive:
        member = tarfile.TarInfo("facts.sqlite3")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(StorageError, match="no backup has"):
        restore(empty(), file, quiet)


def test_a_log_that_ends_elsewhere_is_refused(full, empty, tmp_path):
    file = backed_up(full, tmp_path / "backup.tar")
    with tarfile.open(file) as archive:
        parts = {each.name: archive.extractfile(each).read() for each in archive}
    manifest = json.loads(parts["manifest.json"])
    manifest["log"]["number"] -= 1
    parts["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(file, "w") as archive:
        for name, data in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    other = empty()
    with pytest.raises(StorageError, match="does not end where its manifest says"):
        restore(other, file, quiet)
    assert not any(other.home.glob("*.sqlite3"))
