"""``perisai public``: a real server, what it refuses, and how it starts and stops."""

from __future__ import annotations

import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.common.servers import CONFUSING, spoken
from tests.desk.public.running import started


@pytest.fixture
def base(tmp_path):
    with started(tmp_path / "home") as base:
        yield base


def test_it_answers_and_keeps_its_keys_to_itself(base, tmp_path):
    answer = httpx2.get(f"{base}/")
    assert answer.status_code == 200
    assert "tel:129" in answer.text
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers
    for name in ("people.key", "public.key"):
        assert stat.S_IMODE((tmp_path / "home" / name).stat().st_mode) == 0o600


def test_a_body_without_end_is_cut_off(base):
    head = b"POST /aduan HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert spoken(base, head, *[chunk] * 40).startswith(b"HTTP/1.1 413")
    assert httpx2.get(f"{base}/kode").status_code == 200


@pytest.mark.parametrize("head", CONFUSING)
def test_heads_that_are_made_to_confuse(base, head):
    answer = spoken(base, b"GET / HTTP/1.1\r\n" + head + b"\r\nConnection: close\r\n\r\n0\r\n\r\n")
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert b"evil" not in answer


def test_many_at_once(base):
    def one(number: int) -> int:
        return httpx2.get(f"{base}/{('', 'aduan', 'hasil', 'kode')[number % 4]}").status_code

    with ThreadPoolExecutor(16) as crowd:
        assert set(crowd.map(one, range(64))) == {200}


def test_two_start_together_in_one_house(tmp_path):
    def one(_: int) -> str:
        with started(tmp_path / "home") as base:
            return httpx2.get(f"{base}/hasil.json").text

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(one, range(2)))
    assert [json.loads(each) for each in answers] == [{"results": [], "next": None}] * 2


def test_a_port_in_use_is_told(command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = command("public", "--port", taken.getsockname()[1])
    assert said.status == 2
    assert "desk.public_port: cannot listen on" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STORAGE__DATABASE", "sqlite:///no/such/folder/x.sqlite3", "the database cannot be used"),
        ("DESK__PEOPLE_ENV", "NO_SUCH_VARIABLE", "64 hexadecimal digits"),
        ("DESK__PROCEDURE", "/no/such/file.toml", "/no/such/file.toml"),
        ("DESK__EXIT_URL", "javascript:alert(1)", "must be an address like"),
        ("DESK__PUBLIC_URL", "aduan.example.id", "must be an address like"),
        ("DESK__CALLING_CODE", "+62", "must be digits only"),
        ("DESK__ZONE", "Mars/Olympus", "no time zone"),
    ],
)
def test_a_wrong_choice_is_one_line_before_it_listens(command, monkeypatch, name, value, said):
    monkeypatch.setenv(f"PERISAI_{name}", value)
    told = command("public", "--port", "0")
    assert told.status == 2
    assert told.err.startswith("Error: ")
    assert said in told.err
    assert told.err.count("\n") == 1, told.err


def test_its_log_names_nobody(tmp_path):
    log: list[str] = []
    with started(tmp_path / "home", log, PERISAI_GATEWAY__LOG_LEVEL="debug") as base:
        httpx2.get(f"{base}/jawab/a-secret-token")
        httpx2.post(f"{base}/kode", data={"code": "1234567890123456"})
        httpx2.get(f"{base}/", headers={"Host": "evil.example"})
    assert [json.loads(line)["event"] for line in log][-1] == "stopped"
    for secret in ("a-secret-token", "1234567890", "evil"):
        assert secret not in "\n".join(log)
