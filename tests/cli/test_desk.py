"""``perisai people``, ``audit``, ``rebuild`` and ``desk``: as processes, over a home of theirs."""

from __future__ import annotations

import json
import socket
import sqlite3
import stat
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from perisai.desk.permissions import Role
from tests.common import screening
from tests.common.servers import CONFUSING, perisai, spoken
from tests.desk.web.running import NAMES, PASSWORD, environment, hire, started
from tests.desk.web.visiting import forms_on

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def said(tmp_path):
    """Run a command; returns status, output and errors."""

    def run(*words: object, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            perisai(*words),
            env=environment(tmp_path / "home"),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_accounts(said):
    assert said("people", "list").stdout.startswith("There is nobody yet")
    made = said("people", "add", "ani", "--role", "intake")
    assert made.returncode == 0
    assert len(made.stdout.strip()) == 20, "a password was made up"
    assert "not shown again" in made.stderr
    weak = said(
        "people", "add", "budi", "--role", "reviewer", "--password-stdin", given="rahasia\n"
    )
    assert weak.returncode == 2
    assert "12" in weak.stderr
    assert "rahasia" not in weak.stderr
    again = said("people", "add", "ANI", "--role", "auditor")
    assert again.returncode == 1
    assert "not given twice" in again.stderr
    for words in (
        ("add", "x y", "--role", "intake"), ("add", "a:b", "--role", "intake"),
        ("add", "x", "--role", "boss"),
        ("add", "x", "--role", "platform"), ("add", "x", "--role", "intake", "--platform", "P"),
    ):  # fmt: skip
        assert said("people", *words).returncode == 2, words
    assert said("people", "role", "ani", "case-officer").stdout == "ani: case-officer.\n"
    told = json.loads(said("people", "list", "--json").stdout)
    assert told == {
        "name": "ani", "role": "case-officer", "platform": "", "open": True, "last_sign_in": None
    }  # fmt: skip
    assert said("people", "remove", "ani").returncode == 0
    assert "closed" in said("people", "list").stdout
    assert said("people", "remove", "ani").returncode == 1
    assert said("people", "add", "ani", "--role", "intake").returncode == 1, "facts name who acted"
    assert said("people", "reset", "nobody").returncode == 1


def test_a_log_that_was_changed_is_told(said, tmp_path):
    whole = said("audit", "verify")
    assert whole.returncode == 0
    assert whole.stdout.startswith("0 facts")
    home = tmp_path / "home"
    hire(home)
    with started(home) as base, signed_in(base, Role.INTAKE) as client:
        told = {"source": "phone", "what": "terlihat di telepon"}
        assert (
            "terlihat di telepon" in send(client, "/complaints/new", "/complaints/new", told).text
        )
    assert json.loads(said("audit", "verify", "--json").stdout)["whole"] is True
    same = said("rebuild", "--check")
    assert (same.returncode, same.stdout) == (0, "Every row is what the facts add up to.\n")
    with sqlite3.connect(home / "facts.sqlite3") as database:
        database.execute("update complaints_complaintrow set summary = 'lain'")
    differs = said("rebuild", "--check")
    assert differs.returncode == 1
    assert "ComplaintRow a-" in differs.stdout
    assert said("rebuild").stdout.endswith("Made anew.\n")
    assert said("rebuild", "--check").returncode == 0
    with sqlite3.connect(home / "facts.sqlite3") as database:
        database.execute("update facts_event set data = replace(data, 'phone', 'visit')")
    broken = said("audit", "verify")
    assert broken.returncode == 1
    assert broken.stdout.startswith("Broken at fact 2 (complaint:a-")
    told = json.loads(said("audit", "verify", "--json").stdout)
    assert (told["whole"], told["broken"]["number"]) == (False, 2)


def test_a_search_is_measured_by_the_patrol(said, tmp_path):
    folder = tmp_path / "kucing"
    folder.mkdir()
    for number in range(2):
        (folder / f"kucing {number}.gif").write_bytes(screening.clip(screening.scene(3 + number)))
    assert said("catalogue", "import", folder).returncode == 0
    hire(tmp_path / "home")
    with started(tmp_path / "home") as base, signed_in(base, Role.CASE_OFFICER) as client:
        told = {"title": "x", "platform": "P", "words": "kucing", "promised": "2099-01-01"}
        page = send(client, "/cases/new", "/cases/new", told)
        path = page.url.path
        page = send(client, path, "/measure", {"words": "kucing", "band": "6-9"})
        assert "2 tampil, 0 ditahan" in page.text
        page = send(client, path, "/measure", {"words": "porno", "band": "6-9"})
        assert page.status_code == 422
        assert "menghentikan pencarian" in page.text


@contextmanager
def signed_in(base: str, role: Role) -> Iterator[httpx2.Client]:
    """A client of somebody who has signed in."""
    with httpx2.Client(base_url=base, follow_redirects=True, timeout=60) as client:
        who = {"login": NAMES[role], "password": PASSWORD.format(NAMES[role])}
        assert send(client, "/sign-in", "", who).url.path == "/"
        yield client


def send(client: httpx2.Client, path: str, action: str, told: dict[str, str]) -> httpx2.Response:
    """Open a page, and send the form on it that goes to ``action``."""
    forms = forms_on(client.get(path))
    form = next(
        each for each in forms if each.action.endswith(action) and (action or not each.action)
    )
    return client.post(form.action or path, data={**form.fields, **told})


def test_a_port_in_use_is_told(said):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = said("desk", "--port", taken.getsockname()[1])
    assert told.returncode == 2
    assert told.stderr.startswith("Error: ")
    assert "address already in use" in told.stderr
    assert len(told.stderr.splitlines()) == 1


@pytest.fixture
def base(tmp_path):
    with started(tmp_path / "home") as address:
        yield address


def test_it_answers_and_keeps_its_key_to_itself(base, tmp_path):
    answer = httpx2.get(f"{base}/")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/sign-in?next=%2F"
    assert "server" not in answer.headers
    for name in ("people.key", "desk.key"):
        assert stat.S_IMODE((tmp_path / "home" / name).stat().st_mode) == 0o600


def test_a_body_without_end_is_cut_off_and_never_lies_on_the_disk(base):
    head = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    head += b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    assert spoken(base, head, *[chunk] * 20).startswith(b"HTTP/1.1 413")
    assert httpx2.get(f"{base}/sign-in").status_code == 200


@pytest.mark.parametrize("head", CONFUSING)
def test_heads_that_are_made_to_confuse(base, head):
    answer = spoken(base, b"GET / HTTP/1.1\r\n" + head + b"\r\nConnection: close\r\n\r\n0\r\n\r\n")
    assert b" 400 " in answer.partition(b"\r\n")[0]
