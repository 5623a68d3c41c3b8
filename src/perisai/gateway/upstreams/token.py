"""A bearer token that is got for an id and a secret, and again before it ends.

Format: OAuth 2.0, the client credentials grant (RFC 6749, section 4.4).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import orjson

from perisai.errors import UpstreamError
from perisai.gateway.upstreams.breaker import NotNow

if TYPE_CHECKING:
    from collections.abc import Callable

    from perisai.gateway.fetching import Fetcher

ANSWER_BYTES = 64 * 1024
EARLY_SECONDS = 60.0
"""A token is not used in its last minute: it could end on the way."""
LONGEST_SECONDS = 24 * 3600.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Token:
    """Gets a token when one is needed; those who need it at once wait for the same one."""

    def __init__(
        self, name: str, url: str, identity: str, secret: str, clock: Callable[[], float]
    ) -> None:
        """``name`` is the upstream's, for messages. Neither id nor secret is ever told."""
        self._name = name
        self._url = url
        self._form = urlencode(
            {"grant_type": "client_credentials", "client_id": identity, "client_secret": secret}
        ).encode()
        self._clock = clock
        self._token = ""
        self._ends = 0.0
        self._lock = asyncio.Lock()

    async def header(self, fetcher: Fetcher, seconds: float) -> dict[str, str]:
        """The header to send, within so many seconds.

        Raises NotNow if the id or secret is refused, UpstreamError if none is given.
        """
        async with self._lock:
            if self._clock() >= self._ends:
                await self._get(fetcher, seconds)
            return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """The token was refused: get another one next time."""
        self._ends = 0.0

    async def _get(self, fetcher: Fetcher, seconds: float) -> None:
        place = fetcher.check(self._url)
        answer = await fetcher.post(place, self._form, _FORM, limit=ANSWER_BYTES, seconds=seconds)
        if answer.status in (400, 401, 403):
            raise NotNow(f"{self._name} refuses the client_id or the key; check both.")
        try:
            told = orjson.loads(answer.data)
            token, lasts = told["access_token"], float(told["expires_in"])
            if not isinstance(token, str) or not token.isascii() or not token.isprintable():
                raise ValueError("no token")
        except (ValueError, LookupError, TypeError) as error:
            raise UpstreamError(f"{self._name} gives no token (status {answer.status}).") from error
        self._token = token
        self._ends = self._clock() + min(lasts, LONGEST_SECONDS) - EARLY_SECONDS
