"""``perisai serve`` is killed at random moments: nothing acknowledged is lost, nothing slips out.

Acknowledged is what somebody was told: a file that stood on a page, an upload that was answered, a
report that was thanked for, a decision whose command returned 0.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import httpx2
import psutil
import pytest

from perisai import cli
from perisai.terms import AgeBand
from tests.gateway.fetching.servers import answer
from tests.gateway.proof import pictures
from tests.gateway.proof.liar import lying
from tests.gateway.proof.oracle import MEDIA, Oracle
from tests.gateway.proof.running import YOUNG, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.gateway.fetching.servers import Request

KILLS = int(os.environ.get("PERISAI_PROOF_KILLS", "2"))
BANDS = {"tenor": tuple(AgeBand), "catalogue": tuple(AgeBand), "giphy": (), "openverse": ()}
KEYS = {"adult": AgeBand.ADULT, "teen": AgeBand.AGE_13_15, "child": AgeBand.AGE_6_9}


class Flood:
    """An upstream in Tenor's shape with ever new items, beside those of the page before."""

    port = canary = 0

    def __init__(self) -> None:
        self._numbers = count(1000)
        self._before: list[int] = []

    async def answer(self, request: Request, writer: object) -> bytes:
        parts = request.path.strip("/").split("/")
        if parts[0] == "files":
            return answer(pictures.gif(int(parts[1].removesuffix(".gif"))))
        newest = [next(self._numbers) for _ in range(4)]
        some, self._before = [*self._before, *newest], newest
        results = [
            {
                "id": f"n{number}", "title": "cat", "tags": ["cat"],
                "media_formats": {
                    "tinygif": {"url": f"http://127.0.0.1:{self.port}/files/{number}.gif",
                                "dims": [64, 48], "size": 1},
                },
            }
            for number in some
        ]  # fmt: skip
        return answer(json.dumps({"results": results, "next": str(some[-1])}).encode())


@dataclass
class Acknowledged:
    """What somebody was told, and so must be there for ever."""

    shown: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    reports: set[int] = field(default_factory=set)
    opinions: list[tuple[str, float]] = field(default_factory=list)
    approvals: list[str] = field(default_factory=list)
    uploads: dict[str, bool] = field(default_factory=dict)
    """Number of an upload → whether a child might have it."""


