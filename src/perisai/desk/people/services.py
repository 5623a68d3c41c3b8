"""Accounts are added, changed and closed: what is decided becomes facts and Django's users."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import transaction

from perisai.desk.actors import require
from perisai.desk.events import Event
from perisai.desk.people import domain, rows, sessions, state
from perisai.desk.people.models import BoundRow, InvitationRow, Member
from perisai.desk.permissions import Permission, Role
from perisai.storage.facts.records import NewFact

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from perisai.desk.actors import Actor
    from perisai.desk.house import House
    from perisai.desk.people.domain import Second, Standing
    from perisai.desk.people.state import Account
    from perisai.storage.facts.records import Fact

    Decide = Callable[[Account, Standing, Second], list[NewFact]]

INVITED_FOR = timedelta(hours=72)
END_SESSIONS = (
    Event.ACCOUNT_MOVED,
    Event.ACCOUNT_RESET,
    Event.ACCOUNT_CLOSED,
    Event.ACCOUNT_UNBOUND,
)
GIVE_A_LINK = (Event.ACCOUNT_ADDED, Event.ACCOUNT_RESET)


def add(house: House, actor: Actor, name: str, role: Role, platform: str) -> str:
    """Make an account, or ask for it. Return the secret of the invitation, if one was made."""
    return _change(
        house,
        actor,
        name,
        lambda account, now, second: domain.add(
            actor, account, now, second, role=role, platform=platform
        ),
    )


def move(house: House, actor: Actor, name: str, role: Role, platform: str) -> str:
    """Give an account another role, or ask for it; sessions that are open end."""
    return _change(
        house,
        actor,
        name,
        lambda account, now, second: domain.move(
            actor, account, now, second, role=role, platform=platform
        ),
    )


def reset(house: House, actor: Actor, name: str) -> str:
    """Take password and second factors away, or ask for it; return the secret of the link."""
    return _change(house, actor, name, lambda *known: domain.reset(actor, *known))


def bind(house: House, actor: Actor, name: str, agency: str, identity: str) -> None:
    """Let somebody at an agency sign in with an account, or ask for it."""

    def decide(account: Account, now: Standing, second: Second) -> list[NewFact]:
        return domain.bind(actor, account, now, second, _bond(house, name, agency, identity))

    _change(house, actor, name, decide)


def unbind(house: House, actor: Actor, name: str, agency: str) -> None:
    """Let nobody at an agency sign in with an account any more, or ask for it."""

    def decide(account: Account, now: Standing, second: Second) -> list[NewFact]:
        return domain.unbind(actor, account, now, second, agency)

    _change(house, actor, name, decide)


def identity(house: House, issuer: str, subject: str) -> str:
    """What stands in facts and rows for somebody at an agency.

    A keyed digest: what an agency calls its people is often a number that says when they were born.
    """
    return house.people.blind("agency", f"{issuer}\n{subject}")


def holder(house: House, agency: str, identity: str) -> User | None:
    """Whose account somebody at an agency signs in with; None if nobody's."""
    rows = BoundRow.objects.using(house.alias).filter(identity=identity, agency=agency)
    users = User.objects.using(house.alias).select_related("member").filter(is_active=True)
    row = rows.first()
    return users.filter(username=row.account).first() if row else None


def bound(house: House, name: str) -> list[str]:
    """The agencies at which somebody signs in to this account."""
    rows = BoundRow.objects.using(house.alias).filter(account=name)
    return list(rows.order_by("agency").values_list("agency", flat=True))


def agree(house: House, actor: Actor, name: str) -> str:
    """Agree to what was asked for; return the secret of the link, if one was made."""

    def decide(account: Account, now: Standing, _: Second) -> list[NewFact]:
        asked = account.asked
        bond = None
        if asked and asked.agency:
            bond = _bond(house, name, asked.agency, asked.identity)
        return domain.agree(actor, account, now, bond)

    return _change(house, actor, name, decide)


def drop(house: House, actor: Actor, name: str) -> None:
    """Let what was asked for not be."""
    _change(house, actor, name, lambda account, *_: domain.drop(actor, account))


def close(house: House, actor: Actor, name: str) -> None:
    """Close an account, or ask for it. The name stays taken: facts name who acted."""
    _change(house, actor, name, lambda *known: domain.close(actor, *known))


