from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from perisai import settings
from perisai.errors import StorageError
from perisai.gateway.items import Served
from perisai.gateway.media import AT_ONCE, MAX_AGE, TYPES, MediaFiles
from perisai.storage.objects.memory import MemoryObjects
from perisai.storage.open import open_objects
from perisai.terms import AgeBand
from tests.gateway.edge import Clock, KeyTable, api_key, clients_of, links_at, request

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2 as httpx

DATA = bytes(range(256)) * 40
SHA = hashlib.sha256(DATA).hexdigest()


class FolderObjects(MemoryObjects):
    """The twin in memory that also writes its bytes to a folder, and says where they are."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def put(self, sha256: str, data: bytes) -> None:
        super().put(sha256, data)
        (self._folder / sha256).write_bytes(data)

    def path(self, sha256: str) -> Path | None:
        path = self._folder / sha256
        return path if path.exists() else None


class Gate:
    """Bands that may see each file; what is not named here may be seen by nobody."""

    def __init__(self) -> None:
        self.bands: dict[str, set[AgeBand]] = {}
        self.asked: list[tuple[str, AgeBand]] = []

    async def __call__(self, sha256: str, band: AgeBand) -> bool:
        self.asked.append((sha256, band))
        return band in self.bands.get(sha256, set())


class World:
    def __init__(self, objects: MemoryObjects) -> None:
        self.clock = Clock()
        self.links = links_at(self.clock)
        self.table = KeyTable(api_key("child", "6-9"), api_key("grown", "adult"))
        self.clients = clients_of(self.table, self.clock, self.links)
        self.objects = objects
        self.gate = Gate()
        self.files = MediaFiles(self.links, self.clients, objects, self.gate, self.clock)
        self.app = Starlette(routes=[Route(MediaFiles.PATH, self.files)])
        self.http = TestClient(self.app)
        self.add(DATA)

    def add(self, data: bytes, bands=frozenset(AgeBand)) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.objects.put(sha256, data)
        self.gate.bands[sha256] = set(bands)
        return sha256

    def link(self, sha256: str = SHA, kind: str = "gif", viewer=None) -> str:
        link = self.links.media(Served(sha256, kind, 1, 1, 1), request(), viewer)
        return link.removeprefix("https://gif.example")

    def get(self, link: str | None = None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(link or self.link(), headers=sent)

    def client(self, name: str):
        return asyncio.run(self.clients.identify(request(), name, "tenor"))


@pytest.fixture(params=["folder", "memory"])
def world(request, tmp_path) -> World:
    return World(FolderObjects(tmp_path) if request.param == "folder" else MemoryObjects())


class TestFiles:
    @pytest.mark.parametrize("kind", TYPES)
    def test_the_bytes_and_what_they_are(self, world, kind):
        answer = world.get(world.link(kind=kind))
        assert (answer.status_code, answer.content) == (200, DATA)
        assert answer.headers["content-type"] == TYPES[kind].decode()
        assert answer.headers["content-length"] == str(len(DATA))

    def test_nothing_runs_and_any_page_may_show_it(self, world):
        headers = world.get().headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["access-control-allow-origin"] == "*"

    def test_head_is_get_without_a_body(self, world):
        answer = world.http.head(world.link())
        assert (answer.status_code, answer.content) == (200, b"")
        full = world.get().headers
        assert answer.headers == full

    def test_preflight_and_other_methods(self, world):
        asked = world.http.options(world.link())
        assert asked.status_code == 204
        assert "X-Perisai-Key" in asked.headers["access-control-allow-headers"]
        assert world.http.post(world.link()).status_code == 405

    @pytest.mark.parametrize("size", [0, 1, AT_ONCE, AT_ONCE + 1, 5 * AT_ONCE + 7])
    def test_files_of_all_sizes(self, world, size):
        data = os.urandom(size)
        link = world.link(world.add(data))
        assert world.get(link).content == data
        if size:
            assert world.get(link, range=f"bytes={size - 1}-").content == data[-1:]


class TestCaching:
    def test_kept_for_five_minutes_at_most_then_asked_for_again(self, world):
        first = world.get()
        assert first.headers["cache-control"] == f"private, max-age={MAX_AGE}, must-revalidate"
        assert first.headers["etag"] == f'"{SHA}"'
        assert first.headers["vary"] == "X-Perisai-Key, X-Perisai-Age"
        again = world.get(if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")

    def test_no_longer_than_the_link_lives(self, world):
        link = world.link()
        world.clock.now = int(link.split("/")[2], 16) - 7
        assert "max-age=7," in world.get(link).headers["cache-control"]

    @pytest.mark.parametrize("header", ["*", f'W/"{SHA}"', f'"other", "{SHA}"'])
    def test_ways_to_say_it(self, world, header):
        assert world.get(if_none_match=header).status_code == 304

    @pytest.mark.parametrize("header", ["", "other", SHA, '"' + SHA[:-1] + '"'])
    def test_other_files_do_not_match(self, world, header):
        assert world.get(if_none_match=header).status_code == 200

    def test_a_withheld_file_is_not_confirmed(self, world):
        world.gate.bands.clear()
        answer = world.get(if_none_match=f'"{SHA}"')
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


class TestRanges:
    @pytest.mark.parametrize(
        ("header", "start", "stop"),
        [("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=100-", 100, len(DATA)),
         ("bytes=-5", len(DATA) - 5, len(DATA)), ("bytes=-99999999", 0, len(DATA)),
         ("Bytes = 5-99999999", 5, len(DATA))],
    )  # fmt: skip
    def test_a_part(self, world, header, start, stop):
        answer = world.get(range=header)
        assert (answer.status_code, answer.content) == (206, DATA[start:stop])
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(DATA)}"
        assert answer.headers["content-length"] == str(stop - start)

    @pytest.mark.parametrize("header", ["bytes=0-1,4-5", "lines=1-2", "bytes", ""])
    def test_what_gives_the_whole(self, world, header):
        assert (world.get(range=header).status_code, world.get().content) == (200, DATA)

    @pytest.mark.parametrize(
        "header",
        ["bytes=99999999-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=x-y", "bytes=",
         "bytes=1-2-3", "bytes=" + "9" * 30 + "-"],
    )  # fmt: skip
    def test_what_there_is_not(self, world, header):
        answer = world.get(range=header)
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == f"bytes */{len(DATA)}"

    def test_a_part_of_the_same_file_only(self, world):
        assert world.get(range="bytes=0-1", if_range=f'"{SHA}"').status_code == 206
        assert world.get(range="bytes=0-1", if_range='"older"').status_code == 200


class TestLinks:
    def test_an_expired_one(self, world):
        link = world.link()
        world.clock.now += 3 * 3600
        answer = world.get(link)
        assert (answer.status_code, answer.content) == (410, b"")

    def test_forged_ones_tell_nothing_and_ask_nobody(self, world):
        _, _, expires, signature, name = world.link().split("/")
        forged = [
            f"/media/{expires}/{'A' * 22}/{name}",
            f"/media/{expires}0/{signature}/{name}",
            f"/media/{expires}/{signature}/{'0' * 64}.gif",
            f"/media/{expires}/{signature}/{SHA}.mp4",
            f"/media/{expires}/{signature}/{SHA.upper()}.gif",
            f"/media/{expires}/{signature}/{SHA}.html",
            f"/media/{expires}/%ff/{name}",
        ]
        answers = [world.get(link) for link in forged]
        assert {(a.status_code, a.content) for a in answers} == {(404, b"")}
        assert world.gate.asked == []

    def test_a_type_that_cannot_be_shown_is_never_served(self, world):
        assert world.get(world.link(kind="html")).status_code == 404

    def test_withheld_missing_and_forged_look_alike(self, world):
        world.gate.bands[SHA] = set()
        gone = world.add(b"gone")
        world.objects.delete(gone)
        if isinstance(world.objects, FolderObjects):
            world.objects.path(gone).unlink()
        answers = [world.get(), world.get(world.link(gone)), world.get("/media/1/2/3")]
        assert {a.status_code for a in answers} == {404}
        assert len({tuple(sorted(a.headers.items())) for a in answers[:2]}) == 1


class TestBands:
    @pytest.fixture
    def mature(self, world) -> str:
        return world.add(b"not for children", {AgeBand.ADULT})

    def test_without_a_key_the_youngest_applies(self, world, mature):
        assert world.get(world.link(mature)).status_code == 404
        assert world.gate.asked == [(mature, AgeBand.AGE_3_5)]

    def test_the_recipients_own_key_decides(self, world, mature):
        link = world.link(mature)
        assert world.get(f"{link}?key=grown").status_code == 200
        assert world.get(f"{link}?api_key=grown").status_code == 200
        assert world.get(link, x_perisai_key="grown").status_code == 200
        assert world.get(f"{link}?key=child").status_code == 404
        assert world.get(f"{link}?key=unknown").status_code == 404

    def test_a_pickers_previews_are_shown_and_no_longer_when_sent(self, world, mature):
        preview = world.link(mature, viewer=world.client("grown"))
        assert world.get(preview).status_code == 200
        assert world.get(f"{preview}&key=child").status_code == 404
        assert world.get(preview, x_perisai_key="child").status_code == 404
        assert world.get(preview.partition("?")[0]).status_code == 404
        world.clock.now += 600
        assert world.get(preview).status_code == 404

    def test_a_changed_verdict_counts_at_once(self, world):
        assert world.get().status_code == 200
        world.gate.bands[SHA].clear()
        assert world.get().status_code == 404

    def test_what_cannot_be_asked_is_not_shown(self, world):
        async def failing(sha256: str, band: AgeBand) -> bool:
            raise StorageError("The database is gone.")

        files = MediaFiles(world.links, world.clients, world.objects, failing, world.clock)
        http = TestClient(Starlette(routes=[Route(MediaFiles.PATH, files)]))
        answer = http.get(world.link())
        assert (answer.status_code, answer.content) == (503, b"")


def test_a_slow_download_ends_when_the_verdict_changes(tmp_path, monkeypatch):
    monkeypatch.setattr("perisai.gateway.media.ASK_AGAIN_SECONDS", 0.05)
    world = World(FolderObjects(tmp_path))
    sha256 = world.add(bytes(64 * AT_ONCE))
    with served(world.app) as port, socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET {world.link(sha256)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = len(line.recv(1000))
        world.gate.bands[sha256].clear()
        time.sleep(0.2)
        while part := line.recv(1 << 16):
            received += len(part)
    assert received < 64 * AT_ONCE


# ---- bytes in a bucket


@pytest.fixture
def stored(tmp_path, bucket) -> World:
    return World(open_objects(settings.load(env={"PERISAI_HOME": str(tmp_path), **bucket})))


def test_bytes_of_a_bucket_are_served_whole_and_in_parts(stored):
    large = os.urandom(9 * AT_ONCE + 5)
    link = stored.link(stored.add(large))
    answer = stored.get(link)
    assert (answer.status_code, answer.content) == (200, large)
    for text, start, stop in (
        ("bytes=7-9", 7, 10),
        (f"bytes={4 * AT_ONCE - 1}-{8 * AT_ONCE}", 4 * AT_ONCE - 1, 8 * AT_ONCE + 1),
        ("bytes=-3", len(large) - 3, len(large)),
        (f"bytes={len(large) - 1}-", len(large) - 1, len(large)),
    ):
        part = stored.get(link, range=text)
        assert (part.status_code, part.content) == (206, large[start:stop])
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(large)}"
    assert stored.get(link, range=f"bytes={len(large)}-").status_code == 416
    stored.objects.delete(hashlib.sha256(large).hexdigest())
    assert stored.get(link).status_code == 404


def test_a_bucket_that_does_not_answer_is_said_to_pass(tmp_path, bucket):
    dead = bucket | {"PERISAI_STORAGE__S3_ENDPOINT": "http://127.0.0.1:9"}
    world = World(MemoryObjects())
    objects = open_objects(settings.load(env={"PERISAI_HOME": str(tmp_path), **dead}))
    world.files._objects = objects
    answer = world.get()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["cache-control"] == "no-store"


class Vanishing(MemoryObjects):
    """Objects that are deleted, or cut off, while they are read."""

    def __init__(self, left: int | None) -> None:
        super().__init__()
        self._left = left

    def read(self, sha256: str, start: int, stop: int) -> bytes:
        part = super().read(sha256, start, stop)
        if self._left is None:
            self.delete(sha256)
        return part[: self._left] if start else part


@pytest.mark.parametrize("left", [None, 10])
def test_what_vanishes_while_it_is_sent_ends_the_connection(left, capfd):
    world = World(Vanishing(left))
    link = world.link(world.add(bytes(64 * AT_ONCE)))
    with served(world.app) as port, socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(f"GET {link} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = 0
        while part := line.recv(1 << 16):
            received += len(part)
    assert 4 * AT_ONCE < received < 5 * AT_ONCE
    assert "Traceback" not in "".join(capfd.readouterr())


class served:  # noqa: N801 - used as a function
    """A real server on a free port, for as long as the block runs."""

    def __init__(self, app: Starlette) -> None:
        self.server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))

    def __enter__(self) -> int:
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        return self.server.servers[0].sockets[0].getsockname()[1]

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)
