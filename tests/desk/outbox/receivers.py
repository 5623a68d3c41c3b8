"""Receivers as they are outside: a mail server, and a machine that takes signed messages."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from perisai import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from perisai.settings import Settings

HOST = "127.0.0.1"
SECRET_ENV = "REFERRAL_SECRET"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return taken.getsockname()[1]


@dataclass
class Mailbox:
    """What a mail server took. ``refuse`` is what it says to every address, if anything."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuse: str = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    @property
    def numbers(self) -> list[str]:
        """Under which numbers they came."""
        return [mail["Message-ID"].partition("@")[0].strip("<") for mail in self.mails]


@contextmanager
def mail_server(port: int, box: Mailbox | None = None) -> Iterator[Mailbox]:
    """A mail server on this port."""
    box = box or Mailbox()
    controller = Controller(box, hostname=HOST, port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Machine:
    """What a receiver's machine got, and how it answers: drops what it has had already."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    echo: bool = True
    slow: threading.Event | None = None

    @property
    def kept(self) -> set[str]:
        """What it keeps: each number once."""
        return {headers["Idempotency-Key"] for headers, _ in self.got}


@contextmanager
def machine() -> Iterator[Machine]:
    """A receiver's machine."""
    known = Machine()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if known.slow:
                known.slow.wait(20)
            known.got.append((dict(self.headers), body))
            answer = {"id": json.loads(body)["id"]} if known.echo else {}
            data = json.dumps(answer).encode()
            self.send_response(known.status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    known.url = f"http://{HOST}:{server.server_address[1]}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def with_police(home: Path, url: str) -> Settings:
    """The settings of a house whose referrals go to a machine at this address."""
    file = home / "perisai.toml"
    file.write_text(
        '[desk]\nreferral_machine = "polisi"\n'
        f'[receivers.polisi]\nurl = "{url}"\nsecret_env = "{SECRET_ENV}"\nprivate = true\n'
    )
    return settings.load(file, env={}, home=home)