def invited(house: House, token: str) -> User | None:
    """The account that a link leads to; None if it leads nowhere, or no more."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    row = InvitationRow.objects.using(house.alias).filter(door=digest).first()
    if row is None or row.until < house.clock():
        return None
    return User.objects.using(house.alias).filter(username=row.account, is_active=True).first()


def join(house: House, token: str, password: str) -> bool:
    """Choose a password by a link, which ends with it; whether the link led anywhere."""
    with transaction.atomic(using=house.alias):
        house.log.hold()
        user = invited(house, token)
        if user is None:
            return False
        user.set_password(password)
        user.save(using=house.alias)
        name = user.get_username()
        _write(house, known(house, name), [NewFact(Event.ACCOUNT_JOINED, {})], f"public:{name}")
        return True


def join_by_agency(house: House, token: str, agency: str, identity: str) -> User | None:
    """Sign in at an agency from now on, by a link, which ends with it; None if it leads nowhere.

    Raises NotYet.
    """
    with transaction.atomic(using=house.alias):
        house.log.hold()
        user = invited(house, token)
        if user is None:
            return None
        name = user.get_username()
        new = domain.bind_oneself(_bond(house, name, agency, identity))
        _write(house, known(house, name), new, f"public:{name}")
        return user


def together(house: House) -> AbstractContextManager[object]:
    """What is done within is written as a whole, or not at all."""
    return transaction.atomic(using=house.alias)


def known(house: House, name: str) -> Account:
    """What the facts say of an account."""
    return state.fold(name, house.log.stream(f"account:{name}"))


def told(house: House, name: str, kind: Event, by: str, **data: object) -> None:
    """Write down something that happened to an account and decides nothing."""
    house.log.append(f"account:{name}", [NewFact(kind, data)], by=by, at=house.clock())


def end_sessions(
    house: House,
    actor: Actor,
    user: Any,  # noqa: ANN401 - Django's user
    *,
    which: str,
    only: str = "",
    keep: str = "",
) -> int:
    """End sessions of an account, as :func:`sessions.end` does, and write down that it was done.

    Of others' accounts, administrators alone. Raises NotAllowed.
    """
    name = user.get_username()
    if actor.name != name:
        require(actor, Permission.PEOPLE_MANAGE)
    with transaction.atomic(using=house.alias):
        number = sessions.end(house, user, only=only, keep=keep)
        if number:
            told(house, name, Event.ACCOUNT_ENDED, actor.by, which=which, number=number)
    return number


def _change(house: House, actor: Actor, name: str, decide: Decide) -> str:
    with transaction.atomic(using=house.alias):
        house.log.hold()
        account = known(house, name)
        new = decide(account, *_standing(house, actor, name))
        token = ""
        if any(each.kind in GIVE_A_LINK for each in new):
            token = secrets.token_urlsafe(32)
            until = house.clock() + INVITED_FOR
            door = hashlib.sha256(token.encode()).hexdigest()
            data = {"door": door, "until": until.isoformat()}
            new = [*new, NewFact(Event.ACCOUNT_INVITED, data)]
        for fact in _write(house, account, new, actor.by):
            _follow(house, name, fact)
        return token


def _bond(house: House, name: str, agency: str, identity: str) -> domain.Bond:
    rows = BoundRow.objects.using(house.alias).filter(identity=identity)
    return domain.Bond(agency, identity, free=not rows.exclude(account=name).exists())


def _write(house: House, account: Account, new: list[NewFact], by: str) -> tuple[Fact, ...]:
    written = house.log.append(
        f"account:{account.name}", new, by=by, at=house.clock(), after=account.position
    )
    for fact in written:
        account = state.after(account, fact)
    rows.put(account, house.alias)
    return written


def _standing(house: House, actor: Actor, name: str) -> tuple[Standing, Second]:
    members = Member.objects.using(house.alias).select_related("user")
    member = members.filter(user__username__iexact=name).first()
    taken = User.objects.using(house.alias).filter(username__iexact=name).exists()
    opened = bool(member and member.user.is_active and member.user.username == name)
    role = Role(member.role) if member else None
    able = members.filter(role=Role.ADMINISTRATOR, user__is_active=True)
    others = able.exclude(user__username=name).count()
    second = able.exclude(user__username=actor.name).exclude(user__username=name)
    return domain.Standing(role, taken, opened, others), domain.Second(second.exists())


def _follow(house: House, name: str, fact: Fact) -> None:
    """Let Django's users say what the fact says."""
    users, said = User.objects.using(house.alias), fact.data
    if fact.kind == Event.ACCOUNT_ADDED:
        user = users.create(username=name)
        user.set_unusable_password()
        user.save(using=house.alias)
        Member.objects.using(house.alias).create(
            user=user, role=said["role"], platform=said["platform"]
        )
        return
    if fact.kind not in END_SESSIONS:
        return
    user = users.get(username=name)
    if fact.kind == Event.ACCOUNT_MOVED:
        found = Member.objects.using(house.alias).filter(user=user)
        found.update(role=said["role"], platform=said["platform"])
    elif fact.kind != Event.ACCOUNT_UNBOUND:
        user.set_unusable_password()
        user.is_active = fact.kind != Event.ACCOUNT_CLOSED
        user.save(using=house.alias)
        from allauth.mfa.models import Authenticator  # noqa: PLC0415 - the desk alone has it

        Authenticator.objects.using(house.alias).filter(user=user).delete()
    sessions.end(house, user)
