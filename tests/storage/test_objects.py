from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from perisai import settings
from perisai.errors import ObjectMissing, SettingsError, StorageError
from perisai.storage.objects import s3
from perisai.storage.objects.folder import FolderObjects
from perisai.storage.objects.memory import MemoryObjects
from perisai.storage.objects.s3 import open_bucket
from perisai.storage.open import open_objects
from tests.common.buckets import BUCKET

if TYPE_CHECKING:
    from pathlib import Path

    from perisai.storage.objects.port import ObjectStore

DATA = b"some bytes"
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["memory", "folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "memory":
        return MemoryObjects()
    if request.param == "folder":
        return FolderObjects(tmp_path / "far" / "objects")
    return in_bucket(tmp_path, request.getfixturevalue("bucket"))


def in_bucket(home: Path, bucket: dict[str, str], **more: str) -> ObjectStore:
    return open_objects(settings.load(env={"PERISAI_HOME": str(home), **bucket, **more}))


def test_bytes_come_back_and_go(objects: ObjectStore) -> None:
    assert objects.size(SHA) is None
    assert list(objects.shas()) == []
    objects.put(SHA, DATA)
    objects.put(SHA, DATA)
    assert objects.get(SHA) == DATA
    assert objects.read(SHA, 2, 6) == DATA[2:6]
    assert objects.read(SHA, 5, 99) == DATA[5:]
    assert objects.read(SHA, len(DATA), 99) == objects.read(SHA, 50, 99) == b""
    assert objects.read(SHA, 3, 3) == b""
    assert (objects.size(SHA), list(objects.shas())) == (len(DATA), [SHA])
    path = objects.path(SHA)
    assert path is None or path.read_bytes() == DATA
    objects.delete(SHA)
    objects.delete(SHA)
    with pytest.raises(ObjectMissing):
        objects.get(SHA)
    for start, stop in ((0, 1), (0, 0), (50, 99)):
        with pytest.raises(ObjectMissing):
            objects.read(SHA, start, stop)
    with pytest.raises(ValueError, match="range"):
        objects.read(SHA, 2, 1)


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


def test_nothing_is_kept_of_no_bytes_but_their_name(objects: ObjectStore) -> None:
    empty = hashlib.sha256(b"").hexdigest()
    objects.put(empty, b"")
    assert (objects.get(empty), objects.size(empty)) == (b"", 0)
    assert objects.read(empty, 0, 5) == b""


@pytest.mark.parametrize("kind", [MemoryObjects, FolderObjects])
def test_many_threads_may_put_the_same_bytes(kind: type, tmp_path: Path) -> None:
    objects = kind(tmp_path) if kind is FolderObjects else kind()
    large = DATA * 100_000
    sha256 = hashlib.sha256(large).hexdigest()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: objects.put(sha256, large), range(8)))
    assert objects.get(sha256) == large
    assert list(objects.shas()) == [sha256]


# ---- the folder


