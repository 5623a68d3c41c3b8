"""What is known of a person lies in the log only encrypted, under a key of that person's own.

Destroying the key erases the person (UU 27/2022, article 43, the right to erasure), while the log
stays as it was written and its chain still verifies. Keys are kept wrapped by a master key, which
lies outside of the database: in the file ``people.key`` of the home folder, or in the variable that
``desk.people_env`` names. Format: AES-256-GCM (NIST SP 800-38D), AES key wrap (RFC 3394).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from perisai.errors import StorageError
from perisai.storage.facts.models import PersonKey

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

MARK = "sealed"
"""The name in a fact's data under which an encrypted text is recognised."""
_NONCE = 12
_AT_ONCE = 500
"""Keys that are asked for together: SQLite takes so many values in one question, and more."""


class People:
    """Seals and opens what is known of people."""

    def __init__(self, master: bytes, alias: str = "default") -> None:
        """``master`` has 32 bytes."""
        self._master = master
        self._alias = alias

    def new(self, at: datetime) -> str:
        """Make a key for somebody new; return the name under which it is known."""
        return self.new_ones(1, at)[0]

    def new_ones(self, number: int, at: datetime) -> list[str]:
        """Make keys for so many people."""
        made = [
            PersonKey(
                person=f"p-{secrets.token_hex(10)}",
                wrapped=aes_key_wrap(self._master, secrets.token_bytes(32)),
                made=at,
            )
            for _ in range(number)
        ]
        PersonKey.objects.using(self._alias).bulk_create(made)
        return [each.person for each in made]

    def seal(self, person: str, text: str) -> dict[str, str]:
        """Encrypt a text for one person. Raises StorageError if the person was erased."""
        key = self._key(person)
        if key is None:
            raise StorageError("this person was erased; nothing more is kept of them")
        nonce = os.urandom(_NONCE)
        box = nonce + AESGCM(key).encrypt(nonce, text.encode(), person.encode())
        return {"person": person, MARK: base64.b64encode(box).decode()}

    def open(self, sealed: Mapping[str, str]) -> str | None:
        """Return the text, or None if the person was erased. Raises StorageError if damaged."""
        return self.open_all([sealed])[0]

    def open_all(self, sealed: Sequence[Mapping[str, str]]) -> list[str | None]:
        """Return all these texts, as :meth:`open` does; keys are asked for many at a time."""
        keys = self._keys({each["person"] for each in sealed})
        return [self._opened(each, keys.get(each["person"])) for each in sealed]

    def seal_bytes(self, person: str, data: bytes) -> bytes:
        """Encrypt bytes under one key. Raises StorageError if the key was destroyed."""
        key = self._key(person)
        if key is None:
            raise StorageError("this key was destroyed; nothing more is kept under it")
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(key).encrypt(nonce, data, person.encode())

    def open_bytes(self, person: str, box: bytes) -> bytes | None:
        """Return the bytes, or None if their key was destroyed. Raises StorageError if damaged."""
        key = self._key(person)
        if key is None:
            return None
        try:
            return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], person.encode())
        except (InvalidTag, ValueError) as error:
            raise StorageError("what is kept here is damaged; restore a backup") from error

    def blind(self, purpose: str, text: str) -> str:
        """A digest (HMAC-SHA-256) by which equal texts are found without keeping them.

        Whoever has the database alone cannot try texts until one fits. ``purpose`` keeps digests
        of different things apart.
        """
        key = hmac.digest(self._master, f"perisai.blind:{purpose}".encode(), "sha256")
        return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    @staticmethod
    def _opened(sealed: Mapping[str, str], key: bytes | None) -> str | None:
        if key is None:
            return None
        person = sealed["person"]
        box = base64.b64decode(sealed[MARK])
        try:
            return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], person.encode()).decode()
        except InvalidTag as error:
            raise StorageError("what is kept of a person is damaged; restore a backup") from error

    def knows(self, person: str) -> bool:
        """Whether there is a key of this person: False after erasing."""
        return PersonKey.objects.using(self._alias).filter(person=person).exists()

    def erase(self, person: str) -> bool:
        """Destroy the key of one person; return whether there was one."""
        return PersonKey.objects.using(self._alias).filter(person=person).delete()[0] > 0

    def _key(self, person: str) -> bytes | None:
        return self._keys({person}).get(person)

    def _keys(self, people: Collection[str]) -> dict[str, bytes]:
        """The keys of those of these people who were not erased."""
        names, rows = sorted(people), PersonKey.objects.using(self._alias)
        found: dict[str, bytes] = {}
        for start in range(0, len(names), _AT_ONCE):
            some = rows.filter(person__in=names[start : start + _AT_ONCE])
            found |= {row.person: self._unwrapped(row) for row in some}
        return found

    def _unwrapped(self, row: PersonKey) -> bytes:
        try:
            return aes_key_unwrap(self._master, bytes(row.wrapped))
        except InvalidUnwrap as error:
            raise StorageError(
                "the key of people does not fit this database; give the one that it was made with"
            ) from error
