"""A passkey without a browser: what an authenticator would keep, say and sign (WebAuthn 3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HOST = "localhost"
ORIGIN = f"http://{HOST}"
FLAG = AuthenticatorData.FLAG


@dataclass
class Passkey:
    """One key pair. ``handle`` is what it says of whose it is."""

    handle: str
    id: bytes = b"the-number-of-a-credential"
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def registered(self) -> dict[str, object]:
        """What is kept of it at the desk."""
        public = ES256.from_cryptography_key(self.secret.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(self._host(), FLAG.UP | FLAG.UV | FLAG.AT, 0, credential)
        client = CollectedClientData.create("webauthn.create", b"c" * 32, ORIGIN)
        return {
            "id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
            "clientExtensionResults": {"credProps": {"rk": True}},
        }  # fmt: skip

    def shown(self, challenge: str, origin: str = ORIGIN) -> dict[str, object]:
        """What it says when it is asked who this is."""
        client = CollectedClientData.create("webauthn.get", challenge, origin)
        data = AuthenticatorData.create(self._host(), FLAG.UP | FLAG.UV, 1)
        signed = self.secret.sign(data + client.hash, ec.ECDSA(SHA256()))
        return {
            "id": websafe_encode(self.id), "rawId": websafe_encode(self.id), "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signed),
                "userHandle": self.handle,
            },
            "clientExtensionResults": {},
        }  # fmt: skip

    @staticmethod
    def _host() -> bytes:
        return hashlib.sha256(HOST.encode()).digest()
