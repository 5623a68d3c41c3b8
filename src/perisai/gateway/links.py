"""Every address and number that leaves the gateway.

A media link is ``/media/EXPIRES/SIGNATURE/SHA256.TYPE``: addressed by content, opaque about where
it came from, signed with HMAC-SHA256 (132 bits of it), and over at a time that is the same for all
links of a window, so that a link stays the same and caches stay warm. It carries no age band.
"""

from __future__ import annotations

import base64
import hmac
import re
import time
from enum import Enum
from hmac import compare_digest
from typing import TYPE_CHECKING

from perisai.gateway.sealed import Seal
from perisai.gateway.secrets import derived
from perisai.gateway.tickets import Ticket, Tickets

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import HTTPConnection

    from perisai.gateway.clients import Client
    from perisai.gateway.items import Served

TICKET = "v"
"""The query parameter of a viewer ticket."""
_SIGNATURE = 22
"""Characters of base64: 132 bits."""
_REMEMBERED = 100_000
_BASE = "perisai.base"
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_EXPIRES = re.compile(r"[0-9a-f]{1,12}")


class Standing(Enum):
    """What a media link is worth."""

    GOOD = "good"
    EXPIRED = "expired"
    FORGED = "forged"


class Links:
    """Makes links and numbers, and reads them."""

    def __init__(
        self,
        secret: bytes,
        *,
        seconds: int,
        public_url: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``seconds``: how long a media link works at least; at most it works twice as long."""
        self._key = derived(secret, "media link")
        self._numbers = Seal(secret, "item number")
        self._tickets = Tickets(secret, clock)
        self._seconds = seconds
        self._public = public_url.rstrip("/") if public_url else None
        self._clock = clock
        self._end = 0
        self._paths: dict[tuple[str, str], str] = {}

    def media(self, served: Served, request: HTTPConnection, viewer: Client | None = None) -> str:
        """Return the absolute address of a file.

        Give ``viewer`` for the previews that a picker itself shows (``tinygif``, ``fixed_width``
        and their like), and never for what it sends to somebody else (``gif``, ``original``,
        ``url``): it adds a ticket that lets this client see the file for a few minutes.
        """
        address = self.base(request) + self._path(served.sha256, served.type)
        if viewer is None or viewer.anonymous:
            return address
        ticket = Ticket(viewer.name, viewer.band if viewer.signed else None)
        return f"{address}?{TICKET}={self._tickets.issue(ticket, served.sha256)}"

    def report(self, number: str, request: HTTPConnection) -> str:
        """Return the absolute address where an item can be reported."""
        return f"{self.base(request)}/report/{number}"

    def windows(self) -> tuple[int, int]:
        """Return the ends of the windows in which links and tickets are made now."""
        return self._ends(), self._tickets.ends()

    def check(self, expires: str, signature: str, sha256: str, kind: str) -> Standing:
        """Say what a media link is worth; the parts are as they stand in its path."""
        if not _EXPIRES.fullmatch(expires):
            return Standing.FORGED
        if not compare_digest(
            self._signature(expires, sha256, kind), signature.encode(errors="replace")
        ):
            return Standing.FORGED
        return Standing.GOOD if self._clock() < int(expires, 16) else Standing.EXPIRED

    def ticket(self, text: str, sha256: str) -> Ticket | None:
        """Read the ticket that a link carried for this file."""
        return self._tickets.read(text, sha256)

    def number(self, upstream: str, item: str) -> str:
        """Return the gateway's own number of an upstream's item: letters, digits, - and _.

        It is always the same one, tells nothing, and cannot be made up.
        """
        return self._numbers.seal(f"{upstream}\0{item}")

    def parse(self, number: str) -> tuple[str, str] | None:
        """Return upstream and item of a number, or None if it is none of ours."""
        inner = self._numbers.unseal(number)
        if inner is None:
            return None
        upstream, _, item = inner.partition("\0")
        return upstream, item

    def base(self, request: HTTPConnection) -> str:
        """Return the address under which this client reaches the gateway, without a slash."""
        if self._public is not None:
            return self._public
        known: str | None = request.scope.get(_BASE)
        if known is None:
            known = request.scope[_BASE] = _reached_at(request)
        return known

    def _path(self, sha256: str, kind: str) -> str:
        end = self._ends()
        if end != self._end or len(self._paths) >= _REMEMBERED:
            self._end = end
            self._paths.clear()
        path = self._paths.get((sha256, kind))
        if path is None:
            expires = f"{end:x}"
            signature = self._signature(expires, sha256, kind).decode()
            path = f"/media/{expires}/{signature}/{sha256}.{kind}"
            self._paths[sha256, kind] = path
        return path

    def _ends(self) -> int:
        return (int(self._clock()) // self._seconds + 2) * self._seconds

    def _signature(self, expires: str, sha256: str, kind: str) -> bytes:
        signed = hmac.digest(self._key, f"{expires}/{sha256}.{kind}".encode(), "sha256")
        return base64.urlsafe_b64encode(signed)[:_SIGNATURE]


def _reached_at(request: HTTPConnection) -> str:
    """Return scheme, host and mount of a request; a host that is none gives the server's own."""
    scope = request.scope
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode(
        "latin-1"
    )
    if not _HOST.fullmatch(host):
        name, port = scope.get("server") or ("localhost", None)
        host = f"[{name}]" if ":" in name else name
        host = f"{host}:{port}" if port else host
    root = scope.get("app_root_path", scope.get("root_path", "")).rstrip("/")
    return f"{scope.get('scheme', 'http')}://{host}{root}"
