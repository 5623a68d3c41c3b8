from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from perisai.errors import ObjectMissing, StorageError
from perisai.storage.objects.folder import FolderObjects
from perisai.storage.objects.memory import MemoryObjects

if TYPE_CHECKING:
    from pathlib import Path

    from perisai.storage.objects.port import ObjectStore

DATA = b"some bytes"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["memory", "folder"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return MemoryObjects() if request.param == "memory" else FolderObjects(tmp_path / "objects")


def test_bytes_come_back_and_go(objects: ObjectStore) -> None:
    assert objects.size(SHA) is None
    assert list(objects.shas()) == []
    objects.put(SHA, DATA)
    objects.put(SHA, DATA)
    assert objects.get(SHA) == DATA
    assert objects.read(SHA, 2, 6) == DATA[2:6]
    assert objects.read(SHA, 5, 99) == DATA[5:]
    assert (objects.size(SHA), list(objects.shas())) == (len(DATA), [SHA])
    path = objects.path(SHA)
    assert path is None or path.read_bytes() == DATA
    objects.delete(SHA)
    objects.delete(SHA)
    with pytest.raises(ObjectMissing):
        objects.get(SHA)
    with pytest.raises(ObjectMissing):
        objects.read(SHA, 0, 1)


@pytest.mark.parametrize("name", ["", "x", SHA.upper(), "../" + SHA[3:], SHA + "\n"])
def test_only_a_sha256_is_a_name(objects: ObjectStore, name: str) -> None:
    for ask in (objects.get, objects.size, objects.delete, objects.path):
        with pytest.raises(StorageError):
            ask(name)
    with pytest.raises(StorageError):
        objects.put(name, DATA)


def test_bytes_that_do_not_fit_their_name_are_refused(objects: ObjectStore) -> None:
    with pytest.raises(StorageError, match="not kept"):
        objects.put(SHA, b"other bytes")
    assert objects.size(SHA) is None


def test_damaged_bytes_are_not_given(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.put(SHA, DATA)
    file = objects.path(SHA)
    assert file is not None
    file.write_bytes(b"changed on disk")
    with pytest.raises(StorageError, match="damaged"):
        objects.get(SHA)


def test_what_a_crash_left_half_written_is_not_there(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    (tmp_path / SHA[:2]).mkdir()
    (tmp_path / SHA[:2] / ".begun-x").write_bytes(DATA[:3])
    assert (objects.size(SHA), list(objects.shas())) == (None, [])
