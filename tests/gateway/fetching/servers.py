"""A server on loopback that says whatever a test wants, byte by byte: honest or not."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from httpcore2 import AnyIOBackend, AsyncNetworkBackend

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass
class Request:
    """What arrived: the target as sent, its parts, and the headers in lower case."""

    target: str
    headers: dict[str, str]
    sni: str | None = None
    path: str = field(init=False)
    query: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.target)
        self.path = parts.path
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}


Handler = "bytes | Callable[[Request, asyncio.StreamWriter], Awaitable[None] | bytes]"


class Server:
    """Answers each path with bytes sent as they stand, or with what a function writes.

    Every request is remembered in ``requests``. A path that is not known gets a 404; the handler
    under ``*`` takes them all.
    """

    def __init__(self, handlers: Mapping[str, Handler], tls: ssl.SSLContext | None = None) -> None:
        self.handlers = dict(handlers)
        self.requests: list[Request] = []
        self._tls = tls
        self._talks: set[asyncio.Task[None]] = set()
        if tls:
            tls.sni_callback = self._note_name
        self._last_name: str | None = None

    def _note_name(self, _socket: object, name: str | None, _context: object) -> None:
        self._last_name = name

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        self._talks.add(talk)
        try:
            await self._talk(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            self._talks.discard(talk)
            writer.transport.abort()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip("\r\n").split("\r\n")
                headers = dict(line.split(": ", 1) for line in lines)
                lower = {key.lower(): value for key, value in headers.items()}
                request = Request(first.split(" ")[1], lower, self._last_name)
                self.requests.append(request)
                handler = self.handlers.get(request.path, self.handlers.get("*"))
                if handler is None:
                    handler = answer(b"", status=404)
                if not isinstance(handler, bytes):
                    said = handler(request, writer)
                    handler = said if isinstance(said, bytes) else await said or b""
                writer.write(handler)
                await writer.drain()
                if b"connection: close" in handler.lower() or writer.is_closing():
                    break
            writer.close()
            await writer.wait_closed()


def answer(
    body: bytes, *, status: int = 200, length: int | None = None, headers: str = ""
) -> bytes:
    """An answer of HTTP/1.1; ``length`` may lie about the body, ``headers`` end in CRLF each."""
    said = len(body) if length is None else length
    return f"HTTP/1.1 {status} X\r\nContent-Length: {said}\r\n{headers}\r\n".encode() + body


def redirect(to: str, status: int = 302) -> bytes:
    return answer(b"", status=status, headers=f"Location: {to}\r\n")


class Elsewhere(AsyncNetworkBackend):
    """Dials loopback whatever the number, and remembers the numbers: a public network at home."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.dialled: list[tuple[str, int]] = []

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.dialled.append((host, port))
        return await AnyIOBackend().connect_tcp("127.0.0.1", self._port, timeout)


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS of a server called ``name``, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain = folder / f"{name}.pem"
    chain.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    client = ssl.create_default_context(
        cadata=signed.public_bytes(serialization.Encoding.PEM).decode()
    )
    return server, client
