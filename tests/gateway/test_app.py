"""The upload check, asked over real HTTP messages (ASGI) and a real server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import typing
from io import BytesIO
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest
from PIL import Image
from starlette.testclient import TestClient

from perisai import settings
from perisai.gateway import create_app
from perisai.gateway.uploads import BadUpload, read_upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


def png(size: tuple[int, int] = (64, 48)) -> bytes:
    with BytesIO() as file:
        Image.new("RGB", size, "#3060c0").save(file, "PNG")
        return file.getvalue()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("home")
    env = {
        "PERISAI_HOME": str(home),
        "PERISAI_GATEWAY__MAX_UPLOAD_BYTES": "200000",
        "PERISAI_SCREENING__JOBS": "1",
    }
    with TestClient(create_app(settings.load(env=env))) as client:
        yield client


def test_body_is_screened_for_the_youngest_unless_a_band_is_named(client: TestClient) -> None:
    answer = client.post("/v1/screen", content=png())
    assert answer.status_code == 200
    body = answer.json()
    assert (body["age_band"], body["verdict"], body["allowed"]) == ("3-5", "allow", True)
    assert body["media"]["type"] == "png"
    assert client.post("/v1/screen?age_band=adult", content=png()).json()["age_band"] == "adult"


def test_form_field_file_is_screened(client: TestClient) -> None:
    answer = client.post("/v1/screen", files={"file": ("a\x07b.png", png(), "image/png")})
    assert answer.status_code == 200
    assert answer.json()["media"]["width"] == 64
    assert "\x07" not in answer.json()["path"]


def asked(client: TestClient, headers: dict[str, str], *messages: dict[str, object]) -> list[dict]:
    """Send a request message by message; return what was answered."""
    answers: list[dict] = []
    waiting = iter(messages)

    async def receive() -> dict[str, object]:
        return next(waiting)

    async def send(message: dict) -> None:
        answers.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/screen", "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip
    asyncio.run(client.app(scope, receive, send))
    return answers


def test_a_length_over_the_limit_is_refused_before_the_body_comes(client: TestClient) -> None:
    assert asked(client, {"content-length": "99999999999"})[0]["status"] == 413


@pytest.mark.parametrize("kind", ["image/gif", "multipart/form-data; boundary=x"])
def test_a_sender_who_goes_away_is_no_fault_of_ours(client: TestClient, kind: str) -> None:
    begun = {"type": "http.request", "body": b"--x\r\n", "more_body": True}
    answers = asked(client, {"content-type": kind}, begun, {"type": "http.disconnect"})
    assert answers[0]["status"] == 400  # and no exception, which would fill the log


def test_what_cannot_be_screened_is_not_allowed(client: TestClient) -> None:
    body = client.post("/v1/screen", content=b"<svg xmlns='http://www.w3.org/2000/svg'/>").json()
    assert body["verdict"] == "unscreenable"
    assert body["allowed"] is False
    assert body["error"]["code"] == "unknown_media"


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        ({"url": "/v1/screen?age_band=7", "content": b"x"}, 400, "bad_age_band"),
        ({"url": "/v1/screen", "content": b""}, 400, "empty"),
        ({"url": "/v1/screen", "content": bytes(200_001)}, 413, "too_large"),
        ({"url": "/v1/screen", "files": {"other": b"x"}}, 400, "empty"),
        ({"url": "/v1/screen", "data": {"a": "b"}}, 415, "form_encoded"),
        (
            {
                "url": "/v1/screen",
                "content": b"--x\r\nnonsense",
                "headers": {"content-type": "multipart/form-data; boundary=x"},
            },
            400,
            "empty",
        ),
        (
            {
                "url": "/v1/screen",
                "content": b"nonsense",
                "headers": {"content-type": "multipart/form-data"},
            },
            400,
            "bad_form",
        ),
    ],
)
def test_a_wrong_request_gets_a_clear_error(
    client: TestClient, send: dict[str, object], status: int, code: str
) -> None:
    answer = client.post(**send)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"]


def test_a_sender_who_is_too_slow_is_told_so() -> None:
    class Endless:
        headers: typing.ClassVar[dict[str, str]] = {}

        async def stream(self) -> AsyncIterator[bytes]:
            while True:
                yield b"x"
                await asyncio.sleep(0.01)

    with pytest.raises(BadUpload, match="did not arrive") as told:
        asyncio.run(read_upload(Endless(), 1000, seconds=0.1))
    assert (told.value.status, told.value.code) == (408, "too_slow")


def test_unknown_paths_and_methods_answer_in_json(client: TestClient) -> None:
    assert client.get("/nothing").json()["error"]["code"] == "http_error"
    assert client.get("/v1/screen").status_code == 405
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/").json()["age_bands"][0] == "3-5"


def test_answers_are_not_cached_or_sniffed(client: TestClient) -> None:
    answer = client.post("/v1/screen", content=png())
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_perisai_serve_answers_and_stops_when_asked(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"PERISAI_HOME": str(tmp_path), "PERISAI_SCREENING__JOBS": "1"}
    command = [sys.executable, "-m", "perisai", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as server:
        try:
            answer = _ask(f"http://127.0.0.1:{port}/v1/screen", png())
            assert answer["verdict"] == "allow"
        finally:
            server.send_signal(signal.SIGINT)
            _, log = server.communicate(timeout=30)
    assert "Traceback" not in log


def _ask(url: str, data: bytes) -> dict[str, object]:
    for _ in range(300):
        try:
            return json.loads(httpx.post(url, content=data, timeout=30).text)
        except httpx.ConnectError:
            time.sleep(0.1)
    raise AssertionError("the server did not come up")
