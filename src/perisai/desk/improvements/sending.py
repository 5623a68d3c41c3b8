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
    from perisai.desk.house import House


def send(
    house: House,
    actor: Actor,
    case: str,
    key: str,
    *,
    how: str,
    address: str,
    link: Callable[[str], str],
    seen: int | None = None,
) -> str:
    """A request goes to its agency: return the token of its one-time link, which is shown once.

    It goes by e-mail where there is an ``address``, else by hand. ``link`` makes an address of a
    token. Raises NotAllowed, NotYet, Outdated.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    door = hashlib.sha256(token.encode()).hexdigest()
    with house.together():
        known = house.change_case(
            case, actor, lambda c: domain.send(c, actor, key, how=how, door=door), seen=seen
        )
        outbox.put(
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
    return token