class Clients(threading.Thread):
    """People who search, report and upload until the server is gone."""

    def __init__(self, base: str, keys: dict[str, str], told: Acknowledged, seed: int) -> None:
        super().__init__(daemon=True)
        self._base, self._keys, self._told = base, keys, told
        self._dice = random.Random(seed)

    def run(self) -> None:
        with suppress(httpx2.HTTPError), httpx2.Client(base_url=self._base, timeout=30) as http:
            while True:
                self._search(http)
                self._report(http)
                self._upload(http)

    def _search(self, http: httpx2.Client) -> None:
        word = f"cat {self._dice.random()}"
        got = http.get("/v2/search", params={"q": word, "key": self._keys["adult"], "limit": 8})
        if got.status_code == 200:
            found = {(match[0], match[1]) for match in MEDIA.finditer(got.text)}
            self._told.links |= {path.partition("?")[0] for path, _ in found}
            self._told.shown |= {name for _, name in found}
            self._told.numbers |= {each["id"] for each in got.json()["results"]}

    def _report(self, http: httpx2.Client) -> None:
        if numbers := sorted(self._told.numbers.copy()):
            number = self._dice.choice(numbers)
            got = http.post(
                f"/report/{number}", data={"kind": "report", "reason": "x"},
                headers={"Accept": "application/json"},
            )  # fmt: skip
            if got.status_code == 201:
                self._told.reports.add(got.json()["recorded"])

    def _upload(self, http: httpx2.Client) -> None:
        name = f"upload-{self._dice.random()}"
        headers = {"X-Perisai-Key": self._keys["uploader"], "Idempotency-Key": name}
        data = pictures.gif(self._dice.randrange(5000, 10**6))
        got = http.post("/v1/screen?age_band=6-9", content=data, headers=headers)
        if got.status_code == 200 and got.json()["status"] == "done":
            self._told.uploads[got.json()["id"]] = got.json()["allowed"]


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real server; whoever has not killed it finds it killed at the end."""
    words = [sys.executable, "-m", "perisai", "serve", "--port", "0"]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            for line in process.stderr:
                said += line
                if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                    yield process, found[0]
                    break
            else:
                raise AssertionError(f"it did not start:\n{said}")
        finally:
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGKILL)
            said += process.communicate()[1]
            assert "Traceback" not in said, said
            # Workers whose parent is gone end by themselves.
            _, alive = psutil.wait_procs(children, timeout=20)
            assert alive == []


def _command(*words: str) -> None:
    assert cli.run(list(words)) == 0


def _decide(told: Acknowledged, dice: random.Random) -> None:
    """One decision by the command line, as a person takes it."""
    if told.shown and dice.random() < 0.7:
        name = dice.choice(sorted(told.shown))
        score = dice.choice((1.0, 1.0, 0.0))
        _command("catalogue", "decide", name, "--confirm" if score else "--clear", "--by", "siti")
        told.opinions.append((name, score))
    else:
        _command("catalogue", "approve", "b", "--bands", "6-9", "--by", "siti")
        told.approvals.append("b")


def _all_there(home: Path, told: Acknowledged) -> None:
    """What was acknowledged is in the file, and the file is sound."""
    db = sqlite3.connect(home / "gateway.sqlite3")
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    screened = {row[0] for row in db.execute("SELECT sha256 FROM storage_screened")}
    linked = {row[0] for row in db.execute("SELECT sha256 FROM storage_linked")}
    assert told.shown <= screened & linked
    numbers = {row[0] for row in db.execute("SELECT number FROM storage_itemreport")}
    assert told.reports <= numbers
    said = db.execute("SELECT sha256, score FROM storage_opinion ORDER BY number").fetchall()
    assert said == told.opinions
    kept = db.execute("SELECT key FROM storage_approval ORDER BY number").fetchall()
    assert [row[0] for row in kept] == told.approvals
    uploads = {
        number
        for number, sha in db.execute("SELECT number, sha256 FROM storage_upload")
        if sha in screened
    }
    assert told.uploads.keys() <= uploads
    db.close()


def _links_obey(base: str, keys: dict[str, str], told: Acknowledged, oracle: Oracle) -> int:
    """Every link given out before opens for whom today's verdicts let it; counts those opened."""
    opened = 0
    with httpx2.Client(base_url=base, timeout=30) as http:
        for path in sorted(told.links):
            for name, band in KEYS.items():
                since = time.time()
                got = http.get(path, headers={"X-Perisai-Key": keys[name]})
                sha = MEDIA.search(path)[1]
                oracle.media(sha, got.status_code, got.content, [band], since)
                opened += got.status_code == 200
                if band is AgeBand.ADULT and (sha, 1.0) not in told.opinions:
                    assert got.status_code == 200, "an acknowledged file is gone"
    return opened


def _uploads_stand(base: str, key: str, told: Acknowledged) -> None:
    """The last uploads that were answered are answered alike."""
    with httpx2.Client(base_url=base, timeout=30) as http:
        for number, allowed in [*told.uploads.items()][-8:]:
            got = http.get(f"/v1/screen/{number}", headers={"X-Perisai-Key": key})
            assert (got.status_code, got.json()["allowed"]) == (200, allowed)


