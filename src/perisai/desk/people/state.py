"""What the facts say of one account: what was asked for, and the link that is out.

Who may sign in, and as what, is Django's user and :class:`perisai.desk.people.models.Member`; each
change of them is a fact, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from perisai.desk.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from perisai.storage.facts.records import Fact


@dataclass(frozen=True, slots=True)
class Asked:
    """What one administrator wants, and another has not agreed to yet."""

    what: str
    """``add``, ``role``, ``reset`` or ``close``."""
    role: str
    platform: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One account; ``door`` is the digest of the link that is out."""

    name: str
    asked: Asked | None = None
    door: str = ""
    until: datetime | None = None
    position: int = 0


def fold(name: str, facts: Iterable[Fact]) -> Account:
    """The account after all these facts."""
    account = Account(name)
    for fact in facts:
        account = after(account, fact)
    return account


def after(account: Account, fact: Fact) -> Account:
    """The account after one more fact."""
    account = replace(account, position=fact.position)
    said = fact.data
    if fact.kind == Event.ACCOUNT_ASKED:
        asked = Asked(said["what"], said["role"], said["platform"], fact.by, fact.at)
        return replace(account, asked=asked)
    if fact.kind == Event.ACCOUNT_INVITED:
        until = datetime.fromisoformat(said["until"])
        return replace(account, door=said["door"], until=until)
    if fact.kind == Event.ACCOUNT_JOINED:
        return replace(account, door="", until=None)
    if fact.kind == Event.ACCOUNT_CLOSED:
        return replace(account, asked=None, door="", until=None)
    if fact.kind == Event.ACCOUNT_RESET:
        return replace(account, asked=None, door="", until=None)
    if fact.kind in (Event.ACCOUNT_ADDED, Event.ACCOUNT_MOVED, Event.ACCOUNT_DROPPED):
        return replace(account, asked=None)
    return account
