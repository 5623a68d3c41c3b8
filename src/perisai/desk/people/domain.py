"""Who may have an account, and who says so. Power to approve is given by two administrators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perisai.desk.actors import HOUSE, require, require_another
from perisai.desk.events import Event
from perisai.desk.permissions import GRANTS, Permission, Role
from perisai.errors import NotAllowed, NotYet
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from perisai.desk.actors import Actor
    from perisai.desk.people.state import Account, Asked

NAME = re.compile(r"\A[A-Za-z0-9._-]+\Z")
LONGEST_NAME = 60
ADD, ROLE, RESET, CLOSE = "add", "role", "reset", "close"
BIND, UNBIND = "bind", "unbind"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands among the others."""

    role: Role | None
    taken: bool
    """Whether the name is somebody's, or was, in whichever capitals."""
    open: bool
    others: int
    """Administrators besides this account who may sign in."""


@dataclass(frozen=True, slots=True)
class Bond:
    """Somebody at an agency: ``identity`` is a digest of what the agency calls them.

    ``free``: nobody else's account is bound to the same.
    """

    agency: str
    identity: str = ""
    free: bool = True


@dataclass(frozen=True, slots=True)
class Second:
    """Whether there is somebody to agree: an administrator besides who asks and who it is about."""

    there: bool


def weighty(role: Role | None) -> bool:
    """Whether a role can approve what leaves the house, undo a seal, or give power to others.

    Two people undo a seal: that is worth nothing if one administrator can make both.
    """
    granted = GRANTS[role] if role else frozenset()
    approves = {each for each in granted if each.endswith(":approve")}
    return bool(approves or granted & {Permission.PEOPLE_MANAGE, Permission.SEAL_UNDO})


def add(
    actor: Actor, account: Account, now: Standing, second: Second, *, role: Role, platform: str
) -> list[NewFact]:
    """Give somebody an account, or ask for it. Raises NotYet, NotAllowed."""
    _require(actor)
    _named(account.name)
    _spoken_for(role, platform)
    if now.taken:
        raise NotYet("This name has or had an account; names are not given twice.")
    _nothing_asked(account)
    return _given(actor, second, weighty(role), ADD, role, platform)


def move(
    actor: Actor, account: Account, now: Standing, second: Second, *, role: Role, platform: str
) -> list[NewFact]:
    """Let an account do something else, or ask for it. Raises NotYet, NotAllowed."""
    _known(actor, account, now)
    _spoken_for(role, platform)
    if actor.name == account.name:
        raise NotAllowed("Nobody changes their own role; ask another administrator.")
    _not_the_last(now)
    _nothing_asked(account)
    _not_one_against_one(actor, account, now, second)
    heavy = weighty(role) or now.role == Role.ADMINISTRATOR
    return _given(actor, second, heavy, ROLE, role, platform)


def reset(actor: Actor, account: Account, now: Standing, second: Second) -> list[NewFact]:
    """Take password and second factors away, for when they were lost, or ask for it.

    Who resets an account gets a link to it: of a role that approves, two must have agreed.
    """
    _known(actor, account, now)
    _nothing_asked(account)
    _not_one_against_one(actor, account, now, second)
    return _given(actor, second, weighty(now.role), RESET, now.role, "")


def bind(
    actor: Actor, account: Account, now: Standing, second: Second, bond: Bond
) -> list[NewFact]:
    """Let somebody at an agency sign in with it, or ask for it. Raises NotYet, NotAllowed.

    Who names them could name themselves: of a role that approves, two must have agreed.
    """
    _known(actor, account, now)
    _nothing_asked(account)
    _free(bond)
    _not_one_against_one(actor, account, now, second)
    return _given(actor, second, weighty(now.role), BIND, now.role, "", bond)


def bind_oneself(bond: Bond) -> list[NewFact]:
    """Whoever was invited signs in at their agency, and chooses no password. Raises NotYet."""
    _free(bond)
    return [_done(BIND, None, "", bond=bond), NewFact(Event.ACCOUNT_JOINED, {})]


def unbind(
    actor: Actor, account: Account, now: Standing, second: Second, agency: str
) -> list[NewFact]:
    """Let nobody at an agency sign in with it any more, or ask for it. Raises NotYet, NotAllowed.

    Taken by one person, except from an administrator, as in :func:`close`.
    """
    _known(actor, account, now)
    _nothing_asked(account)
    if agency not in dict(account.bound):
        raise NotYet("Nobody at this agency signs in with this account.")
    _not_one_against_one(actor, account, now, second)
    heavy = now.role == Role.ADMINISTRATOR and actor.name != account.name
    return _given(actor, second, heavy, UNBIND, now.role, "", Bond(agency))


