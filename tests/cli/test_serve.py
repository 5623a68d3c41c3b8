"""``perisai serve``: it says where, answers, and stops without noise."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys

import httpx2

from tests.common import drawn, screening


def test_it_says_where_it_listens_answers_and_stops(env, media):
    words = [sys.executable, "-m", "perisai", "serve", "--port", "0"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as server:
        try:
            place = re.search(r"http://127\.0\.0\.1:\d+", server.stderr.readline())[0]
            data = (media / "sub" / "marked.gif").read_bytes()
            answer = httpx2.post(f"{place}/v1/screen?age_band=6-9", content=data, timeout=30)
            answer = json.loads(answer.text)
        finally:
            server.send_signal(signal.SIGINT)
            err = server.stderr.read()  # communicate() would not give what was read ahead
            server.wait(30)
    assert (answer["verdict"], answer["allowed"]) == ("withhold", False)
    assert answer["findings"][0]["frame"] == 2
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["started", "stopped"]
    assert server.returncode == 0


def test_a_port_in_use_is_told(command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = command("serve", "--port", taken.getsockname()[1])
    assert said.status == 2
    assert "address already in use" in said.err
    assert "listens" not in said.err


def test_a_wrong_choice_is_told_before_it_listens(perisai, monkeypatch):
    monkeypatch.setenv("PERISAI_SCREENING__POLICY", "strict")
    said = perisai("serve", "--port", "0")
    assert said.status == 2
    assert said.err.startswith("Error: ")
    assert "listens" not in said.err


def test_it_stops_while_files_are_looked_at_that_nobody_waits_for(
    perisai, env, tmp_path, monkeypatch
):
    folder = tmp_path / "mine"
    folder.mkdir()
    for number in range(8):
        frames = [drawn.drawing(number, step / 60, 320, 240) for step in range(60)]
        (folder / f"cat {number}.gif").write_bytes(screening.clip(frames))
    assert perisai("catalogue", "import", folder).status == 0
    key = perisai("keys", "create", "app", "--age-band", "adult").out.strip()
    # A new list: everything has to be looked at again, far longer than the page waits.
    assert perisai("lists", "create", "new", "--label", "listed", "--source", "x").status == 0
    monkeypatch.setenv("PERISAI_GATEWAY__DEADLINE_MS", "50")
    words = [sys.executable, "-m", "perisai", "serve", "--port", "0"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as server:
        try:
            place = re.search(r"http://127\.0\.0\.1:\d+", server.stderr.readline())[0]
            httpx2.get(f"{place}/v2/search", params={"q": "cat", "key": key}, timeout=30)
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)
            # Not communicate(), which would pass over what readline() has read ahead.
            events = [json.loads(line)["event"] for line in server.stderr]
        finally:
            server.kill()
    assert [each for each in events if each != "rescreening"] == ["started", "stopped"]
    assert server.returncode == 0
