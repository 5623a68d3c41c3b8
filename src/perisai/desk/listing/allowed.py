"""The dry run: what of this house's allowed items a new entry of the list would block.

Items are compared as screening would do it: all hashes of every displayed frame, at the distance
at which a list matches. Each item is decoded once; its hashes are kept.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perisai.desk.listing.models import ItemHashRow
from perisai.errors import MediaError, ObjectMissing
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from perisai.desk.gateway_store import GatewayStore
    from perisai.matching.lists import Entry
    from perisai.storage.ports import Store

AT_ONCE = 500
NAMED = 20
"""Hits that are written down one by one; all are counted."""
BYTES = 32


@dataclass(frozen=True, slots=True)
class Item:
    """Something that this house's gateway may show."""

    upstream: str
    key: str
    title: str
    sha256: str


def items(store: Store) -> list[Item]:
    """The items of the catalogue, and those of others that a person approved.

    What a person has withheld is not among them.
    """
    found = [*_catalogue(store), *_approved(store)]
    withheld: set[str] = set()
    shas = sorted({each.sha256 for each in found})
    for start in range(0, len(shas), AT_ONCE):
        said = store.opinions(shas[start : start + AT_ONCE])
        for sha256, opinions in said.items():
            last = [each for each in opinions if each.label is Label.EXPLICIT][-1:]
            withheld |= {sha256} if last and last[0].score > 0 else set()
    return [each for each in found if each.sha256 not in withheld]


def _catalogue(store: Store) -> Iterator[Item]:
    after = ""
    while page := store.entries(after, AT_ONCE):
        for entry in page:
            yield Item("catalogue", entry.id, entry.title, entry.sha256)
        after = page[-1].id


def _approved(store: Store) -> Iterator[Item]:
    last = {
        (each.upstream, each.key): each
        for each in store.all_approvals()
        if each.kind == "item" and each.upstream != "catalogue"
    }
    for each in last.values():
        if each.bands and each.sha256:
            yield Item(each.upstream, each.key, "", each.sha256)


def read(
    gateway: GatewayStore, wanted: Collection[str], alias: str, seconds: float
) -> frozenset[str] | None:
    """Have hashes of all these items; return those that cannot be read.

    None if time was over before all were done: what was done stays, and the next call goes on.
    """
    from perisai.screening.fingerprint import Fingerprinter  # noqa: PLC0415 - loads NumPy

    rows = ItemHashRow.objects.using(alias)
    known = dict(rows.values_list("sha256", "readable"))
    unread = {sha256 for sha256 in wanted if known.get(sha256) is False}
    missing = sorted(set(wanted) - known.keys())
    if not missing:
        return frozenset(unread)
    objects, until = gateway.objects(), time.monotonic() + seconds
    with Fingerprinter(gateway.settings, jobs=1) as fingerprinter:
        for sha256 in missing:
            if time.monotonic() > until:
                return None
            try:
                hashes = fingerprinter.shown(objects.get(sha256))
            except ObjectMissing:
                unread.add(sha256)  # it may be there again next time
                continue
            except MediaError:
                unread.add(sha256)
                row = ItemHashRow(sha256=sha256, hashes=b"", readable=False)
            else:
                row = ItemHashRow(sha256=sha256, hashes=hashes.tobytes(), readable=True)
            rows.bulk_create([row], ignore_conflicts=True)  # another process may have been here
    return frozenset(unread)


def hits(entries: Sequence[Entry], found: Sequence[Item], alias: str) -> list[dict[str, Any]]:
    """The items that a list with these entries would block, each with the nearest distance."""
    from perisai.matching.lists import ListStore  # noqa: PLC0415 - loads NumPy

    by_file: dict[str, list[Item]] = {}
    for each in found:
        by_file.setdefault(each.sha256, []).append(each)
    near: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="perisai-") as folder:
        store = ListStore(Path(folder), who="perisai")
        store.create("dry-run", source="dry run", label=Label.LISTED)
        store.add("dry-run", entries)
        with store.matcher(["dry-run"]) as matcher:
            for sha256 in by_file:
                if matcher.match_file(sha256, "0" * 32):
                    near[sha256] = 0
            shas = sorted(by_file)
            for start in range(0, len(shas), AT_ONCE):
                for sha256, distance in _nearest(matcher, shas[start : start + AT_ONCE], alias):
                    near[sha256] = min(near.get(sha256, distance), distance)
    ordered = sorted(near, key=lambda sha256: (near[sha256], sha256))
    return [
        {
            "upstream": item.upstream,
            "item": item.key,
            "title": item.title[:100],
            "sha256": sha256,
            "distance": near[sha256],
        }
        for sha256 in ordered
        for item in by_file[sha256]
    ]


def _nearest(matcher: Any, shas: Sequence[str], alias: str) -> Iterator[tuple[str, int]]:  # noqa: ANN401 - its type loads NumPy
    import numpy as np  # noqa: PLC0415 - only here

    rows = ItemHashRow.objects.using(alias).filter(sha256__in=shas, readable=True)
    owners: list[str] = []
    parts: list[bytes] = []
    for sha256, hashes in rows.values_list("sha256", "hashes"):
        parts.append(bytes(hashes))
        owners += [sha256] * (len(parts[-1]) // BYTES)
    if owners:
        stacked = np.frombuffer(b"".join(parts), np.uint8).reshape(-1, BYTES)
        for match in matcher.match_frames(stacked):
            yield owners[match.row], match.distance
