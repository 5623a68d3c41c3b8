"""What may become of a message. Times and chance are given, nothing is sent from here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from perisai.desk.actors import require
from perisai.desk.events import Event
from perisai.desk.outbox.state import CHANNELS
from perisai.desk.permissions import Permission
from perisai.desk.summons.letters import plain
from perisai.errors import NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perisai.desk.actors import Actor
    from perisai.desk.outbox.state import Message

LINE = 200
HAS_IT = "The receiver has it already; nothing is sent again."
REPLACED = "Another one was sent instead of this."
LONGEST_TRY = timedelta(minutes=3)
"""After so long whoever tried is taken to be dead; no channel waits as long."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)


def put(
    *,
    channel: str,
    receiver: str,
    address: str,
    subject: str,
    kind: str,
    about: Mapping[str, str],
    payload: Mapping[str, Any],
    secret: Mapping[str, str] | None,
) -> NewFact:
    """Something is to leave the house. Raises ValueError for a channel that there is not."""
    if channel not in CHANNELS:
        raise ValueError(f"{channel} is no channel; use one of: {', '.join(CHANNELS)}")
    told = {
        "channel": channel,
        "receiver": plain.line(receiver)[:LINE],
        "address": plain.line(address)[:LINE],
        "subject": plain.line(subject)[:LINE],
        "kind": kind,
        "about": dict(about),
        "payload": dict(payload),
        "secret": None if secret is None else dict(secret),
    }
    return NewFact(Event.OUTBOX_PUT, told)


def begin(message: Message, now: datetime, *, urged: bool = False) -> list[NewFact]:
    """Somebody tries to deliver it now, and nobody else does meanwhile; nothing if not due.

    It is written down before anything is sent: who is killed in between has tried, too.
    """
    if message.due is None or (message.due > now and not urged):
        return []
    until = now + LONGEST_TRY
    told = {"attempt": message.attempts + 1, "until": until.isoformat()}
    return [NewFact(Event.OUTBOX_TRIED, told)]


def delivered(message: Message, how: str) -> list[NewFact]:
    """The mail server or the receiver's machine took it; nobody has said yet that they have it."""
    if message.over or message.delivered:
        return []
    return [NewFact(Event.OUTBOX_DELIVERED, {"how": how})]


def failed(message: Message, now: datetime, why: str, spread: float) -> list[NewFact]:
    """It could not be delivered; it is tried again later. ``spread`` lies in 0..1."""
    if message.over or message.delivered:
        return []
    again = now + pause(message.attempts, spread)
    return [NewFact(Event.OUTBOX_FAILED, {"why": why[:LINE], "again": again.isoformat()})]


def pause(attempts: int, spread: float) -> timedelta:
    """How long to wait after so many tries: twice as long each time, a half more or less."""
    doubled: timedelta = FIRST_PAUSE * (1 << min(max(attempts, 1) - 1, 20))
    return min(doubled, LONGEST_PAUSE) * (0.5 + spread)


def acknowledged(message: Message, how: str) -> list[NewFact]:
    """The receiver has it. It is written down once, however often the receiver says so."""
    if message.over:
        return []
    return [NewFact(Event.OUTBOX_ACKNOWLEDGED, {"how": how})]


def replaced(message: Message, now: datetime, by: str) -> list[NewFact]:
    """Another message, ``by``, is sent instead of it, and this one never again.

    Raises NotYet if the receiver has it, or somebody is sending it at this moment.
    """
    if message.acknowledged:
        raise NotYet(HAS_IT)
    if message.replaced:
        return []
    if message.trying and message.due is not None and message.due > now:
        raise NotYet("It is being sent at this moment; try again in a few minutes.")
    return [NewFact(Event.OUTBOX_REPLACED, {"by": by})]


def urge(message: Message, actor: Actor) -> list[NewFact]:
    """An officer wants it tried now, once more if it was delivered: it keeps its number."""
    require(actor, Permission.OUTBOX_RECORD)
    if message.acknowledged:
        raise NotYet(HAS_IT)
    if message.replaced:
        raise NotYet(REPLACED)
    if message.channel == "hand":
        raise NotYet("This is carried by hand; write down how the receiver got it.")
    return [NewFact(Event.OUTBOX_URGED, {})]


def record(message: Message, actor: Actor, how: str) -> list[NewFact]:
    """An officer knows that the receiver has it: by hand, by telephone, by a returned slip."""
    require(actor, Permission.OUTBOX_RECORD)
    if message.replaced:
        raise NotYet(REPLACED)
    if not how.strip():
        raise NotYet("Write down how the receiver got it, and how you know.")
    return acknowledged(message, plain.line(how)[:LINE])
