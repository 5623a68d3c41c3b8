"""Whether a preview is kept, which step of it somebody may open, when it goes. No bytes here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from perisai.desk.actors import require
from perisai.desk.cases.domain import read
from perisai.desk.events import Event
from perisai.desk.opinions import domain as opinions
from perisai.desk.permissions import Permission
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact
from perisai.terms import Label

if TYPE_CHECKING:
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.evidence import Sample
    from perisai.desk.cases.state import Case
    from perisai.desk.previews.state import Preview

BLURRED, GREY, LARGER, COLOUR, OTHERS = range(1, 6)
"""The steps: each shows more than the one before, and none is passed over."""
SITTING = timedelta(minutes=10)
"""Who comes back later than that begins with the first step again."""
SEALED, OVER, LOST, OFF = REASONS = ("sealed", "over", "lost", "off")
"""Why a preview went: what it shows was sealed, its day came, its bytes are not there, or the house
keeps none any more.
"""


def fit(sample: Sample) -> bool:
    """Whether a preview of this sample may ever be made or shown."""
    abuse = any(each.get("label") == Label.ABUSE for each in sample.findings)
    return not (sample.sealed or sample.error or abuse)


def may_keep(case: Case, actor: Actor, sha256: str) -> bool:
    """Whether a preview of what this actor has screened is to be kept. Raises NotAllowed."""
    require(actor, Permission.SAMPLE_SCREEN, case.conflicted)
    found = [each for each in case.samples if each.sha256 == sha256]
    return bool(found) and fit(found[0]) and sha256 not in case.previews


def kept(
    case: Case, actor: Actor, sha256: str, *, frames: int, box: str, key: str, until: datetime
) -> list[NewFact]:
    """A preview is kept until a day; nothing if it may not be, for it may have been sealed since.

    ``box`` and ``key`` name its bytes and what they are encrypted with.
    """
    if not may_keep(case, actor, sha256):
        return []
    (sample,) = (each for each in case.samples if each.sha256 == sha256)
    told = {
        "sha256": sha256,
        "complaint": sample.complaint,
        "frames": frames,
        "until": until.isoformat(),
        "box": box,
        "key": key,
    }
    return [NewFact(Event.PREVIEW_KEPT, told)]


def sample_of(case: Case, actor: Actor, sha256: str) -> Sample:
    """A sample that this actor may look at. Raises NotAllowed or NotYet.

    Who has to give a second opinion may, before the case opens to them.
    """
    require(actor, Permission.PREVIEW_OPEN, case.conflicted)
    if opinions.blind(case, actor):
        opinions.look(case, actor)
    else:
        read(case, actor)
    found = [each for each in case.samples if each.sha256 == sha256 and not each.sealed]
    if not found:
        raise NotYet("There is no such sample in this case.")
    return found[0]


def preview_of(case: Case, actor: Actor, sha256: str) -> Preview:
    """The preview of a sample, if there still is one. Raises NotAllowed or NotYet."""
    sample = sample_of(case, actor, sha256)
    found = case.previews.get(sha256)
    if found is None or not fit(sample):
        raise NotYet("No preview of this file is kept.")
    if found.purged:
        raise NotYet("The preview of this file was deleted.")
    return found


def last(preview: Preview) -> int:
    """The last step of a preview: where there is one frame, there are no others."""
    return OTHERS if preview.frames > 1 else COLOUR


def reached(preview: Preview, actor: Actor, now: datetime) -> int:
    """The step that this actor has come to in this sitting; 0 for who has yet to begin."""
    found = preview.reached.get(actor.name)
    return found.step if found and now - found.at < SITTING else 0


def opened(
    case: Case,
    actor: Actor,
    now: datetime,
    sha256: str,
    step: int,
    *,
    seconds: int,
    looked: timedelta,
    limit: timedelta | None,
) -> list[NewFact]:
    """Somebody opens a step: the next one, or one that they have seen.

    ``seconds`` is how long the look counts at most, ``looked`` how long they have looked today.
    Raises NotAllowed, or NotYet: for a step that is passed over, and when the day's limit is
    reached.
    """
    found = preview_of(case, actor, sha256)
    if found.until <= now:
        raise NotYet("The preview of this file was deleted.")
    if is_enough(looked, limit):
        raise NotYet("That is enough for today. Rest your eyes; a colleague goes on.")
    if not 1 <= step <= min(last(found), reached(found, actor, now) + 1):
        raise NotYet("A picture opens step by step. Begin with the first one.")
    return [NewFact(Event.PREVIEW_OPENED, {"sha256": sha256, "step": step, "seconds": seconds})]


def is_enough(looked: timedelta, limit: timedelta | None) -> bool:
    """Whether nothing opens any more today."""
    return limit is not None and looked >= limit


def closed(case: Case, actor: Actor, sha256: str) -> list[NewFact]:
    """Somebody puts a preview away: the next look begins with the first step."""
    found = preview_of(case, actor, sha256)
    if actor.name not in found.reached:
        return []
    return [NewFact(Event.PREVIEW_CLOSED, {"sha256": sha256})]


def purged(case: Case, sha256: str, why: str) -> list[NewFact]:
    """The house destroys a preview; nothing if it is gone."""
    found = case.previews.get(sha256)
    if found is None or found.purged:
        return []
    return [NewFact(Event.PREVIEW_PURGED, {"sha256": sha256, "why": why})]
