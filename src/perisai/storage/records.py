"""The facts that are kept, as plain values: no database is needed to speak of them.

Times are aware UTC datetimes. A SHA-256 is 64 lower-case hexadecimal digits. Nothing here is ever
changed: what supersedes a fact is a later fact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.screening.service.port import Looked
    from perisai.terms import AgeBand, Finding, Label


@dataclass(frozen=True, slots=True)
class Screened:
    """What was found in the bytes with this SHA-256.

    ``basis`` names models, policy, lists and settings that the evidence rests on: under another
    basis the bytes count as never screened. ``covered`` are the labels that could have been found.
    ``error`` is (code, message) of what could not be looked at, which withholds. ``type`` is the
    media type's short name as sniffed (``gif``, ``webp``, ``mp4`` …), empty if unknown.
    """

    sha256: str
    basis: str
    findings: tuple[Finding, ...]
    covered: frozenset[Label]
    error: tuple[str, str] | None
    type: str
    width: int
    height: int
    frames: int
    duration_ms: int
    size: int
    at: datetime

    @classmethod
    def of(cls, looked: Looked, at: datetime) -> Self:
        """Take over what screening found, as of ``at``."""
        found = {field.name: getattr(looked, field.name) for field in fields(looked)}
        return cls(**found, at=at)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person decided about a picture: one more finding, from the source ``human``.

    ``score`` is 1 to confirm the label and 0 to clear it. The last opinion on a label counts.
    """

    sha256: str
    label: Label
    score: float
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """A person found an item or a whole collection fit for ``bands``; the last one counts.

    Empty ``bands`` withdraw it. For an item approved by hand, ``sha256`` holds the bytes that the
    person saw: other bytes under the same number are not approved. Collections leave it empty.
    """

    upstream: str
    kind: Literal["item", "collection"]
    key: str
    bands: frozenset[AgeBand]
    sha256: str
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Linked:
    """Which bytes an upstream gave for one rendition of one item, when last fetched."""

    upstream: str
    item: str
    rendition: str
    sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """The bytes ``sha256`` were made here from the screened bytes ``source``: a smaller copy.

    What people say of the source holds for the copy, which is shown only where both may be.
    """

    sha256: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A client of the gateway. ``digest`` is the SHA-256 of the key, which itself is not kept."""

    name: str
    digest: str
    band: AgeBand
    dialects: frozenset[str]
    per_minute: int
    shadow: bool
    webhook: str
    created: datetime
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class ItemReport:
    """Somebody says that an item must not be shown (``report``) or need not be hidden (``hidden``).

    ``item`` is the gateway's own number of it; nothing is kept of who said so.
    """

    number: str
    upstream: str
    item: str
    sha256: str
    kind: Literal["report", "hidden"]
    reason: str
    band: AgeBand
    at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A client's upload: received, not yet decided. What became of it is an :class:`Outcome`.

    ``idempotency`` is empty if the client gave none, else there is one upload under it. ``sha256``
    is empty for what is still to be fetched. ``asked`` is a keyed digest of what was asked for
    (bytes or address, and band): the same under another idempotency key, nothing to be read from.
    ``holder`` names the process that has the bytes, in memory only.
    """

    client: str
    idempotency: str
    sha256: str
    number: str
    band: AgeBand
    asked: str
    shadow: bool
    holder: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the upload ``number``; of several the last one counts.

    ``decision`` is that for the upload's band, or ``unscreened`` if nobody could look; ``rule``
    says why. ``basis`` names what a decision rests on, and is empty where the same sent again may
    get another answer. ``bare`` is the SHA-256 of the same file without metadata: people decide on
    that one. ``event`` is a name of its own; with ``notify`` the client's webhook is told of it.
    """

    event: str
    number: str
    sha256: str
    bare: str
    basis: str
    decision: str
    rule: str
    notify: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """The end of telling a webhook of an ``event``: acknowledged by its receiver, or given up."""

    event: str
    state: Literal["acknowledged", "given-up"]
    at: datetime


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One item of the operator's own catalogue. ``sha256`` finds its bytes in the object store.

    ``kind`` is ``gif`` or ``sticker``. ``removed`` takes it out without forgetting it.
    """

    id: str
    kind: Literal["gif", "sticker"]
    title: str
    tags: tuple[str, ...]
    collection: str
    attribution: str
    licence: str
    source: str
    sha256: str
    type: str
    width: int
    height: int
    size: int
    at: datetime
    removed: bool = False
