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
    """``add``, ``role``, ``reset``, ``close``, ``bind`` or ``unbind``."""
    role: str
    platform: str
    by: str
    at: datetime
    agency: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One account; ``door`` is the digest of the link that is out.

    ``bound``: who may sign in with it, by agency; digests, never what the agency calls them.
    """

    name: str
    asked: Asked | None = None
    door: str = ""
    until: datetime | None = None
    bound: tuple[tuple[str, str], ...] = ()
    position: int = 0

    def bound_without(self, agency: str) -> tuple[tuple[str, str], ...]:
        """The others that are bound."""
        return tuple(each for each in self.bound if each[0] != agency)


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
        bond = said.get("agency", ""), said.get("identity", "")
        asked = Asked(said["what"], said["role"], said["platform"], fact.by, fact.at, *bond)
        return replace(account, asked=asked)
    if fact.kind == Event.ACCOUNT_INVITED:
        until = datetime.fromisoformat(said["until"])
        return replace(account, door=said["door"], until=until)
    if fact.kind == Event.ACCOUNT_JOINED:
        return replace(account, door="", until=None)
    if fact.kind in (Event.ACCOUNT_CLOSED, Event.ACCOUNT_RESET):
        return replace(account, asked=None, door="", until=None, bound=())
    if fact.kind == Event.ACCOUNT_BOUND:
        bond = (said["agency"], said["identity"])
        bound = (*account.bound_without(said["agency"]), bond)
        waits = account.asked if account.asked and account.asked.what != "bind" else None
        return replace(account, asked=waits, bound=bound)
    if fact.kind == Event.ACCOUNT_UNBOUND:
        return replace(account, asked=None, bound=account.bound_without(said["agency"]))
    if fact.kind in (Event.ACCOUNT_ADDED, Event.ACCOUNT_MOVED, Event.ACCOUNT_DROPPED):
        return replace(account, asked=None)
    return account
