"""Who asks: keys, age bands, and how often somebody may ask."""

from __future__ import annotations

import asyncio
import hmac
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Protocol

from perisai.errors import StorageError
from perisai.gateway.links import TICKET
from perisai.gateway.secrets import derived
from perisai.limits import Limits
from perisai.terms import YOUNGEST, AgeBand

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import HTTPConnection

    from perisai.gateway.links import Links
    from perisai.settings import GatewaySection
    from perisai.storage.records import ApiKey

KEY_HEADER = "x-perisai-key"
AGE_HEADER = "x-perisai-age"
KEY_PARAMETERS = ("key", "api_key")
LONGEST_SIGNED = 24 * 3600
"""Seconds that a signed header may look ahead: one that never ends would be as good as a key."""
POLL_SECONDS = 1.0
TRUSTED_SECONDS = 3.0
"""So long, and no longer, keys in memory hold without anybody having asked the store."""
_LONGEST_KEY = 512
_KEY_HEADER = KEY_HEADER.encode()
_AGE_HEADER = AGE_HEADER.encode()


class Refused(Exception):  # noqa: N818 - named for what happened
    """A request is not answered; each dialect says so in its own shape.

    ``code`` is a short stable word for programs, ``message`` tells people what to do, and
    ``retry_after`` is how many seconds to wait, if waiting helps.
    """

    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to the answer."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks. ``name`` is empty without a key; ``signed`` says that a header set the band."""

    name: str
    band: AgeBand
    dialects: frozenset[str]
    shadow: bool = False
    per_minute: int = 0
    webhook: str = ""
    signed: bool = False

    @property
    def anonymous(self) -> bool:
        """Whether there was no key."""
        return not self.name


class Keys(Protocol):
    """What of the store is needed here."""

    async def generation(self) -> int:
        """Return a number that grows with every change of a key."""
        ...

    async def keys(self) -> tuple[ApiKey, ...]:
        """Return every key, revoked ones too."""
        ...


def age_secret(secret: bytes, digest: str) -> str:
    """Return what a platform's server signs age headers with, for the key with this digest.

    It is not the key, which anybody who opens a picker can read, and it ends with the key.
    """
    return derived(secret, f"age header {digest}").hex()


def webhook_secret(secret: bytes, digest: str) -> str:
    """Return what webhooks are signed with, for the key with this digest; it ends with the key."""
    return derived(secret, f"webhook {digest}").hex()


def sign_age(age_key: str, band: AgeBand, expires: int) -> str:
    """Return the value of an ``X-Perisai-Age`` header; ``expires`` is in seconds since 1970."""
    said = f"{band};{expires}"
    return f"{said};{hmac.digest(age_key.encode(), said.encode(), 'sha256').hex()}"


