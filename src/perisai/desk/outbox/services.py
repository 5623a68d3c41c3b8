"""Puts messages into the outbox, and writes down what became of them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction

from perisai.desk.actors import HOUSE
from perisai.desk.cases.models import ConflictRow
from perisai.desk.outbox import domain, rows, state
from perisai.desk.outbox.models import MessageRow
from perisai.errors import NotAllowed, NotYet

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from perisai.desk.actors import Actor
    from perisai.desk.house import House
    from perisai.desk.outbox.state import Message
    from perisai.storage.facts.records import NewFact


def put(
    house: House,
    actor: Actor,
    *,
    channel: str,
    receiver: str,
    subject: str,
    kind: str,
    about: Mapping[str, str] | None = None,
    address: str = "",
    payload: Mapping[str, Any] | None = None,
    secret: str = "",
) -> Message:
    """Write down that something is to leave the house; whoever calls holds the transaction.

    ``channel`` is ``email`` (``address`` is where to), ``webhook`` (``address`` is the name of a
    receiver in the settings) or ``hand``. ``kind`` names what it is: ``contents.MAKERS`` makes
    texts and files of it. ``about`` may have ``case`` and ``item``, by which it is found again.
    ``payload`` stands in the facts for everybody who may read them: nothing sealed may be in it.
    ``secret`` is encrypted under a key of this message's own, which is destroyed when the receiver
    has acknowledged. Whether it may leave was decided by what caused it. Raises StorageError.
    """
    key = f"o-{secrets.token_hex(8)}"
    with transaction.atomic(using=house.alias):
        sealed = None
        if secret:
            sealed = house.people.seal(house.people.new(house.clock()), secret)
        fact = domain.put(
            channel=channel,
            receiver=receiver,
            address=address,
            subject=subject,
            kind=kind,
            about=about or {},
            payload=payload or {},
            secret=sealed,
        )
        return _write(house, state.Message(key), [fact], actor)


def message(house: House, key: str) -> Message:
    """The message with this number. Raises NotYet if there is none."""
    found = state.fold(key, house.log.stream(f"outbox:{key}"))
    if found.put is None:
        raise NotYet("There is no such message.")
    return found


def change(
    house: House, key: str, actor: Actor, decide: Callable[[Message], list[NewFact]]
) -> Message:
    """Let the domain decide on a message as it stands, and write what comes of it."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        known = message(house, key)
        return _write(house, known, decide(known), actor)


def due(house: House, channels: Collection[str], *, now: bool = False) -> list[tuple[str, str]]:
    """Receiver and number of each message to be tried, the longest waiting first.

    ``now``: also those that wait after a failure, or that somebody may be trying.
    """
    found = MessageRow.objects.using(house.alias).filter(channel__in=channels)
    found = found.exclude(due=None) if now else found.filter(due__lte=house.clock())
    return [(row.receiver, row.id) for row in found.order_by("due", "id")]


def secret(house: House, known: Message) -> str:
    """What was sealed with it; empty if nothing was, or no longer."""
    return (house.people.open(known.secret) or "") if known.secret else ""


def urge(house: House, key: str, actor: Actor) -> Message:
    """Try it now. Raises NotAllowed or NotYet."""
    _no_party(house, message(house, key), actor)
    return change(house, key, actor, lambda known: domain.urge(known, actor))


def record(house: House, key: str, actor: Actor, how: str) -> Message:
    """An officer knows that the receiver has it; the case of a letter is told, too."""
    _no_party(house, message(house, key), actor)
    with transaction.atomic(using=house.alias):
        known = change(house, key, actor, lambda known: domain.record(known, actor, how))
        case, item = known.about.get("case", ""), known.about.get("item", "")
        if known.kind == "letter":
            from perisai.desk.summons import domain as summons  # noqa: PLC0415 - it puts here

            house.change_case(case, actor, lambda c: summons.acknowledge(c, item, known.how))
        return known


def acknowledge_about(house: House, case: str, item: str, how: str) -> None:
    """The receiver has what was sent about this part of a case, as the case was told."""
    found = MessageRow.objects.using(house.alias).filter(case=case, item=item, acknowledged=None)
    for key in list(found.values_list("id", flat=True)):
        change(house, key, HOUSE, lambda known: domain.acknowledged(known, how))


def unreceived(house: House, case: str) -> frozenset[str]:
    """The parts of a case that were sent, and of which nobody has said that they arrived."""
    found = MessageRow.objects.using(house.alias).filter(case=case).exclude(standing__in=state.OVER)
    return frozenset(found.values_list("item", flat=True))


def way_of(house: House, case: str, item: str) -> tuple[str, str]:
    """Channel and address of what was sent last about this part of a case; else by hand."""
    found = MessageRow.objects.using(house.alias).filter(case=case, item=item)
    last = found.order_by("-put", "-id").first()
    known = message(house, last.id) if last else None
    return (known.channel, known.address) if known else ("hand", "")


def replace_about(house: House, actor: Actor, case: str, item: str, by: str) -> None:
    """The message ``by`` is sent instead of what was sent about this part of a case before.

    Raises NotYet if the receiver has one of these, or one is being sent at this moment.
    """
    found = MessageRow.objects.using(house.alias).filter(case=case, item=item).exclude(id=by)
    for key in list(found.values_list("id", flat=True)):
        change(house, key, actor, lambda known: domain.replaced(known, house.clock(), by))


def _no_party(house: House, known: Message, actor: Actor) -> None:
    parties = ConflictRow.objects.using(house.alias).filter(case=known.about.get("case", ""))
    if parties.filter(name=actor.name).exists():
        raise NotAllowed("You are named as a party to this case; somebody else must do this.")


def _write(house: House, known: Message, new: list[NewFact], actor: Actor) -> Message:
    written = house.log.append(
        f"outbox:{known.id}", new, by=actor.by, at=house.clock(), after=known.position
    )
    for fact in written:
        known = state.after(known, fact)
    if written:
        rows.of_message(known).save(using=house.alias)
    if known.over and known.secret:
        house.people.erase(known.secret["person"])
    return known
