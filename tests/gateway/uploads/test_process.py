"""The upload check in a process of its own: killed with an upload pending, and started again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx2 as httpx

from perisai import settings as settings_package
from perisai.storage.open import open_store
from tests.common import drawn, screening
from tests.common.gateway import served
from tests.gateway.uploads.house import Receiver, api_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADERS = {"X-Perisai-Key": "app-key"}


@contextmanager
def serving(env: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    words = [sys.executable, "-m", "perisai", "serve", "--port", "0"]
    with subprocess.Popen(words, env=env, stderr=subprocess.PIPE, text=True) as server:
        try:
            place = re.search(r"http://127\.0\.0\.1:\d+", server.stderr.readline())[0]
            # What it says from here on must not fill the pipe.
            threading.Thread(target=server.stderr.read, daemon=True).start()
            yield place, server
        finally:
            server.terminate()
            server.wait(60)


def until(true: Any, seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come to that")


def test_a_killed_gateway_never_allows_what_it_lost(tmp_path: Path) -> None:
    receiver = Receiver()
    chosen = screening.environment(tmp_path, GATEWAY__UPLOAD_PRIVATE="true", SCREENING__JOBS=1)
    others = {n: v for n, v in os.environ.items() if not n.startswith("PERISAI_")}
    long = screening.clip([drawn.drawing(1, step / 60, 320, 240) for step in range(60)])
    with served(receiver.app) as base:
        store = open_store(settings_package.load(env=chosen))
        store.add_key(api_key("app", webhook=f"{base}/hook"))
        store.close()
        with serving(others | chosen) as (place, server):
            sent = httpx.post(
                f"{place}/v1/screen",
                headers=HEADERS | {"Prefer": "respond-async", "Idempotency-Key": "one"},
                content=long,
                timeout=30,
            )
            assert sent.status_code == 202, sent.text
            server.kill()
            server.wait(30)
        number = sent.json()["id"]
        with serving(others | chosen) as (place, _):
            told = httpx.get(f"{place}/v1/screen/{number}", headers=HEADERS).json()
            assert (told["status"], told["allowed"]) == ("unscreened", False)
            ((_, body),) = until(lambda: receiver.heard)
            assert json.loads(body)["rule"] == "lost"
            assert json.loads(body)["id"] == number
            again = httpx.post(
                f"{place}/v1/screen",
                headers=HEADERS | {"Idempotency-Key": "one"},
                content=long,
                timeout=60,
            ).json()
            assert (again["id"], again["allowed"]) == (number, True)
            metrics = httpx.get(f"{place}/metrics").text
            assert 'perisai_uploads_total{decision="unscreened",shadow="no"} 1.0' in metrics
            assert 'perisai_uploads_total{decision="allow",shadow="no"} 1.0' in metrics
            assert "perisai_upload_bytes_waiting 0.0" in metrics
    assert len(receiver.heard) == 1
