"""Uploads that are given by their address, from a real server on loopback."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.gateway.fetching.servers import Server, answer, redirect
from tests.gateway.search.house import clean, marked
from tests.gateway.uploads.house import api_key, open_house

APP = "app-key"


def test_a_file_is_fetched_and_judged(run, folder, local) -> None:
    async def body() -> None:
        async with (
            Server({"/a.gif": answer(marked(1))}) as server,
            open_house(folder, local, api_key("app"), upload_private="true") as house,
        ):
            url = f"{server.base}/a.gif"
            told = await house.send(None, APP, json={"url": url, "age_band": "10-12"})
            assert told.status_code == 200
            assert told.json()["verdict"] == "withhold"
            assert told.json()["age_band"] == "10-12"
            assert told.json()["sha256"] == hashlib.sha256(marked(1)).hexdigest()
            assert "a.gif" not in told.text
            assert house.check.held_bytes == 0
            assert "x-perisai-key" not in server.requests[0].headers
            # Under its idempotency key it is fetched once.
            headers = {"Idempotency-Key": "one"}
            for _ in range(2):
                again = await house.send(None, APP, json={"url": url}, headers=headers)
                assert again.status_code == 200
            assert len(server.requests) == 2
            (kept,) = [each for each in house.store.store._uploads.values() if each.idempotency]
            assert url not in repr(kept)

    run(body())


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/missing.gif", 422, "fetch_refused"),
        ("/broken.gif", 502, "fetch_failed"),
        ("/large.gif", 422, "fetch_refused"),
        ("/away.gif", 422, "fetch_refused"),
        ("/empty.gif", 422, "fetch_refused"),
    ],
)
def test_what_cannot_be_fetched_is_an_error_and_no_verdict(
    run, folder, local, path, status, code
) -> None:
    handlers = {
        "/broken.gif": b"nonsense\r\n\r\n",
        "/large.gif": answer(bytes(60_000)),
        "/away.gif": redirect("https://example.org/a.gif"),
        "/empty.gif": answer(b""),
    }

    async def body() -> None:
        limits: dict[str, Any] = {"upload_private": "true", "max_fetch_bytes": 50_000}
        async with (
            Server(handlers) as server,
            open_house(folder, local, api_key("app"), **limits) as house,
        ):
            ask = {"json": {"url": f"{server.base}{path}"}}
            told = await house.send(None, APP, **ask, headers={"Idempotency-Key": "one"})
            assert (told.status_code, told.json()["error"]["code"]) == (status, code)
            assert house.check.held_bytes == 0
            # Under the same idempotency key it is tried again.
            server.handlers[path] = answer(clean(1))
            told = await house.send(None, APP, **ask, headers={"Idempotency-Key": "one"})
            assert told.json()["allowed"]

    run(body())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/a.gif",
        "http://localhost:{port}/a.gif",
        "http://[::1]:{port}/a.gif",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "http://user:pass@example.org/",
        "http://example.org/\ud800",
        "x" * 9000,
    ],
)
def test_no_address_leads_into_the_house(run, folder, local, url) -> None:
    async def body() -> None:
        async with (
            Server({"*": answer(clean(1))}) as server,
            open_house(folder, local, api_key("app")) as house,
        ):
            where = url.replace("{port}", str(server.port))
            body = json.dumps({"url": where}).encode()
            told = await house.send(body, APP, headers={"Content-Type": "application/json"})
            assert (told.status_code, told.json()["error"]["code"]) == (422, "fetch_refused")
            assert server.requests == []
            assert where not in told.text

    run(body())


def test_strangers_have_nothing_fetched(run, folder, local) -> None:
    async def body() -> None:
        async with (
            Server({"*": answer(clean(1))}) as server,
            open_house(folder, local, upload_private="true") as house,
        ):
            told = await house.send(None, json={"url": f"{server.base}/a.gif"})
            assert (told.status_code, told.json()["error"]["code"]) == (401, "key_needed")
            assert server.requests == []

    run(body())
