"""What a visitor has filled in so far: carried in the page, and signed.

Nothing lies on the server before a complaint is sent. The signature keeps other fields out, and
``once`` lets one form be sent once only.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.core import signing

if TYPE_CHECKING:
    from collections.abc import Mapping

LASTS_SECONDS = 4 * 3600
_SALT = "perisai.draft"
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Draft:
    """One complaint that is being written."""

    once: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    said: dict[str, str] = field(default_factory=dict)
    work: str = ""
    """The proof of work that came with it, once there is one."""

    def with_more(self, said: Mapping[str, str]) -> Draft:
        """Return the draft with these answers in the place of earlier ones."""
        return replace(self, said=self.said | dict(said))

    def solved(self, work: str) -> Draft:
        """Return the draft with its proof of work."""
        return replace(self, work=work)

    @property
    def names_something(self) -> bool:
        """Whether there is anything to look for."""
        return any(self.said.get(name) for name in ("words", "link", "what"))

    @property
    def child(self) -> bool:
        """Whether who reports says that a child is shown."""
        return self.said.get("child") == "yes"

    @property
    def grown(self) -> bool:
        """Whether who reports says to be 18 or older."""
        return self.said.get("grown") == "yes"

    @property
    def reporter(self) -> str:
        """What was said of who reports, in one text to seal."""
        return "\n".join(filter(None, (self.said.get("name"), self.said.get("contact"))))

    def signed(self) -> str:
        """As it stands in the page."""
        return signing.dumps([self.once, self.said, self.work], salt=_SALT, compress=True)


def read(text: str) -> Draft | None:
    """The draft in a page; None if it is too old, or not from here."""
    if len(text) > _LONGEST:
        return None
    try:
        once, said, *work = signing.loads(text, salt=_SALT, max_age=LASTS_SECONDS)
    except signing.BadSignature:
        return None
    return Draft(once, said, *work)
