"""Short texts made opaque: nobody else can read, make or change them, and no store is needed.

The construction is the one of RFC 5297 (SIV) with keyed BLAKE2b in place of AES: a tag over the
text is both its proof and the start of the key stream that hides it. The same text gives the same
sealed text, so that it can serve as an identifier.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b
from hmac import compare_digest

from perisai.gateway.secrets import derived

_TAG = 12
"""Bytes: a forger would have to ask 2^96 times."""
_BLOCK = 64
LONGEST = 1_000
"""Characters; nothing longer is unsealed."""


class Seal:
    """Seals and unseals for one purpose; what was sealed for another does not open."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._proving = derived(secret, f"{purpose} proof")
        self._hiding = derived(secret, f"{purpose} stream")

    def seal(self, text: str, context: str = "") -> str:
        """Return ``text`` as letters, digits, ``-`` and ``_``: 16 and four for three bytes.

        It opens only under the same ``context``, which is not contained.
        """
        body = text.encode()
        tag = self._tag(body, context)
        return base64.urlsafe_b64encode(tag + self._mixed(tag, body)).rstrip(b"=").decode()

    def unseal(self, sealed: str, context: str = "") -> str | None:
        """Return what was sealed, or None if it was not sealed here, for this, just so."""
        if len(sealed) > LONGEST:
            return None
        try:
            data = base64.b64decode(
                sealed.encode() + b"=" * (-len(sealed) % 4), altchars=b"-_", validate=True
            )
        except (binascii.Error, ValueError):
            return None
        tag, body = data[:_TAG], self._mixed(data[:_TAG], data[_TAG:])
        if not compare_digest(tag, self._tag(body, context)):
            return None
        # Of the spellings that decode alike (in the last character's spare bits) one is ours.
        if base64.urlsafe_b64encode(data).rstrip(b"=") != sealed.encode():
            return None
        return body.decode()

    def _tag(self, body: bytes, context: str) -> bytes:
        about = context.encode()
        message = len(about).to_bytes(4) + about + body
        return blake2b(message, key=self._proving, digest_size=_TAG).digest()

    def _mixed(self, tag: bytes, body: bytes) -> bytes:
        size = len(body)
        stream = b"".join(
            blake2b(tag + number.to_bytes(4), key=self._hiding, digest_size=_BLOCK).digest()
            for number in range(-(-size // _BLOCK))
        )
        return (int.from_bytes(body) ^ int.from_bytes(stream[:size])).to_bytes(size)