def agree(actor: Actor, account: Account, now: Standing, bond: Bond | None = None) -> list[NewFact]:
    """Agree to what another administrator asked for. Raises NotYet, NotAllowed."""
    asked = _asked(actor, account)
    require_another(actor, asked.by)
    if asked.what != ADD:
        _known(actor, account, now)
    elif now.taken:
        raise NotYet("This name has or had an account; names are not given twice.")
    if asked.what in (ROLE, CLOSE):
        _not_the_last(now)
    if asked.what == ROLE and actor.name == account.name:
        raise NotAllowed("Nobody changes their own role; ask another administrator.")
    if bond:
        _free(bond)
    return [_done(asked.what, Role(asked.role), asked.platform, first=asked.by, bond=bond)]


def drop(actor: Actor, account: Account) -> list[NewFact]:
    """Let what was asked for not be: any administrator may. Raises NotYet, NotAllowed."""
    _asked(actor, account)
    return [NewFact(Event.ACCOUNT_DROPPED, {})]


def close(actor: Actor, account: Account, now: Standing, second: Second) -> list[NewFact]:
    """Let nobody sign in with it any more, or ask for it. Raises NotYet, NotAllowed.

    Power is taken away by one person, except from an administrator: whoever could do that alone
    would be the only one left, and could then give power alone.
    """
    _known(actor, account, now)
    _not_the_last(now)
    _not_one_against_one(actor, account, now, second)
    heavy = now.role == Role.ADMINISTRATOR and actor.name != account.name
    return _given(actor, second, heavy, CLOSE, now.role, "")


def _free(bond: Bond) -> None:
    if not bond.free:
        raise NotYet("Somebody else's account is bound to this already.")


def _require(actor: Actor) -> None:
    if actor is not HOUSE:
        require(actor, Permission.PEOPLE_MANAGE)


def _known(actor: Actor, account: Account, now: Standing) -> None:
    _require(actor)
    if not now.open:
        raise NotYet(f"{account.name} has no open account.")


def _named(name: str) -> None:
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise NotYet("A name has letters, digits, dots, hyphens: as in siti.rahayu")


def _spoken_for(role: Role, platform: str) -> None:
    if (role == Role.PLATFORM) != bool(platform.strip()):
        raise NotYet("A platform's liaison needs the platform's name, and nobody else has one.")


def _not_the_last(now: Standing) -> None:
    if now.role == Role.ADMINISTRATOR and not now.others:
        raise NotYet("This is the last administrator; make another one first.")


def _not_one_against_one(actor: Actor, account: Account, now: Standing, second: Second) -> None:
    alone = actor is not HOUSE and actor.name != account.name and not second.there
    if alone and now.role == Role.ADMINISTRATOR:
        raise NotYet(
            "Two administrators are needed to take power from a third; "
            "with fewer, it is done at the command line."
        )


def _nothing_asked(account: Account) -> None:
    if account.asked:
        raise NotYet("Something was asked for already; agree to it or drop it first.")


def _asked(actor: Actor, account: Account) -> Asked:
    _require(actor)
    if account.asked is None:
        raise NotYet("Nothing is asked for.")
    return account.asked


def _given(
    actor: Actor,
    second: Second,
    heavy: bool,
    what: str,
    role: Role | None,
    platform: str,
    bond: Bond | None = None,
) -> list[NewFact]:
    """What is done at once, or only asked for: where there is no second one, one decides alone."""
    if heavy and second.there and actor is not HOUSE:
        data = {"what": what, "role": str(role or ""), "platform": platform}
        data |= {"agency": bond.agency, "identity": bond.identity} if bond else {}
        return [NewFact(Event.ACCOUNT_ASKED, data)]
    return [_done(what, role, platform, bond=bond)]


def _done(
    what: str, role: Role | None, platform: str, *, first: str = "", bond: Bond | None = None
) -> NewFact:
    data: dict[str, str] = {}
    if what in (ADD, ROLE):
        data = {"role": str(role), "platform": platform}
    if bond:
        data = {"agency": bond.agency}
        data |= {"identity": bond.identity} if what == BIND else {}
    if first:
        data["asked"] = first
    kinds = {ADD: Event.ACCOUNT_ADDED, ROLE: Event.ACCOUNT_MOVED}
    kinds |= {RESET: Event.ACCOUNT_RESET, CLOSE: Event.ACCOUNT_CLOSED}
    kinds |= {BIND: Event.ACCOUNT_BOUND, UNBIND: Event.ACCOUNT_UNBOUND}
    return NewFact(kinds[what], data)
