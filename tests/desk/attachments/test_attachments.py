"""Documents are kept encrypted, verified at each opening, and really gone when deleted."""

from __future__ import annotations

import importlib
import io
import zipfile
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connections

from perisai.desk.attachments import services
from perisai.desk.attachments.domain import name_of
from perisai.desk.attachments.models import AttachmentRow
from perisai.desk.attachments.sniffing import CSV, DOCX, PDF, TEXT, kind_of
from perisai.errors import NotAllowed, NotYet, StorageError
from perisai.storage.facts.models import PersonKey
from perisai.storage.objects.folder import FolderObjects
from tests.desk.conftest import AUDITOR, COMMISSIONER, INTAKE, OFFICER, REVIEWER, Role, actor

PAPER = b"%PDF-1.7\n" + b"rahasia kasus ini " * 50
MINISTRY = actor(Role.MINISTRY)


@pytest.fixture
def store(tmp_path):
    return FolderObjects(tmp_path / "attachments")


@pytest.fixture
def case(house, clock):
    return house.open_case(
        OFFICER, title="GIF", platform="Contoh", words=(), promised=clock.now.replace(month=12)
    ).id


def keep(house, store, case, data=PAPER, by=OFFICER, audience="internal", days=30):
    return services.keep(
        house, store, by, case, data, name="surat.pdf", audience=audience, days=days
    )


def files(store):
    return [each.read_bytes() for each in store.folder.rglob("*") if each.is_file()]


def kinds(house, case):
    return [each.kind for each in house.history(case)[1]]


@pytest.mark.on_both
def test_kept_opened_deleted(house, store, case):
    keep(house, store, case)
    (box,) = files(store)
    assert b"rahasia" not in box
    found, data = services.open_(house, store, REVIEWER, case, "b-1")
    assert (data, found.kind, found.name) == (PAPER, PDF, "surat.pdf")
    keys = PersonKey.objects.using(house.alias).count()
    services.purge(house, store, COMMISSIONER, case, "b-1", "keliru")
    assert files(store) == []
    assert PersonKey.objects.using(house.alias).count() == keys - 1
    assert kinds(house, case)[-3:] == ["attachment.kept", "attachment.opened", "attachment.purged"]
    last = house.history(case)[1][-1]
    assert (last.by, last.data["reason"]) == (COMMISSIONER.by, "keliru")
    assert last.data["sha256"] == found.sha256
    with pytest.raises(NotYet, match="was deleted"):
        services.open_(house, store, REVIEWER, case, "b-1")
    assert house.rebuild(write=False) == []


def test_each_has_a_key_and_a_box_of_its_own(house, store, case):
    keep(house, store, case)
    with pytest.raises(NotYet, match="very document"):
        keep(house, store, case)
    keep(house, store, case, PAPER + b"2")
    one, two = house.case(case).attachments.values()
    assert one.key != two.key
    assert len(files(store)) == 2, "what was refused left nothing"


def test_deleted_when_its_time_is_over(house, store, case, clock):
    keep(house, store, case, days=30)
    keep(house, store, case, PAPER + b"2", days=90)
    clock.on(days=29)
    assert services.purge_due(house, store) == 0
    clock.on(days=1)
    assert services.purge_due(house, store) == 1
    assert services.purge_due(house, store) == 0
    assert len(files(store)) == 1
    assert house.history(case)[1][-1].data["reason"] == "retention"
    assert services.open_(house, store, OFFICER, case, "b-2")[1] == PAPER + b"2"


def test_bytes_that_a_crash_left_go_with_the_next_purge(house, store, case, monkeypatch):
    keep(house, store, case)
    with monkeypatch.context() as patch:
        patch.setattr(store, "delete", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.purge(house, store, OFFICER, case, "b-1", "keliru")
    assert len(files(store)) == 1
    services.purge_due(house, store)
    assert files(store) == []


def test_what_was_changed_is_not_given_out(house, store, case):
    keep(house, store, case)
    (file,) = [each for each in store.folder.rglob("*") if each.is_file()]
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(StorageError):
        services.open_(house, store, OFFICER, case, "b-1")
    assert "attachment.opened" not in kinds(house, case)


def test_a_full_disk_keeps_nothing(house, store, case, monkeypatch):
    def full(*_):
        raise StorageError("no room")

    monkeypatch.setattr(store, "put", full)
    keys = PersonKey.objects.using(house.alias).count()
    with pytest.raises(StorageError):
        keep(house, store, case)
    assert "attachment.kept" not in kinds(house, case)
    assert PersonKey.objects.using(house.alias).count() == keys


def test_who_may(house, store, case):
    keep(house, store, case)
    keep(house, store, case, b"untuk kementerian", audience="agencies")
    with pytest.raises(NotYet, match="no such document"):
        services.open_(house, store, MINISTRY, case, "b-1")
    assert services.open_(house, store, MINISTRY, case, "b-2")[1] == b"untuk kementerian"
    with pytest.raises(NotYet, match="who may open"):
        keep(house, store, case, b"lain", MINISTRY, "internal")
    for each in (AUDITOR, actor(Role.PLATFORM), actor(Role.ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            services.open_(house, store, each, case, "b-2")
    with pytest.raises(NotAllowed):
        services.purge(house, store, INTAKE, case, "b-2", "x")


def word(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PAPER, PDF),
        (word("[Content_Types].xml", "word/document.xml"), DOCX),
        (word("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (word("a.exe"), None),
        (b"PK\x03\x04broken", None),
        (b"Halo, ibu.", TEXT),
        (b"nama;umur\nA;8\nB;9\n", CSV),
        (b"GIF89a\x01\x00\x01\x00", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"MZ\x90\x00", None),
        (b"halo\x1b[2J", None),
        (b"  \n", None),
        (b"", None),
    ],
)
def test_what_it_is_counts_not_what_it_is_called(data, kind):
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\x\\surat.exe", "surat.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("...", "dokumen.pdf"),
    ],
)
def test_a_name_is_only_a_name(given, name):
    assert name_of(given, PDF) == name


@pytest.mark.on_both
def test_what_was_kept_before_an_update_is_found_by_its_hash(house, store, case):
    keep(house, store, case)
    keep(house, store, case, PAPER + b"!")
    AttachmentRow.objects.using(house.alias).update(sha256="")
    update = importlib.import_module("perisai.desk.attachments.migrations.0002_sha256")
    update.fill(apps, SimpleNamespace(connection=connections[house.alias]))
    assert house.rebuild(write=False) == []
