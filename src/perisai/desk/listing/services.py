"""Makes the dry run, takes off what is sealed, and writes the list for whoever may have it."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max

from perisai.desk.actors import HOUSE, require
from perisai.desk.events import Event
from perisai.desk.listing import allowed, domain
from perisai.desk.listing.models import ListingRow
from perisai.desk.listing.state import AGREED, FREED, PROPOSED
from perisai.desk.outbox import services as outbox
from perisai.desk.permissions import Permission
from perisai.desk.withholding.models import WithholdingRow
from perisai.desk.withholding.sealing import is_sealed
from perisai.desk.withholding.state import SEALED
from perisai.errors import NotAllowed, NotYet, StorageError
from perisai.storage.facts.records import NewFact
from perisai.terms import Label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.gateway_store import GatewayStore
    from perisai.desk.house import House
    from perisai.desk.listing.state import Listing
    from perisai.settings import Settings
    from perisai.storage.facts.records import Fact

STREAM, LIST, KIND = "list:house", "house", "list"
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""How old a list says that it is with nothing on it: it is the same file each time, too."""
AT_A_PAGE, IN_A_MINUTE = 10.0, 40.0
"""Seconds for which a dry run is made while somebody waits for a page, and each minute beside."""
EXPORTS = 10
_LOG = logging.getLogger("perisai.desk")


def propose(
    house: House,
    actor: Actor,
    gateway: GatewayStore,
    key: str,
    sha256: str,
    category: str,
    reason: str,
) -> Case:
    """Write a proposal down, and begin its dry run. What is sealed in any case is refused."""

    def decided(case: Case) -> list[NewFact]:
        new = domain.propose(case, actor, sha256, category, reason)
        _require_unsealed(house, sha256)
        return new

    house.change_case(key, actor, decided)
    check(house, gateway, key, sha256)
    return house.case(key)


def agree(
    house: House,
    actor: Actor,
    gateway: GatewayStore,
    key: str,
    sha256: str,
    *,
    seen: int,
    saw_gap: bool,
) -> bool:
    """Agree to a proposal. False: its dry run had to be made again, and has to be read first.

    ``seen`` is the position of the case that the second person has looked at.
    """
    case = house.case(key)
    known = domain.may_agree(case, actor, sha256)
    lasts = timedelta(hours=gateway.settings.desk.dry_run_hours)
    generation = _generation(gateway)
    if domain.outdated(known, house.clock(), generation, lasts):
        if not check(house, gateway, key, sha256):
            raise NotYet("The dry run could not be finished now; it goes on each minute.")
        return False

    def decided(case: Case) -> list[NewFact]:
        new = domain.agree(
            case,
            actor,
            house.clock(),
            sha256,
            generation=generation,
            lasts=lasts,
            saw_gap=saw_gap,
        )
        _require_unsealed(house, sha256)
        return new

    house.change_case(key, actor, decided, seen=seen)
    return True


def check(
    house: House, gateway: GatewayStore, key: str, sha256: str, seconds: float = AT_A_PAGE
) -> bool:
    """Make the dry run of a proposal and write it down; whether that is done.

    Without time for everything, or with a gateway that cannot be asked now, nothing is written:
    the proposal waits, and nobody can agree to it.
    """
    case = house.case(key)
    known = case.listings.get(sha256)
    if known is None or known.standing != PROPOSED:
        return False
    try:
        found = _compared(house, gateway, case, known, seconds)
    except StorageError as error:
        _LOG.warning("a dry run waits: %s", type(error).__name__)
        return False
    if found is None:
        return False
    house.change_case(key, HOUSE, lambda now: domain.checked(now, sha256, known.number, found))
    return True


def check_waiting(house: House, gateway: GatewayStore) -> int:
    """Go on with dry runs for which a page had no time, oldest first; how many are done now."""
    waiting = ListingRow.objects.using(house.alias).filter(standing=PROPOSED, checked=None)
    rows = list(waiting.order_by("proposed", "sha256").values_list("case", "sha256"))
    return sum(check(house, gateway, key, sha256, IN_A_MINUTE) for key, sha256 in rows)


def ended(house: House, fact: Fact) -> None:
    """A file was sealed or freed, in a case or for a complaint: it goes off the list everywhere."""
    why = FREED if fact.kind == Event.SAMPLE_FREED else SEALED
    sha256, here = fact.data.get("sha256", ""), fact.stream.removeprefix("case:")
    rows = ListingRow.objects.using(house.alias).filter(sha256=sha256).exclude(case=here)
    for key in sorted(set(rows.values_list("case", flat=True))):
        house.change_case(key, HOUSE, lambda case: domain.ended_elsewhere(case, sha256, why))


