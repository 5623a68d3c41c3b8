"""What can be kept and asked for, whatever keeps it.

Every call is synchronous and may come from any thread; a thread that ends calls ``release`` first.
A write is durable when it returns. Facts are only ever added: where several speak of the same
thing, the last one counts, and the calls say so. The generation is one number that grows with each
decision of a person and each change of keys or catalogue, so that whoever remembers something
derived from them need poll nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from perisai.storage.records import (
        ApiKey,
        Approval,
        CatalogueEntry,
        Delivery,
        ItemReport,
        Linked,
        Made,
        Opinion,
        Outcome,
        Screened,
        Upload,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """So many of something on one day (UTC); nothing tells who they were."""

    day: date
    name: str
    labels: Mapping[str, str]
    n: int


class Verdicts(Protocol):
    """What was found in bytes, what people said of it, and where the bytes were shown."""

    def generation(self) -> int:
        """A number that every opinion, approval, change of keys or catalogue raises, from 0."""
        ...

    def keep(self, screened: Sequence[Screened]) -> None:
        """Add what was found; for the same bytes and basis, the last one counts."""
        ...

    def screened(self, sha256s: Collection[str], basis: str) -> dict[str, Screened]:
        """What was found under ``basis``, by SHA-256; what is unknown or damaged is left out."""
        ...

    def unscreened(self, sha256s: Collection[str], basis: str) -> frozenset[str]:
        """Those of these bytes of which nothing was found under ``basis``."""
        ...

    def add_opinion(self, opinion: Opinion) -> int:
        """Add a person's word on a picture; return the generation it made."""
        ...

    def opinions(self, sha256s: Collection[str]) -> dict[str, tuple[Opinion, ...]]:
        """All opinions by SHA-256, oldest first; bytes without any are left out."""
        ...

    def approve(self, approval: Approval) -> int:
        """Add an approval or, with no bands, its withdrawal; return the generation it made."""
        ...

    def approvals(self, upstream: str, keys: Collection[str]) -> dict[tuple[str, str], Approval]:
        """The last approval of each by (kind, key), withdrawals among them."""
        ...

    def all_approvals(self) -> Iterator[Approval]:
        """Every approval of every upstream, oldest first; later ones supersede."""
        ...

    def link(self, links: Sequence[Linked]) -> None:
        """Add which bytes were given for renditions; the last one of each counts."""
        ...

    def links(self, upstream: str, items: Collection[str]) -> dict[str, dict[str, Linked]]:
        """The last link of each rendition, by item and rendition; unknown items are left out."""
        ...

    def holders(self, sha256: str) -> tuple[Linked, ...]:
        """Every rendition that ever showed these bytes, each once, with the last time it did."""
        ...

    def add_made(self, made: Sequence[Made]) -> None:
        """Add what was made from what."""
        ...

    def kin(self, sha256s: Collection[str]) -> tuple[Made, ...]:
        """What was made from these bytes, what these were made from, and their siblings.

        Each once, with the first time.
        """
        ...


class Catalogue(Protocol):
    """The operator's own items."""

    def add_entries(self, entries: Sequence[CatalogueEntry]) -> None:
        """Add entries; one with the id of an earlier one takes its place, also a removed one's."""
        ...

    def entries(self, after: str = "", limit: int = 1000) -> tuple[CatalogueEntry, ...]:
        """Up to ``limit`` entries that are not removed, in order of id, beginning after ``after``.

        The order is the database's own, the same for every call.
        """
        ...

    def entry(self, ids: Collection[str]) -> dict[str, CatalogueEntry]:
        """The last of each id, removed ones too; unknown ids are left out."""
        ...

    def remove_entries(self, ids: Collection[str], at: datetime) -> int:
        """Take entries out; return how many were in. Unknown ids and removed ones are no error."""
        ...

    def entry_changes(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, CatalogueEntry], ...]:
        """What was added or removed after the change number ``since``, oldest first.

        Each comes with its change number: an index that remembers the last one can follow.
        """
        ...


class Uploads(Protocol):
    """What clients sent to be judged, what became of it, and whom that was told."""

    def add_upload(self, upload: Upload) -> Upload:
        """Keep an upload; return the first one kept under its client and idempotency key."""
        ...

    def upload(self, client: str, number: str) -> Upload | None:
        """The upload of this number, if it is this client's."""
        ...

    def open_uploads(self, since: datetime, limit: int = 1000) -> tuple[Upload, ...]:
        """Uploads received at ``since`` or later of which nothing became yet, oldest first."""
        ...

    def add_outcome(self, outcome: Outcome) -> None:
        """Add what became of an upload."""
        ...

    def outcome(self, number: str) -> Outcome | None:
        """The last that became of an upload."""
        ...

    def untold(self, since: datetime, limit: int = 1000) -> tuple[tuple[Upload, Outcome], ...]:
        """Outcomes of ``since`` or later that a webhook wants and has no delivery of, oldest first.

        Each comes with its upload.
        """
        ...

    def add_delivery(self, delivery: Delivery) -> None:
        """End the telling of an event; the first end of each stays."""
        ...

    def forget_uploads(self, before: datetime) -> int:
        """Delete uploads received before this, with what became of them; return how many."""
        ...


class Store(Verdicts, Catalogue, Uploads, Protocol):
    """Everything that is kept, but for the bytes themselves (see ``objects``).

    Every call raises StorageError if what is kept cannot be read or written, or if a record holds
    what cannot be kept (a NUL in a text, a name of more than 500 characters).
    """

    def add_key(self, key: ApiKey) -> None:
        """Add a client.

        Raises StorageError if a key of this name is not revoked, or if the same key was used
        before, revoked or not.
        """
        ...

    def revoke_key(self, name: str, at: datetime) -> None:
        """End the key of this name. Raises StorageError if there is none that is not revoked."""
        ...

    def keys(self) -> tuple[ApiKey, ...]:
        """All keys, oldest first, revoked ones too."""
        ...

    def add_report(self, report: ItemReport) -> int:
        """Add what somebody said of an item; return its number: 1, and each time the next."""
        ...

    def reports(self, since: int = 0, limit: int = 1000) -> tuple[tuple[int, ItemReport], ...]:
        """Reports with a number above ``since``, each with its number, oldest first.

        Numbers appear in order: who remembers the last one misses none.
        """
        ...

    def count(self, day: date, name: str, labels: Mapping[str, str], n: int) -> None:
        """Add ``n`` to what was counted on ``day``."""
        ...

    def add_counts(self, counts: Sequence[Counted]) -> None:
        """Add many counts at once."""
        ...

    def counts(self, name: str, since: date) -> tuple[Counted, ...]:
        """What was counted on ``since`` and later, by day and labels."""
        ...

    def together(
        self, calls: Sequence[Callable[[], object]]
    ) -> list[tuple[object, Exception | None]]:
        """Carry out calls of this store as one durable step; (result, error) of each, in order.

        A call that raises undoes only itself. Raises StorageError if nothing at all
        could be kept.
        """
        ...

    def release(self) -> None:
        """Let go of what this thread holds open: before it ends, or rests for long."""
        ...

    def close(self) -> None:
        """Do the same, and let later calls of every thread raise StorageError."""
        ...
