"""Receipts: 16 digits, shown once. The first 6 find the complaint, the other 10 prove who asks.

Only a slow hash (Argon2id, RFC 9106) of the 10 is kept, so that neither the database nor a backup
opens a complaint. Ten digits are 33 bits: with the limits on guesses of each receipt and of each
network, and some 50 ms a guess, that is far out of reach.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

DIGITS = 16
FINDS = 6
_HASHER = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1)
_AT_ONCE = BoundedSemaphore(4)
"""Each slow hash takes 32 MiB while it is computed: a crowd of guessers waits in line."""
_NOBODY = _HASHER.hash("nobody's receipt")
_SEPARATORS = re.compile(r"[\s.\-]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a receipt: what finds the complaint, and the slow hash of the rest."""

    locator: str
    proof: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as its owner has it. Not to be kept; ``str`` groups it for reading aloud."""

    digits: str

    @classmethod
    def new(cls) -> Receipt:
        """Draw one."""
        return cls(f"{secrets.randbelow(10**DIGITS):0{DIGITS}}")

    @classmethod
    def read(cls, text: str) -> Receipt | None:
        """Read what somebody typed, with or without spaces; None if it is no receipt."""
        digits = _SEPARATORS.sub("", text)
        return cls(digits) if re.fullmatch(rf"[0-9]{{{DIGITS}}}", digits) else None

    @property
    def locator(self) -> str:
        """What finds the complaint. Several may share one."""
        return self.digits[:FINDS]

    @property
    def proof(self) -> str:
        """The slow hash to keep of the rest."""
        with _AT_ONCE:
            return _HASHER.hash(self.digits[FINDS:])

    def kept(self) -> Kept:
        """What to keep of it. Takes its time: not to be asked for while a transaction is open."""
        return Kept(self.locator, self.proof)

    def proves(self, kept: str | None) -> bool:
        """Whether this is the receipt behind a kept hash; with None, as slow, and never."""
        try:
            with _AT_ONCE:
                return _HASHER.verify(kept or _NOBODY, self.digits[FINDS:]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def __str__(self) -> str:
        return " ".join(self.digits[i : i + 4] for i in range(0, DIGITS, 4))

    def __repr__(self) -> str:
        return "Receipt(…)"
