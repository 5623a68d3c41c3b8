"""Receivers in the settings are told of a new version of the house's list, and of nothing in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from perisai import settings as settings_package
from perisai.desk.listing import domain, services
from perisai.desk.outbox import services as outbox
from perisai.desk.outbox.channels import open_channels
from perisai.desk.outbox.delivering import Deliverer
from perisai.desk.outbox.models import MessageRow
from perisai.desk.permissions import Role
from perisai.desk.web.running import use
from tests.desk.conftest import COMMISSIONER, REVIEWER
from tests.desk.listing.test_domain import SHA, agreed, case, checked, proposed  # noqa: F401
from tests.desk.outbox.receivers import machine


def chosen(folder, *urls: str, receivers: str = '"isp", "app"'):
    urls = urls or ("https://isp.example", "https://app.example")
    file = folder / "perisai.toml"
    tables = (
        f'[receivers.{name}]\nurl = "{url}"\nsecret_env = "LIST_SECRET"\nprivate = true\n'
        for name, url in zip(("isp", "app"), urls, strict=True)
    )
    file.write_text(f"[desk]\nlist_receivers = [{receivers}]\n" + "".join(tables))
    return settings_package.load(file, env={}, home=folder)


def messages(house) -> list:
    rows = MessageRow.objects.using(house.alias).filter(kind="list").order_by("put", "receiver")
    return [outbox.message(house, row.id) for row in rows]


@pytest.mark.on_both
def test_each_receiver_is_told_once_of_each_version(house, clock, case, tmp_path):  # noqa: F811
    settings = chosen(tmp_path)
    proposed(house, case)
    checked(house, case)
    agreed(house, clock, case)
    clock.on(minutes=5)
    data, _ = services.export(house, settings, COMMISSIONER)
    told = messages(house)
    assert [(each.channel, each.address) for each in told] == [
        ("webhook", "app"),
        ("webhook", "isp"),
    ]
    digest = hashlib.sha256(data).hexdigest()
    at = clock().isoformat(timespec="seconds")
    for each in told:
        name = settings.desk.name
        assert each.payload == {"name": name, "entries": 1, "file": digest, "at": at}
        assert SHA not in str(each)
    clock.on(days=1)
    assert services.export(house, settings, None)[0] == data, "the same list is the same file"
    assert len(messages(house)) == 2, "they know it already"
    house.change_case(case, REVIEWER, lambda c: domain.withdraw(c, REVIEWER, SHA, "keliru"))
    services.export(house, settings, None)
    assert [each.payload["entries"] for each in messages(house)] == [1, 1, 0, 0]
    clock.on(days=1)
    services.export(house, settings, None)
    assert len(messages(house)) == 4
    assert house.rebuild(write=False) == []


def test_without_receivers_nobody_is(house, clock, case, tmp_path):  # noqa: F811
    services.export(house, chosen(tmp_path, receivers=""), None)
    assert messages(house) == []


def test_it_arrives_in_both_languages(desk, commissioner, staff, tmp_path, monkeypatch):
    monkeypatch.setenv("LIST_SECRET", "rahasia-bersama")
    with machine() as isp, machine() as app:
        settings = chosen(tmp_path, isp.url, app.url)
        use(replace(desk, settings=settings))
        assert "lewat kotak keluar: isp, app." in commissioner.text("/list")
        assert commissioner.send("/list", "/list/export").status_code == 200
        assert "versi baru daftar blokir" in commissioner.text("/outbox")
        channels = open_channels(settings, desk.house.clock)
        assert Deliverer(settings, desk.house, channels, lambda: 0.5).once() == {"acknowledged": 2}
    for each in (isp, app):
        ((_, body),) = each.got
        said = json.loads(body)
        assert said["kind"] == "list"
        for words in (
            "versi baru daftar blokir",
            "new version of its block list",
            settings.desk.name,
        ):
            assert words in said["text"]
        assert said["data"]["file"] in said["text"]
    assert "versi baru" in staff(Role.AUDITOR).text("/outbox")
