"""What upstreams give and dialects speak of, in neither one's words."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.terms import AgeBand

Kind = Literal["gif", "sticker"]
OURS = "perisai"
"""The upstream of items that Perisai draws itself; no upstream of an operator has this name."""


class Size(StrEnum):
    """How large a rendition is; the same names for every upstream, largest first."""

    ORIGINAL = "original"
    MEDIUM = "medium"
    TINY = "tiny"
    NANO = "nano"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One file of an item, as an upstream announces it; nothing of it is believed.

    ``type`` is the short name (``gif``, ``webp``, ``mp4``, ``webm``), ``size`` bytes or 0 if not
    announced. ``url`` is the upstream's own and never leaves the gateway.
    """

    type: str
    scale: Size
    url: str
    width: int
    height: int
    size: int = 0

    @property
    def name(self) -> str:
        """The name under which its bytes are remembered, as in ``gif-tiny``."""
        return f"{self.type}-{self.scale}"


@dataclass(frozen=True, slots=True)
class Item:
    """One GIF or sticker of an upstream. ``renditions`` show the same picture in other sizes."""

    upstream: str
    id: str
    kind: Kind
    title: str
    tags: tuple[str, ...]
    renditions: tuple[Rendition, ...]
    created: datetime | None = None
    collection: str = ""
    attribution: str = ""
    licence: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client wants, in no dialect's words.

    ``text`` is empty for trending. ``cursor`` is what the upstream's page before gave as ``next``.
    ``strict`` asks for more caution than the band needs (0 none, 1, 2); it can only tighten.
    """

    band: AgeBand
    kind: Kind = "gif"
    text: str = ""
    limit: int = 20
    cursor: str = ""
    locale: str = ""
    strict: int = 0
    random: bool = False
    approved: bool = False
    """Only what a person approved will be shown: an upstream that knows may leave out the rest."""


@dataclass(frozen=True, slots=True)
class Page:
    """What an upstream answered: items in its order, and the cursor of the next page or ``""``.

    ``total`` is how many there are in all, None if not told.
    """

    items: tuple[Item, ...] = ()
    next: str = ""
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A group that pickers offer: the words to show and the words to search for."""

    name: str
    text: str
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """One file that may leave the gateway: bytes that were screened, by their SHA-256."""

    sha256: str
    type: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True)
class ServedItem:
    """An item that the client may see. ``files`` maps (type, scale) to screened bytes.

    ``number`` is the gateway's own opaque number of the item. ``best(type, scale)`` never fails:
    where a rendition was not screened yet, it gives the file that was.
    """

    number: str
    item: Item
    files: dict[tuple[str, Size], Served] = field(default_factory=dict)

    def best(self, scale: Size, *types: str) -> Served:
        """The screened file nearest to what is wanted: right type first, then right size."""
        order = list(Size)

        def distance(key: tuple[str, Size]) -> tuple[int, int]:
            kind, size = key
            return (
                types.index(kind) if kind in types else len(types),
                abs(order.index(size) - order.index(scale)),
            )

        return self.files[min(self.files, key=distance)]


@dataclass(frozen=True, slots=True)
class ServedPage:
    """What a client gets.

    ``taken`` counts the upstream's items that this page stands for, withheld ones included: paging
    goes on from there. ``withheld`` counts by reason (a rule's name, ``pending``, ``failed`` …).
    ``decision`` is the vocabulary's word on the query: ``allow``, ``filter``, ``help``, ``block``.
    ``until`` says up to when (``time.monotonic``) the same page answers the same question, as long
    as the searcher's stamp is ``stamp``; 0 means this once only.
    """

    items: tuple[ServedItem, ...] = ()
    next: str = ""
    total: int | None = None
    taken: int = 0
    withheld: dict[str, int] = field(default_factory=dict)
    decision: str = "allow"
    until: float = 0.0
    stamp: int = 0
