"""A service that speaks like S3, in this process, for tests."""

from __future__ import annotations

import logging
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "perisai-test"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a-test", "AWS_SECRET_ACCESS_KEY": "of-tests"}


@contextmanager
def serving() -> Iterator[str]:
    """Serve one empty bucket; the address of the service."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        # What it keeps is shared by all servers of a process.
        _ask("POST", f"{address}/moto-api/reset")
        _ask("PUT", f"{address}/{BUCKET}")
        yield address
    finally:
        server.stop()


def _ask(method: str, address: str) -> None:
    with urllib.request.urlopen(urllib.request.Request(address, b"", method=method)) as answer:
        assert answer.status == 200


@contextmanager
def made() -> Iterator[dict[str, str]]:
    """The settings of an object store in an empty bucket, as environment variables."""
    with pytest.MonkeyPatch.context() as patch, serving() as address:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield {
            "PERISAI_STORAGE__OBJECTS": f"s3://{BUCKET}/some/prefix",
            "PERISAI_STORAGE__S3_ENDPOINT": address,
        }


@pytest.fixture
def bucket() -> Iterator[dict[str, str]]:
    """The same, for one test."""
    with made() as environment:
        yield environment
