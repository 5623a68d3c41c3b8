"""The store's twin in memory: the same answers, forgotten when the process ends."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING

from perisai.errors import StorageError
from perisai.storage.checks import checked
from perisai.storage.ports import Counted

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


class MemoryStore:
    """Everything in dictionaries and lists. See ``ports.Store`` for what each call means."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._closed = False
        self._generation = 0
        self._screened: dict[tuple[str, str], Screened] = {}
        self._opinions: dict[str, tuple[Opinion, ...]] = {}
        self._approvals: list[Approval] = []
        self._links: list[Linked] = []
        self._made: dict[tuple[str, str], Made] = {}
        self._keys: list[ApiKey] = []
        self._reports: list[ItemReport] = []
        self._uploads: dict[str, Upload] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._counts: dict[tuple[date, str, tuple[tuple[str, str], ...]], int] = {}
        self._changes: list[CatalogueEntry] = []
        self._entries: dict[str, CatalogueEntry] = {}

    def generation(self) -> int:
        """See ports.Store."""
        with self._open():
            return self._generation

    def keep(self, screened: Sequence[Screened]) -> None:
        """See ports.Store."""
        with self._open():
            found = [checked(each) for each in screened]
            self._screened.update({(each.sha256, each.basis): each for each in found})

    def screened(self, sha256s: Collection[str], basis: str) -> dict[str, Screened]:
        """See ports.Store."""
        with self._open():
            found = ((each, self._screened.get((each, basis))) for each in sha256s)
            return {sha256: screened for sha256, screened in found if screened}

    def unscreened(self, sha256s: Collection[str], basis: str) -> frozenset[str]:
        """See ports.Store."""
        with self._open():
            return frozenset(each for each in sha256s if (each, basis) not in self._screened)

    def add_opinion(self, opinion: Opinion) -> int:
        """See ports.Store."""
        with self._open():
            sha256 = checked(opinion).sha256
            self._opinions[sha256] = (*self._opinions.get(sha256, ()), opinion)
            return self._raise()

    def opinions(self, sha256s: Collection[str]) -> dict[str, tuple[Opinion, ...]]:
        """See ports.Store."""
        with self._open():
            known = self._opinions
            return {each: known[each] for each in sha256s if each in known}

    def approve(self, approval: Approval) -> int:
        """See ports.Store."""
        with self._open():
            self._approvals.append(checked(approval))
            return self._raise()

    def approvals(self, upstream: str, keys: Collection[str]) -> dict[tuple[str, str], Approval]:
        """See ports.Store."""
        with self._open():
            wanted = set(keys)
            return {
                (each.kind, each.key): each
                for each in self._approvals
                if each.upstream == upstream and each.key in wanted
            }

    def all_approvals(self) -> Iterator[Approval]:
        """See ports.Store."""
        with self._open():
            return iter(tuple(self._approvals))

    def link(self, links: Sequence[Linked]) -> None:
        """See ports.Store."""
        with self._open():
            self._links.extend([checked(each) for each in links])

    def links(self, upstream: str, items: Collection[str]) -> dict[str, dict[str, Linked]]:
        """See ports.Store."""
        with self._open():
            wanted = set(items)
            found: dict[str, dict[str, Linked]] = {}
            for each in self._links:
                if each.upstream == upstream and each.item in wanted:
                    found.setdefault(each.item, {})[each.rendition] = each
            return found

    def holders(self, sha256: str) -> tuple[Linked, ...]:
        """See ports.Store."""
        with self._open():
            last = {
                (each.upstream, each.item, each.rendition): each
                for each in self._links
                if each.sha256 == sha256
            }
            return tuple(last.values())

    def add_made(self, made: Sequence[Made]) -> None:
        """See ports.Store."""
        with self._open():
            for each in made:
                self._made.setdefault((checked(each).sha256, each.source), each)

    def kin(self, sha256s: Collection[str]) -> tuple[Made, ...]:
        """See ports.Store."""
        with self._open():
            asked = set(sha256s)
            sources = asked | {each.source for each in self._made.values() if each.sha256 in asked}
            return tuple(each for each in self._made.values() if each.source in sources)

    def add_key(self, key: ApiKey) -> None:
        """See ports.Store."""
        with self._open():
            checked(key)
            refuse_key(key, self._keys)
            self._keys.append(replace(key, revoked=None))
            self._raise()

    def revoke_key(self, name: str, at: datetime) -> None:
        """See ports.Store."""
        with self._open():
            for place, key in enumerate(self._keys):
                if key.name == name and key.revoked is None:
                    self._keys[place] = checked(replace(key, revoked=at))
                    self._raise()
                    return
            raise no_key(name)

    def keys(self) -> tuple[ApiKey, ...]:
        """See ports.Store."""
        with self._open():
            return tuple(self._keys)

    def add_report(self, report: ItemReport) -> int:
        """See ports.Store."""
        with self._open():
            self._reports.append(checked(report))
            return len(self._reports)

    def reports(self, since: int = 0, limit: int = 1000) -> tuple[tuple[int, ItemReport], ...]:
        """See ports.Store."""
        with self._open():
            found = enumerate(self._reports[since : since + limit], since + 1)
            return tuple(found)

    def add_upload(self, upload: Upload) -> Upload:
        """See ports.Store."""
        with self._open():
            checked(upload)
            if upload.idempotency:
                known = next(
                    (
                        each
                        for each in self._uploads.values()
                        if (each.client, each.idempotency) == (upload.client, upload.idempotency)
                    ),
                    None,
                )
                if known:
                    return known
            if upload.number in self._uploads:
                raise StorageError(f"there is an upload {upload.number} already")
            self._uploads[upload.number] = upload
            return upload

    def upload(self, client: str, number: str) -> Upload | None:
        """See ports.Uploads."""
        with self._open():
            found = self._uploads.get(number)
            return found if found and found.client == client else None

    def open_uploads(self, since: datetime, limit: int = 1000) -> tuple[Upload, ...]:
        """See ports.Uploads."""
        with self._open():
            decided = {each.number for each in self._outcomes.values()}
            found = (
                each
                for each in self._uploads.values()
                if each.at >= since and each.number not in decided
            )
            return tuple(found)[:limit]

    def add_outcome(self, outcome: Outcome) -> None:
        """See ports.Uploads."""
        with self._open():
            if checked(outcome).event in self._outcomes:
                raise StorageError(f"there is an outcome {outcome.event} already")
            self._outcomes[outcome.event] = outcome

    def outcome(self, number: str) -> Outcome | None:
        """See ports.Uploads."""
        with self._open():
            found = [each for each in self._outcomes.values() if each.number == number]
            return found[-1] if found else None

    def untold(self, since: datetime, limit: int = 1000) -> tuple[tuple[Upload, Outcome], ...]:
        """See ports.Uploads."""
        with self._open():
            found = [
                each
                for each in self._outcomes.values()
                if each.notify and each.at >= since and each.event not in self._deliveries
            ]
            return tuple(
                (self._uploads[each.number], each)
                for each in found[:limit]
                if each.number in self._uploads
            )

    def add_delivery(self, delivery: Delivery) -> None:
        """See ports.Uploads."""
        with self._open():
            self._deliveries.setdefault(checked(delivery).event, delivery)

    def forget_uploads(self, before: datetime) -> int:
        """See ports.Uploads."""
        with self._open():
            old = {number for number, each in self._uploads.items() if each.at < before}
            events = {e.event for e in self._outcomes.values() if e.number in old}
            for number in old:
                del self._uploads[number]
            for event in events:
                del self._outcomes[event]
                self._deliveries.pop(event, None)
            return len(old)

    def count(self, day: date, name: str, labels: Mapping[str, str], n: int) -> None:
        """See ports.Store."""
        self.add_counts([Counted(day, name, labels, n)])

    def add_counts(self, counts: Sequence[Counted]) -> None:
        """See ports.Store."""
        with self._open():
            for each in [checked(each) for each in counts]:
                key = (each.day, each.name, tuple(sorted(each.labels.items())))
                self._counts[key] = self._counts.get(key, 0) + each.n

    def counts(self, name: str, since: date) -> tuple[Counted, ...]:
        """See ports.Store."""
        with self._open():
            return tuple(
                Counted(day, named, dict(labels), n)
                for (day, named, labels), n in sorted(self._counts.items())
                if named == name and day >= since
            )

    def add_entries(self, entries: Sequence[CatalogueEntry]) -> None:
        """See ports.Store."""
        with self._open():
            self._change([checked(each) for each in entries])

    def entries(self, after: str = "", limit: int = 1000) -> tuple[CatalogueEntry, ...]:
        """See ports.Store."""
        with self._open():
            found = (each for key, each in sorted(self._entries.items()) if key > after)
            return tuple([each for each in found if not each.removed][:limit])

    def entry(self, ids: Collection[str]) -> dict[str, CatalogueEntry]:
        """See ports.Store."""
        with self._open():
            return {each: self._entries[each] for each in ids if each in self._entries}

    def remove_entries(self, ids: Collection[str], at: datetime) -> int:
        """See ports.Store."""
        with self._open():
            known = self.entry(ids).values()
            gone = [replace(each, removed=True, at=at) for each in known if not each.removed]
            self._change([checked(each) for each in gone])
            return len(gone)

    def entry_changes(
        self, since: int = 0, limit: int = 1000
    ) -> tuple[tuple[int, CatalogueEntry], ...]:
        """See ports.Store."""
        with self._open():
            return tuple(enumerate(self._changes[since : since + limit], since + 1))

    def together(
        self, calls: Sequence[Callable[[], object]]
    ) -> list[tuple[object, Exception | None]]:
        """See ports.Store."""
        done: list[tuple[object, Exception | None]] = []
        with self._open():
            for call in calls:
                before = {k: copy(v) for k, v in vars(self).items() if k != "_lock"}
                try:
                    done.append((call(), None))
                except Exception as error:  # noqa: BLE001 - handed to whoever asked
                    vars(self).update(before)
                    done.append((None, error))
        return done

    def release(self) -> None:
        """See ports.Store: nothing is held."""

    def close(self) -> None:
        """See ports.Store."""
        self._closed = True

    def _open(self) -> RLock:
        if self._closed:
            raise StorageError("the store is closed; open it again with open_store")
        return self._lock

    def _raise(self) -> int:
        self._generation += 1
        return self._generation

    def _change(self, entries: Sequence[CatalogueEntry]) -> None:
        self._changes.extend(entries)
        self._entries.update({each.id: each for each in entries})
        if entries:
            self._raise()


def refuse_key(key: ApiKey, known: Collection[ApiKey]) -> None:
    """Raise StorageError if the name is taken or the same key was ever used before."""
    if any(each.name == key.name and each.revoked is None for each in known):
        raise StorageError(
            f"there is a key '{key.name}' already; choose another name, or revoke that one first"
        )
    if any(each.digest == key.digest for each in known):
        raise StorageError(
            f"the key for '{key.name}' was used before; a key is never used twice, choose another"
        )


def no_key(name: str) -> StorageError:
    """The error for a name that no key in force has."""
    return StorageError(f"no key '{name}' is in force; `perisai keys list` shows the names")
