"""Answers that are given again as they are, while nothing has changed that they depend on.

Making a page's JSON with its links costs a hundred times as much as finding the page. What is kept
here is the finished answer. It is found by a digest of all that it depends on in a request: path,
query as it came, address of the gateway, key, and the age band that was signed for. So neither
words nor keys are held. It is given only

- while the searcher would give the same page: the page itself says how long it is good, and for
  which stamp of verdicts, approvals and lists;
- within the window in which its links and tickets were made, so that they last as long as new ones;
- to a client whose key is still what it was, and within its limit: that is asked every time.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from perisai.gateway.clients import AGE_HEADER, KEY_HEADER

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from perisai.gateway.clients import Client
    from perisai.gateway.dialects.port import Links, Searches
    from perisai.gateway.items import ServedPage

MOST_BYTES = 32 * 1024 * 1024
"""All answers of a dialect together; the oldest goes first."""
_OVERHEAD = 1_000
"""Bytes that an answer takes beside its body, about."""
_MATTER = frozenset({b"host", KEY_HEADER.encode()})
_AGE = AGE_HEADER.encode()


@dataclass(frozen=True, slots=True)
class Repeat:
    """A finished answer, whom it was made for, and what from."""

    client: Client
    page: ServedPage
    windows: tuple[int, int]
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Answer a request, as a Response does."""
        headers = list(self.headers)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Repeats:
    """The finished answers of one dialect."""

    def __init__(
        self,
        links: Links,
        *,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` is the one by which pages say how long they are good."""
        self._links = links
        self._most = most_bytes
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._kept: OrderedDict[bytes, Repeat] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        """How many answers are held."""
        return len(self._kept)

    def name(self, scope: Scope, client: Client | None = None) -> bytes | None:
        """Return the name of the answer to a request.

        None for one with a signed age, unless ``client`` says what was found in it.
        """
        get, path = scope.get, scope["path"]
        reached = f"{get('scheme')}\0{get('server')}\0{get('root_path')}\0{get('app_root_path')}"
        # A path may hold NULs (%00), and nothing after it can: its length keeps it apart from them.
        place = f"{reached}\0{len(path)}\0{path}".encode(errors="surrogatepass")
        parts: list[bytes] = [place, scope["query_string"]]
        for name, value in scope["headers"]:
            if name in _MATTER:
                parts += (name, value)
            elif name == _AGE:
                if client is None:
                    return None
                parts += (name, client.band.encode())
        return blake2b(b"\0".join(parts), key=self._secret, digest_size=16).digest()

    def find(self, name: bytes, searcher: Searches) -> Repeat | None:
        """Return the answer with this name if ``searcher`` would still give the same.

        Whether its client may still have it is for the caller to ask.
        """
        found = self._kept.get(name)
        if found is None:
            return None
        page = found.page
        if (
            page.stamp == searcher.stamp
            and page.until > self._clock()
            and found.windows == self._links.windows()
        ):
            return found
        self._drop(name)
        return None

    def keep(
        self,
        request: Request,
        client: Client,
        page: ServedPage,
        response: Response,
        windows: tuple[int, int],
    ) -> None:
        """Keep an answer made of a page, within the ``windows`` that were open before it was made.

        Strangers' are not kept, whose limits go by address.
        """
        body = bytes(response.body)
        name = self.name(request.scope, client)
        good = page.until > self._clock() and len(body) <= self._most
        if name is None or client.anonymous or not good:
            return
        self._drop(name)
        self._kept[name] = Repeat(client, page, windows, body, tuple(response.raw_headers))
        self._bytes += len(body) + _OVERHEAD
        while self._kept:
            oldest = next(iter(self._kept))
            if self._bytes <= self._most and self._kept[oldest].page.until > self._clock():
                return
            self._drop(oldest)

    def _drop(self, name: bytes) -> None:
        gone = self._kept.pop(name, None)
        if gone is not None:
            self._bytes -= len(gone.body) + _OVERHEAD