def test_damaged_bytes_are_not_given_and_can_be_put_anew(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.put(SHA, DATA)
    file = objects.path(SHA)
    assert file is not None
    for damage in (b"changed on disk", DATA[:-1], DATA[:-1] + b"?"):
        file.write_bytes(damage)
        with pytest.raises(StorageError, match="damaged"):
            objects.get(SHA)
        objects.put(SHA, DATA)
        assert objects.get(SHA) == DATA


def test_what_a_crash_left_half_written_is_not_there_and_goes(tmp_path: Path) -> None:
    (tmp_path / ".begun").mkdir()
    old, new = tmp_path / ".begun" / "old", tmp_path / ".begun" / "new"
    for file in (old, new):
        file.write_bytes(DATA[:3])
    os.utime(old, (0, 0))
    objects = FolderObjects(tmp_path)
    assert (objects.size(SHA), list(objects.shas())) == (None, [])
    objects.put(SHA, DATA)
    assert (old.exists(), new.exists()) == (False, True)  # another process may be at it
    assert list(objects.shas()) == [SHA]


def test_what_others_put_beside_is_passed_over(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.put(SHA, DATA)
    for name in ("notes.txt", f"{SHA[:2]}/Thumbs.db", f"{SHA[:2]}/{'0' * 64}", "zz/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert list(objects.shas()) == [SHA]


FULL = """
import resource, signal, sys
from pathlib import Path
from perisai.storage.objects.folder import FolderObjects
from tests.storage.test_objects import DATA, SHA
from perisai.errors import StorageError
import hashlib
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
objects = FolderObjects(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
large = DATA * 100
try:
    objects.put(hashlib.sha256(large).hexdigest(), large)
except StorageError as error:
    print(error)
objects.put(SHA, DATA)
print(list(objects.shas()) == [SHA], list((Path(sys.argv[1]) / ".begun").iterdir()))
"""


def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith("the bytes cannot be reached")
    assert said.endswith("True []\n")


# ---- the bucket


def test_a_bucket_holds_the_same_names_as_a_folder(tmp_path: Path, bucket: dict[str, str]) -> None:
    import obstore

    objects = in_bucket(tmp_path, bucket)
    objects.put(SHA, DATA)
    whole = open_bucket(
        settings.load(env={"PERISAI_HOME": str(tmp_path), **bucket}), f"s3://{BUCKET}"
    )
    key = f"some/prefix/{SHA[:2]}/{SHA}"
    assert [each["path"] for part in obstore.list(whole) for each in part] == [key]
    obstore.put(whole, "some/prefix/notes.txt", b"x")
    obstore.put(whole, f"some/prefix/00/{SHA}", b"x")
    assert list(objects.shas()) == [SHA]
    obstore.put(whole, key, b"changed")
    with pytest.raises(StorageError, match="damaged"):
        objects.get(SHA)


@pytest.mark.parametrize("wrong", ["dead", "no such bucket", "silent"])
def test_a_bucket_that_cannot_be_used_is_an_error(
    wrong: str, tmp_path: Path, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "SECONDS", 1)
    more = {"PERISAI_STORAGE__OBJECTS": "s3://another/prefix"}
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        if wrong != "no such bucket":
            port = 9 if wrong == "dead" else silent.getsockname()[1]
            more = {"PERISAI_STORAGE__S3_ENDPOINT": f"http://127.0.0.1:{port}"}
        objects = in_bucket(tmp_path, bucket, **more)
        begun = time.monotonic()
        for ask in (
            lambda: objects.put(SHA, DATA),
            lambda: objects.get(SHA),
            lambda: objects.read(SHA, 0, 5),
            lambda: list(objects.shas()),
        ):
            with pytest.raises(StorageError) as raised:
                ask()
            assert "of-tests" not in str(raised.value)
            assert "\n" not in str(raised.value)
        if wrong != "no such bucket":  # there, nobody can tell one missing from the other
            with pytest.raises(StorageError, match=r"storage\.objects.*AWS_SECRET_ACCESS_KEY"):
                objects.size(SHA)
        assert time.monotonic() - begun < 30


@pytest.mark.parametrize(
    "place",
    [
        "s3://",
        "s3:///x",
        "s3://UP CASE",
        "s3://a/../b",
        "s3://user:pw@bucket",
        "gs://bucket/x",
        "s3://bucket//x",
        "s3://bucket/x?y=z",
        "s3://bucket/\x00",
    ],
)
def test_what_is_no_place_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(SettingsError, match="s3://BUCKET"):
        in_bucket(tmp_path, {"PERISAI_STORAGE__OBJECTS": place})


@pytest.mark.parametrize(
    "address",
    [
        "not an address",
        "ftp://x",
        "http://",
        "http://a b",
        "http://x:y",
        "https://u:p@x",
        "//x",
        "http://x/?y=z",
        "http://[",
        "http://é",
    ],
)
def test_what_is_no_endpoint_is_refused(tmp_path: Path, address: str) -> None:
    env = {"PERISAI_STORAGE__OBJECTS": "s3://abc", "PERISAI_STORAGE__S3_ENDPOINT": address}
    with pytest.raises(SettingsError, match="s3_endpoint"):
        in_bucket(tmp_path, env)


def test_without_its_package_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(SettingsError, match=r"pip install 'perisai\[s3\]'"):
        in_bucket(tmp_path, {"PERISAI_STORAGE__OBJECTS": "s3://abc/x"})
