"""Sends requests to an agency: the case and the outbox are written together, or not at all."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from perisai.desk.improvements import domain
from perisai.desk.outbox import services as outbox
from perisai.desk.summons.services import TOKEN_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from perisai.desk.actors import Actor
    from perisai.desk.cases.state import Case
    from perisai.desk.house import House
    from perisai.storage.facts.records import NewFact


def send(
    house: House,
    actor: Actor,
    case: str,
    key: str,
    *,
    how: str,
    address: str,
    link: Callable[[str], str],
    reason: str | None = None,
    seen: int | None = None,
) -> str:
    """A request goes to its agency: return the token of its one-time link, which is shown once.

    It goes by e-mail where there is an ``address``, else by hand. ``link`` makes an address of a
    token. ``reason``: it was sent before, and came back. Raises NotAllowed, NotYet, Outdated.
    """

    def decide(known: Case) -> list[NewFact]:
        if reason is None:
            return domain.send(known, actor, key, how=how, door=door)
        return domain.send_again(known, actor, key, how=how, door=door, reason=reason)

    token = secrets.token_urlsafe(TOKEN_BYTES)
    door = hashlib.sha256(token.encode()).hexdigest()
    with house.together():
        known = house.change_case(case, actor, decide, seen=seen)
        message = outbox.put(
            house,
            actor,
            channel="email" if address else "hand",
            receiver=known.improvements[key].agency,
            address=address,
            subject=f"{case}/{key}",
            kind="request",
            about={"case": case, "item": key},
            secret=link(token) if address else "",
        )
        if reason is not None:
            outbox.replace_about(house, actor, case, key, message.id)
    return token