def _objects_obey(home: Path, oracle: Oracle) -> None:
    """Nothing lies on the disk that nobody may see: the sweep at the start has seen to it."""
    deadline = time.monotonic() + 10
    while bad := [
        file.name
        for file in (home / "objects").glob("??/[0-9a-f]*")
        if not oracle.wanted(file.name)
    ]:
        assert time.monotonic() < deadline, f"bytes that nobody may see are still there: {bad}"
        time.sleep(0.1)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in [name for name in os.environ if name.startswith("PERISAI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PERISAI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PERISAI_CONFIG", str(tmp_path / "perisai.toml"))
    monkeypatch.setenv("PERISAI_SCREENING__JOBS", "2")
    return dict(os.environ)


@pytest.mark.timeout(120 + 60 * KILLS)
def test_killing_it_loses_nothing_acknowledged_and_shows_nothing_unscreened(
    tmp_path: Path, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    flood, dice, told = Flood(), random.Random("killed"), Acknowledged()
    home = tmp_path / "home"
    with lying(flood) as strayed:
        _settle(tmp_path, flood.port)
        keys = {}
        for name, band in KEYS.items():
            capsys.readouterr()
            _command("keys", "create", name, "--age-band", band.value)
            keys[name] = capsys.readouterr().out.strip()
        capsys.readouterr()
        _command("keys", "create", "uploader", "--age-band", "6-9", "--dialect", "screen")
        keys["uploader"] = capsys.readouterr().out.strip()
        oracle = None
        for turn in range(KILLS + 1):
            with serving(environment) as (process, base):
                oracle = oracle or Oracle(home / "gateway.sqlite3", base, flood.port, BANDS)
                oracle.decided_before()
                opened = _links_obey(base, keys, told, oracle)
                _uploads_stand(base, keys["uploader"], told)
                _objects_obey(home, oracle)
                if turn == KILLS:
                    _some_page(told, Clients(base, keys, told, turn))  # who writes tidies up first
                    break
                people = [Clients(base, keys, told, turn * 10 + n) for n in range(3)]
                _some_page(told, *people)
                until = time.monotonic() + dice.uniform(0.0, 2.0)
                while time.monotonic() < until:
                    _decide(told, dice)
                    time.sleep(dice.uniform(0.0, 0.3))
                process.send_signal(signal.SIGKILL)
                for each in people:
                    each.join(30)
                    assert not each.is_alive()
            _all_there(home, told)
            _age_what_was_begun(home)
    assert strayed == []
    # Kills in the middle of nothing would prove nothing.
    assert len(told.shown) >= 3 * KILLS
    assert told.reports
    assert told.uploads
    assert opened >= len(told.shown)
    assert [file.name for file in (home / "objects" / ".begun").iterdir()] == ["just-now"]


def _some_page(told: Acknowledged, *people: Clients) -> None:
    """Wait until people were shown something new in this life of the server."""
    for each in people:
        each.start()
    before, until = len(told.links), time.monotonic() + 60
    while len(told.links) < before + 3:
        assert time.monotonic() < until, "nothing new was shown in a minute"
        time.sleep(0.02)


def _settle(folder: Path, port: int) -> None:
    """Settings with the flood alone, and a catalogue of two."""
    path = written(folder, port, deadline_ms=1000)
    text = path.read_text()
    start = text.index("[gateway.upstreams.giphy]")
    assert YOUNG in text[:start]
    path.write_text(text[:start].replace("[gateway]\n", "[gateway]\nlog_level = 'error'\n"))
    media = folder / "media"
    media.mkdir()
    for name, number in (("a", 1), ("b", 2)):
        (media / f"{name}.gif").write_bytes(pictures.gif(number))
    rows = [{"file": f"{n}.gif", "title": f"cat {n}", "tags": ["cat"], "id": n} for n in "ab"]
    (media / "catalogue.json").write_text(json.dumps(rows))
    _command("catalogue", "import", str(media))


def _age_what_was_begun(home: Path) -> None:
    """Let two hours pass for what a crash left half written; somebody else is writing right now."""
    folder = home / "objects" / ".begun"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "old").write_bytes(b"half a fi")
    for file in folder.iterdir():
        os.utime(file, (time.time() - 7200,) * 2)
    (folder / "just-now").write_bytes(b"half a fi")
