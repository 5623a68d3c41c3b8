"""Sends letters: the case, its clock and the outbox are written together, or not at all."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from django.db import transaction

from perisai.desk.outbox import services as outbox
from perisai.desk.summons import domain

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House

TOKEN_BYTES = 24


def send(
    house: House,
    actor: Actor,
    key: str,
    letter: str,
    *,
    how: str,
    reply_by: datetime,
    link: Callable[[str], str],
    seen: int | None = None,
) -> str:
    """A letter leaves the house: return the token of its one-time link, which is shown once.

    It goes by e-mail where the letter has the receiver's address, else by hand. ``link`` makes an
    address of a token. Raises NotAllowed, NotYet, Outdated.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    door = hashlib.sha256(token.encode()).hexdigest()
    with transaction.atomic(using=house.alias):
        case = house.change_case(
            key,
            actor,
            lambda known: domain.send(
                known, actor, letter, house.clock(), how=how, door=door, reply_by=reply_by
            ),
            seen=seen,
        )
        _put(house, actor, case, letter, link(token))
    return token


def _put(house: House, actor: Actor, case: Case, letter: str, link: str) -> None:
    summons = case.summons[letter]
    address = str(summons.letter.get("email") or "")
    outbox.put(
        house,
        actor,
        channel="email" if address else "hand",
        receiver=str(summons.letter.get("recipient", "")),
        address=address,
        subject=summons.number,
        kind="letter",
        about={"case": case.id, "item": letter},
        secret=link if address else "",
    )