def export(house: House, settings: Settings, actor: Actor | None) -> tuple[bytes, int]:
    """The list as ``perisai lists import`` reads it, and how many samples are on it.

    ``actor`` is None for who sits at the machine itself. What is handed out is a fact, with the
    SHA-256 of the file, before anybody has it; the same list is the same file. Of another one than
    the last time the receivers in the settings are told.
    """
    if actor is not None:
        require(actor, Permission.LIST_EXPORT)
    with transaction.atomic(using=house.alias):
        house.log.hold()
        agreed = _agreed(house)
        data = _written(agreed, settings.desk.name, _changed(house))
        digest = hashlib.sha256(data).hexdigest()
        told = {"entries": len(agreed), "file": digest}
        if all(each.data["file"] != digest for each in exports(house)[:1]):
            _tell(house, settings, actor or HOUSE, told)
        new = [NewFact(Event.LISTING_EXPORTED, told)]
        house.log.append(STREAM, new, by=(actor or HOUSE).by, at=house.clock())
    return data, len(agreed)


def exports(house: House) -> list[Fact]:
    """The last times that the list was handed out, newest first."""
    return list(house.log.stream(STREAM))[: -EXPORTS - 1 : -1]


def _tell(house: House, settings: Settings, actor: Actor, told: Mapping[str, Any]) -> None:
    """Put a message about a new version into the outbox, for each receiver; not the list itself."""
    at = house.clock().isoformat(timespec="seconds")
    for receiver in settings.desk.list_receivers:
        outbox.put(
            house,
            actor,
            channel="webhook",
            receiver=receiver,
            address=receiver,
            subject=f"Daftar blokir baru: {told['file'][:12]}",
            kind=KIND,
            payload={"name": settings.desk.name, **told, "at": at},
        )


def _changed(house: House) -> datetime | None:
    """When the newest sample came onto the list: so old does the list say that it is."""
    rows = ListingRow.objects.using(house.alias).filter(standing=AGREED)
    newest: datetime | None = rows.aggregate(newest=Max("agreed"))["newest"]
    return newest


def _agreed(house: House) -> list[tuple[str, dict[str, Any]]]:
    """The samples on the list, each once, with the hashes that are kept of them."""
    rows = ListingRow.objects.using(house.alias).filter(standing=AGREED)
    gone = WithholdingRow.objects.using(house.alias).filter(what=SEALED).values("sha256")
    found: dict[str, dict[str, Any]] = {}
    keys = rows.exclude(sha256__in=gone).values_list("case", flat=True)
    for key in sorted(set(keys)):
        case = house.case(key)
        for sample in case.samples:
            known = case.listings.get(sample.sha256)
            if known and known.standing == AGREED and not sample.sealed:
                found.setdefault(sample.sha256, dict(sample.prints))
    hidden = set(gone.filter(sha256__in=list(found)).values_list("sha256", flat=True))
    return sorted((sha256, prints) for sha256, prints in found.items() if sha256 not in hidden)


def _written(
    agreed: list[tuple[str, dict[str, Any]]], source: str, changed: datetime | None
) -> bytes:
    from perisai.desk.listing import prints  # noqa: PLC0415 - loads NumPy
    from perisai.matching.lists import ListStore, Sharing  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="perisai-") as folder:
        store = ListStore(Path(folder), who="perisai")
        store.create(
            LIST,
            source=source,
            label=Label.LISTED,
            sharing=Sharing.PARTNERS,
            created=changed or BEGINNING,
        )
        for sha256, kept in agreed:
            store.add(LIST, prints.entries(sha256, kept))
        return "".join(store.export_lines(LIST, "json")).encode()


def _compared(
    house: House, gateway: GatewayStore, case: Case, known: Listing, seconds: float
) -> dict[str, Any] | None:
    from perisai.desk.listing import prints  # noqa: PLC0415 - loads NumPy

    store = gateway.open()
    if store is None:
        empty = {"compared": 0, "unread": 0, "hits": 0, "items": []}
        return {"gateway": False, "generation": None, **empty}
    try:
        generation = store.generation()  # before the items: what comes meanwhile is seen later
        items = allowed.items(store)
    finally:
        store.release()
    sample = next(each for each in case.samples if each.sha256 == known.sha256)
    unread: frozenset[str] | None = frozenset()
    if prints.pictures(sample.prints):
        unread = allowed.read(gateway, [each.sha256 for each in items], house.alias, seconds)
    if unread is None:
        return None
    entries = list(prints.entries(sample.sha256, sample.prints))
    hits = allowed.hits(entries, items, house.alias)
    missed = sum(each.sha256 in unread for each in items)
    return {
        "gateway": True,
        "generation": generation,
        "compared": len(items) - missed,
        "unread": missed,
        "hits": len(hits),
        "items": hits[: allowed.NAMED],
    }


def _generation(gateway: GatewayStore) -> int | None:
    try:
        store = gateway.open()
        if store is None:
            return None
        try:
            return store.generation()
        finally:
            store.release()
    except StorageError as error:
        raise NotYet("The gateway cannot be asked now; try again in a moment.") from error


def _require_unsealed(house: House, sha256: str) -> None:
    if is_sealed(sha256, house.alias):
        raise NotAllowed(domain.IS_SEALED)
