"""Who sends a notice: HTTP message signatures (RFC 9421, hmac-sha256) of clients that are named.

The secret of a client is made from the key of people and the client's name: nothing is kept of it.
A client whose name is taken out of ``desk.notice_clients`` is one no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from perisai.storage.facts.people import People

TAG = "perisai-notice"
COVERED = ("@method", "@path", "content-digest", "content-type", "idempotency-key")
OLDEST = timedelta(minutes=5)
SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as its signature says something of it."""

    method: str
    url: str
    headers: Mapping[str, str]


class _Clients(HTTPSignatureKeyResolver):
    def __init__(self, people: People, names: Collection[str]) -> None:
        self._people = people
        self._names = names

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ANN401 - as the base class has it
        return secret(self._people, key_id).encode() if key_id in self._names else None


def secret(people: People, client: str) -> str:
    """The secret of a client, as its owner has it."""
    return people.blind("notice client", client)


def signed_by(asked: Asked, body: bytes, people: People, names: Collection[str]) -> str | None:
    """The client that signed this request and its body; None if nobody did whom we know."""
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.HMAC_SHA256, key_resolver=_Clients(people, names)
    )
    verifier.max_clock_skew = SKEW
    try:
        (found,) = verifier.verify(
            asked, max_age=OLDEST, expect_tag=TAG, require_components=COVERED, body=body
        )
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError):
        return None
    return str(found.parameters["keyid"])
