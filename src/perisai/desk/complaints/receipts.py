"""Receipts: 16 digits, shown once. The first 6 find the complaint, the other 10 prove who asks.

Only a slow hash (Argon2id, RFC 9106, with the least cost that OWASP's Password Storage Cheat Sheet
names for it) of a keyed digest of the 10 is kept. The key is one of the house and lies outside of
the database: who has the database or a backup alone can try nothing. Who asks the page is held off
by the limits on guesses of each receipt and of each network. Receipts of before were hashed without
the key, at three times the cost, and still open their complaint.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

    Blind = Callable[[str], str]
    """Makes a digest under a key of the house."""

DIGITS = 16
FINDS = 6
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_KEYED = "keyed:"
"""Stands before the hash of a keyed digest."""
_AT_ONCE = BoundedSemaphore(4)
"""Each slow hash takes 19 MiB while it is computed: a crowd of guessers waits in line."""
_NOBODY = _KEYED + _HASHER.hash("nobody's receipt")
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

    def kept(self, blind: Blind) -> Kept:
        """What to keep of it. Takes its time: not to be asked for while a transaction is open."""
        with _AT_ONCE:
            return Kept(self.locator, _KEYED + _HASHER.hash(blind(self.digits[FINDS:])))

    def proves(self, kept: str | None, blind: Blind) -> bool:
        """Whether this is the receipt behind a kept hash; with None, as slow, and never."""
        wanted, rest = kept or _NOBODY, self.digits[FINDS:]
        said = blind(rest) if wanted.startswith(_KEYED) else rest
        try:
            with _AT_ONCE:
                return _HASHER.verify(wanted.removeprefix(_KEYED), said) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def __str__(self) -> str:
        return " ".join(self.digits[i : i + 4] for i in range(0, DIGITS, 4))

    def __repr__(self) -> str:
        return "Receipt(…)"
