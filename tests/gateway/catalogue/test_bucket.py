"""A catalogue that is imported out of a bucket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from perisai import settings as settings_package
from perisai.errors import StorageError, TooLarge, UpstreamError
from perisai.gateway.catalogue.listing import listed_in, listed_in_bucket
from perisai.storage.objects.s3 import open_bucket
from tests.common.buckets import BUCKET

if TYPE_CHECKING:
    from pathlib import Path

    from obstore.store import S3Store

    from perisai.settings import Settings


@pytest.fixture
def chosen(tmp_path: Path, bucket: dict[str, str]) -> Settings:
    return settings_package.load(env={"PERISAI_HOME": str(tmp_path), **bucket})


@pytest.fixture
def files(chosen: Settings) -> S3Store:
    return open_bucket(chosen, f"s3://{BUCKET}/mine")


def put(files: S3Store, name: str, data: bytes) -> None:
    import obstore

    obstore.put(files, name, data, use_multipart=False)


NAMES = ["a/happy_cat-dance.gif", "50% off #1.gif", "é ☃.gif", "plus+and&.gif"]


def test_files_are_named_and_read_as_in_a_folder(
    chosen: Settings, files: S3Store, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    for name in [*NAMES, ".hidden", ".git/x", "a/.b/c.gif"]:
        put(files, name, name.encode())
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    found = {each.name: each for each in listed_in_bucket(chosen, f"s3://{BUCKET}/mine", "c")}
    same = {each.name: each for each in listed_in(folder, "c")}
    assert sorted(found) == sorted(same) == sorted(NAMES)
    for name, each in found.items():
        assert (each.title, each.tags) == (same[name].title, same[name].tags)
        assert each.read(100) == name.encode()
        with pytest.raises(TooLarge):
            each.read(3)


@pytest.mark.parametrize("named", [True, False])
def test_a_description_says_what_the_files_are(
    named: bool, chosen: Settings, files: S3Store
) -> None:
    rows = [{"file": "a/x.gif", "title": "Kucing", "id": "1"}, {"file": "gone.gif"}]
    put(files, "catalogue.json", json.dumps(rows).encode())
    put(files, "a/x.gif", b"x")
    put(files, "not-told.gif", b"x")
    address = f"s3://{BUCKET}/mine" + ("/catalogue.json" if named else "/")
    first, gone = listed_in_bucket(chosen, address)
    assert (first.title, first.id, first.read(9)) == ("Kucing", "1", b"x")
    with pytest.raises(StorageError, match="no bytes"):
        gone.read(9)


@pytest.mark.parametrize("file", ["../x.gif", "/x.gif", "a/../../x.gif", "", "."])
def test_a_description_cannot_lead_out(file: str, chosen: Settings, files: S3Store) -> None:
    put(files, "catalogue.json", json.dumps([{"file": file}]).encode())
    with pytest.raises(UpstreamError, match="must lie in the folder"):
        listed_in_bucket(chosen, f"s3://{BUCKET}/mine")


def test_what_cannot_be_listed_is_an_error(chosen: Settings) -> None:
    with pytest.raises(StorageError, match="NoSuchBucket"):
        listed_in_bucket(chosen, "s3://missing/x")
    with pytest.raises(UpstreamError, match="must be s3://BUCKET"):
        listed_in_bucket(chosen, "s3://")
    with pytest.raises(UpstreamError, match=r"catalogue\.csv: cannot be read"):
        listed_in_bucket(chosen, f"s3://{BUCKET}/catalogue.csv")
    assert listed_in_bucket(chosen, f"s3://{BUCKET}/empty") == []
