"""Keeps previews encrypted for some days, gives out one step at a time, and destroys them.

As with documents that are attached, destroying the key is part of the transaction with the fact;
the bytes go as soon as that is done, and whatever a crash left goes with the next purge.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from perisai.desk import boxes
from perisai.desk.actors import HOUSE
from perisai.desk.previews import domain, minutes
from perisai.desk.previews.models import PreviewRow, ViewRow
from perisai.desk.withholding.sealing import is_sealed
from perisai.errors import MediaError, NotYet, ObjectMissing, StorageError
from perisai.storage.objects.folder import FolderObjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from django.db.models import QuerySet

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.settings import Settings
    from perisai.storage.facts.records import Fact, NewFact
    from perisai.storage.objects import ObjectStore

FOLDER = "previews"
_LOG = logging.getLogger("perisai.desk")


@dataclass(frozen=True, slots=True)
class Looking:
    """How long somebody has looked today, and may look in a day; None: as long as they need."""

    today: timedelta
    limit: timedelta | None

    @property
    def minutes(self) -> int:
        """Whole minutes of today."""
        return int(self.today.total_seconds() // 60)

    @property
    def most(self) -> int:
        """Minutes of the limit; 0 without one."""
        return int(self.limit.total_seconds() // 60) if self.limit else 0

    @property
    def high(self) -> int:
        """From when on the limit is near."""
        return self.most * 3 // 4

    @property
    def enough(self) -> bool:
        """Whether nothing opens any more today."""
        return domain.is_enough(self.today, self.limit)


def store_in(settings: Settings) -> ObjectStore:
    """Where the encrypted bytes lie. ``perisai backup`` leaves this folder out, on purpose."""
    return FolderObjects(settings.home / FOLDER)


def keep(
    house: House,
    settings: Settings,
    actor: Actor,
    key: str,
    data: bytes,
    found: Mapping[str, Any],
) -> bool:
    """Keep a preview of a file that was screened for a case just now; return whether one is kept.

    ``found`` is what was written down of it. None is kept of what is sealed or could not be
    screened, of a file that is sealed in another case, or where ``desk.preview_days`` is 0. That
    one could not be made or kept takes nothing from what was screened. Raises NotAllowed.
    """
    days, sha256 = settings.desk.preview_days, found["sha256"]
    store = house.previews
    if not days or store is None or not domain.may_keep(house.case(key), actor, sha256):
        return False
    from perisai.desk.previews import pictures  # noqa: PLC0415 - only who screens decodes

    try:
        wanted = (each["frame"] for each in found["findings"] if each["frame"] is not None)
        frames = pictures.made(settings, data, wanted)
        packed = pictures.packed(frames)
        return _kept(house, store, actor, key, sha256, packed, len(frames), days)
    except (MediaError, StorageError) as error:
        _LOG.warning("no preview could be kept: %s", type(error).__name__)
        return False


def _kept(
    house: House,
    store: ObjectStore,
    actor: Actor,
    key: str,
    sha256: str,
    data: bytes,
    frames: int,
    days: int,
) -> bool:
    with transaction.atomic(using=house.alias):
        house.log.hold()
        case = house.case(key)
        if not domain.may_keep(case, actor, sha256) or _is_sealed(house, case, sha256):
            return False
        box = boxes.closed(house, data)
        until = house.clock() + timedelta(days=days)
        new = domain.kept(
            case, actor, sha256, frames=frames, box=box.name, key=box.key, until=until
        )
        # The bytes are there before the fact is: a full disk keeps both away.
        store.put(box.name, box.data)
        house.write_case(case, new, actor)
    return True


def _is_sealed(house: House, case: Case, sha256: str) -> bool:
    """Whether what a sample came with is sealed, or the same file is, wherever it was named."""
    (sample,) = (each for each in case.samples if each.sha256 == sha256)
    if sample.complaint and house.complaint(sample.complaint).sealed:
        return True
    return is_sealed(sha256, house.alias)


def look(
    house: House, settings: Settings, actor: Actor, key: str, sha256: str, step: int
) -> list[bytes]:
    """The pictures of one step, as JPEG; that it was opened is written down before.

    Raises NotAllowed, NotYet, or StorageError if it is not what was kept.
    """
    from perisai.desk.previews import pictures  # noqa: PLC0415 - only who looks draws

    store = house.previews
    if store is None:
        raise NotYet("No preview of this file is kept.")
    with transaction.atomic(using=house.alias):
        house.log.hold()
        now, time = house.clock(), looking(house, settings, actor)
        known = house.change_case(
            key,
            actor,
            lambda case: domain.opened(
                case,
                actor,
                now,
                sha256,
                step,
                seconds=settings.desk.look_seconds,
                looked=time.today,
                limit=time.limit,
            ),
        )
        found = known.previews[sha256]
        try:
            data = boxes.opened(house, store, found.key, found.box)
        except ObjectMissing:
            data = None  # as after a backup was restored
        if data is None:
            raise NotYet("The preview of this file was deleted.")
    return pictures.drawn(pictures.unpacked(data), step)


def put_away(house: House, actor: Actor, key: str, sha256: str) -> None:
    """Somebody has seen enough. Raises NotAllowed or NotYet."""
    house.change_case(key, actor, lambda case: domain.closed(case, actor, sha256))


def looking(house: House, settings: Settings, actor: Actor) -> Looking:
    """How long somebody has looked today, in the zone of the house."""
    chosen, now = settings.desk, house.clock()
    zone = ZoneInfo(chosen.zone)
    rows = ViewRow.objects.using(house.alias).filter(person=actor.name)
    acts = rows.filter(at__gte=minutes.midnight(now, zone)).order_by("at", "number")
    spans = minutes.by_day(acts.values_list("at", "seconds"), zone, now)
    limit = timedelta(minutes=chosen.viewing_minutes) if chosen.viewing_minutes else None
    return Looking(sum(spans.values(), minutes.NOTHING), limit)


# ---- what is gone


def sample_sealed(house: House, fact: Fact) -> None:
    """A file was sealed: its previews go with it, in whatever case they are kept."""
    _purge(house, _live(house).filter(sha256=fact.data["sha256"]), domain.SEALED)


def complaint_sealed(house: House, fact: Fact) -> None:
    """A complaint was sealed: previews go of what came with it, and of the file that it names."""
    its = Q(complaint=fact.stream.removeprefix("complaint:"))
    if named := fact.data.get("sha256", ""):
        its |= Q(sha256=named)
    _purge(house, _live(house).filter(its), domain.SEALED)


def purge_due(house: House, settings: Settings) -> int:
    """Destroy what was kept long enough, and bytes that were left; return how many went.

    Where ``desk.preview_days`` is 0 none is kept any more.
    """
    store = house.previews
    if store is None:
        return 0
    now = house.clock()
    count = _purge(house, _live(house).filter(until__lte=now), domain.OVER)
    if not settings.desk.preview_days:
        count += _purge(house, _live(house), domain.OFF)
    left = _live(house).values_list("row", "box")
    lost = [row for row, box in left if store.size(box) is None]
    count += _purge(house, _live(house).filter(row__in=lost), domain.LOST) if lost else 0
    rows = PreviewRow.objects.using(house.alias).filter(purged__gt=now - boxes.AGAIN)
    for box in rows.values_list("box", flat=True):
        store.delete(box)
    return count


def _live(house: House) -> QuerySet[PreviewRow]:
    return PreviewRow.objects.using(house.alias).filter(purged=None)


def _purge(house: House, rows: QuerySet[PreviewRow], why: str) -> int:
    """Destroy keys and write that down, all in one transaction; then the bytes."""
    if not rows.exists():
        return 0
    with transaction.atomic(using=house.alias):
        house.log.hold()
        gone = sorted(rows.values_list("case", "sha256"))
        for key, sha256 in gone:
            case = house.case(key)
            new = domain.purged(case, sha256, why)
            house.write_case(case, _destroyed(house, case, new), HOUSE)
    return len(gone)


def _destroyed(house: House, case: Case, new: Iterable[NewFact]) -> list[NewFact]:
    facts = list(new)
    for fact in facts:
        found = case.previews[fact.data["sha256"]]
        house.people.erase(found.key)
        if house.previews is not None:
            gone = functools.partial(_forget, house.previews, found.box)
            transaction.on_commit(gone, using=house.alias)
    return facts


def _forget(store: ObjectStore, box: str) -> None:
    """Delete bytes that nobody can read any more; where that fails, the next purge does it."""
    try:
        store.delete(box)
    except StorageError as error:
        _LOG.warning("bytes of a preview wait to be deleted: %s", type(error).__name__)