class Clients:
    """Tells who asks. Keys are held in memory, by digest, as long as the store says nothing new."""

    def __init__(
        self,
        store: Keys,
        secret: bytes,
        settings: GatewaySection,
        links: Links,
        *,
        clock: Callable[[], float] = time.time,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``count`` is called with ``expired``, ``forged`` … for an age header not believed."""
        self._store = store
        self._secret = secret
        self._links = links
        self._clock = clock
        self._count = count
        self._allows_anonymous = settings.anonymous
        self._anonymous = Client(
            "", YOUNGEST, frozenset(), per_minute=settings.anonymous_per_minute
        )
        self._limits = Limits(clock)
        self._generation: int | None = None
        self._heard = 0.0
        self._by_digest: dict[str, tuple[Client, str]] = {}
        self._by_name: dict[str, Client] = {}

    async def refresh(self) -> None:
        """Read the keys again if anything changed. Raises StorageError."""
        begun = time.monotonic()
        generation = await self._store.generation()
        if generation == self._generation:
            self._heard = begun
            return
        active = [key for key in await self._store.keys() if key.revoked is None]
        self._by_digest = {key.digest: (_client(key), key.digest) for key in active}
        self._by_name = {client.name: client for client, _ in self._by_digest.values()}
        self._generation, self._heard = generation, begun

    async def follow(self) -> None:
        """Refresh every second, for ever; what cannot be asked for long is no longer trusted."""
        failures = 0
        while True:
            try:
                await self.refresh()
                failures = 0
            except Exception:  # noqa: BLE001 - whatever it is, one has to go on asking
                failures += 1
                if failures >= 3:  # a key may have been revoked that we do not hear of
                    self._generation = None
            await asyncio.sleep(POLL_SECONDS)

    async def identify(self, request: HTTPConnection, key: str | None, dialect: str) -> Client:
        """Return who asks, or raise :class:`Refused`.

        ``key`` is what the dialect found in its own place; without it the header counts.
        """
        if not self._sure:
            await self._read_keys()
        key = key or _header(request, _KEY_HEADER)
        if not key:
            self._spend_as_stranger(request)
            if not self._allows_anonymous:
                raise Refused(401, "key_needed", "Send an API key; the operator creates them.")
            return self._anonymous
        found = self._find(key)
        if found is None:
            self._spend_as_stranger(request)
            raise Refused(401, "unknown_key", "This API key is not known here, or was revoked.")
        client, digest = found
        if dialect not in client.dialects:
            raise Refused(403, "dialect_not_allowed", f"This API key is not for {dialect}.")
        _spend(self._limits, f"key {client.name}", client.per_minute)
        return self._aged(request, client, digest)

    def again(self, client: Client) -> bool:
        """Return whether a client, found a moment ago by its key alone, is still the same.

        Counts a request of it, so this too may raise :class:`Refused`. False for strangers, for
        those with a signed age, and whenever keys have changed or cannot be read: identify anew.
        """
        if not self._sure or self._by_name.get(client.name) is not client:
            return False
        _spend(self._limits, f"key {client.name}", client.per_minute)
        return True

    async def band(self, request: HTTPConnection, sha256: str) -> AgeBand:
        """Return for which band a file is asked for; the youngest where nobody says more.

        The recipient's own key comes before a ticket. No limit is counted: a page has many files.
        """
        if not self._sure:
            await self._read_keys()
        key = _header(request, _KEY_HEADER) or next(
            (value for name in KEY_PARAMETERS if (value := request.query_params.get(name))), None
        )
        if key:
            found = self._find(key)
            return self._aged(request, *found).band if found else YOUNGEST
        text = request.query_params.get(TICKET)
        ticket = self._links.ticket(text, sha256) if text else None
        client = self._by_name.get(ticket.client) if ticket else None
        if ticket is None or client is None:
            return YOUNGEST
        return ticket.band or client.band

    def spend(self, request: HTTPConnection, purpose: str, per_minute: int) -> None:
        """Count one request of an address for a purpose; :class:`Refused` if there are too many."""
        host = request.client.host if request.client else ""
        _spend(self._limits, self._limits.address(host, purpose), per_minute)

    def age_secret(self, digest: str) -> str:
        """Return what age headers for the key with this digest are signed with."""
        return age_secret(self._secret, digest)

    async def subscriber(self, name: str) -> tuple[Client, str] | None:
        """Return the client of this name, and the secret that signs for its webhook.

        None if no such key is in force. Raises StorageError if keys cannot be read now.
        """
        if self._generation is None:
            await self.refresh()
        for client, digest in self._by_digest.values():
            if client.name == name:
                return client, webhook_secret(self._secret, digest)
        return None

    @property
    def _sure(self) -> bool:
        """Whether the keys in memory still hold."""
        lately = time.monotonic() - self._heard < TRUSTED_SECONDS
        return self._generation is not None and lately

    async def _read_keys(self) -> None:
        try:
            await self.refresh()
        except StorageError as error:
            raise Refused(503, "unavailable", "Keys cannot be read now; try again.", 5) from error

    def _find(self, key: str) -> tuple[Client, str] | None:
        """Look a key up by its digest, so that no comparison takes longer for a better guess."""
        if len(key) > _LONGEST_KEY:
            return None
        return self._by_digest.get(sha256(key.encode(errors="replace")).hexdigest())

    def _spend_as_stranger(self, request: HTTPConnection) -> None:
        self.spend(request, "stranger", self._anonymous.per_minute)

    def _aged(self, request: HTTPConnection, client: Client, digest: str) -> Client:
        """Return the client with the band that a signed header sets; the youngest if it is bad."""
        header = _header(request, _AGE_HEADER)
        if header is None:
            return client
        band, fault = self._read_age(header, digest)
        if fault:
            self._count(fault)
        return replace(client, band=band, signed=True)

    def _read_age(self, header: str, digest: str) -> tuple[AgeBand, str]:
        parts = header.strip().split(";")
        if len(parts) != 3 or not parts[1].isdecimal() or len(parts[1]) > 12:
            return YOUNGEST, "malformed"
        said = f"{parts[0]};{parts[1]}".encode(errors="replace")
        proof = hmac.digest(self.age_secret(digest).encode(), said, "sha256").hex()
        if not compare_digest(proof.encode(), parts[2].strip().lower().encode(errors="replace")):
            return YOUNGEST, "forged"
        now = self._clock()
        if not now < int(parts[1]) <= now + LONGEST_SIGNED:
            return YOUNGEST, "expired" if int(parts[1]) <= now else "too_long"
        try:
            return AgeBand(parts[0]), ""
        except ValueError:
            return YOUNGEST, "unknown_band"


def _header(request: HTTPConnection, name: bytes) -> str | None:
    """Return a header, as ``request.headers`` would, which takes a copy of all of them first."""
    for each, value in request.scope["headers"]:
        if each == name:
            text: str = value.decode("latin-1")
            return text
    return None


def _client(key: ApiKey) -> Client:
    return Client(key.name, key.band, key.dialects, key.shadow, key.per_minute, key.webhook)


def _spend(limits: Limits, whose: str | bytes, per_minute: int) -> None:
    wait = limits.spend(whose, per_minute)
    if wait:
        raise Refused(
            429, "too_many_requests", f"Too many requests; try again in {wait} seconds.", wait
        )
