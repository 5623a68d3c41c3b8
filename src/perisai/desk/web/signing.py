"""What is written down of signing in: the fact for the auditor, the session for its owner."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.signals import user_logged_in as let_in
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from perisai.desk.events import Event
from perisai.desk.people import services, sessions
from perisai.desk.web.accounts import actor_of, network_digest, vouched
from perisai.desk.web.browsers import known
from perisai.desk.web.running import desk
from perisai.storage.facts.models import Event as EventRow

if TYPE_CHECKING:
    from django.http import HttpRequest

LOCKED_AGAIN = timedelta(minutes=10)
"""How long a lock lasts, and so for how long it is not written down again."""
_LOG = logging.getLogger("perisai.desk")


def seen(request: HttpRequest) -> None:
    """Write down that a session is in use."""
    agent = str(request.META.get("HTTP_USER_AGENT", ""))
    network = network_digest(str(request.META.get("REMOTE_ADDR", "")))
    sessions.here(desk().house, request.user, request.session, " ".join(known(agent)), network)


def end_without_agency(request: HttpRequest) -> None:
    """End this session if it rests on the word of an agency that the settings do not have any more.

    Also where its name is another agency's now: nobody vouches for this sign-in.
    """
    if not request.user.is_authenticated or vouched(request):
        return
    user, house = request.user, desk().house
    sessions.forget(house, request.session)
    request.session.flush()
    request.user = AnonymousUser()
    services.told(
        house, user.get_username(), Event.ACCOUNT_ENDED, "public:perisai", which="agency", number=1
    )


@receiver(user_logged_in)
def _began(request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ANN401
    request.user = user
    seen(request)


@receiver(let_in)
def _entered(request: HttpRequest, user: User, **_: Any) -> None:  # noqa: ANN401
    methods = request.session.get("account_authentication_methods", [])
    how = [_how(each) for each in methods]
    services.told(desk().house, user.get_username(), Event.ACCOUNT_ENTERED, _by(user), how=how)


def _how(method: dict[str, Any]) -> str:
    if method.get("agency"):
        return f"agency {method['agency']}"
    return str(method.get("type") or method.get("method"))


@receiver(user_logged_out)
def _left(request: HttpRequest, user: User | None, **_: Any) -> None:  # noqa: ANN401
    if user is not None:
        sessions.forget(desk().house, request.session)
        services.told(desk().house, user.get_username(), Event.ACCOUNT_LEFT, _by(user))


@receiver(authenticator_added)
def _secured(user: User, authenticator: Any, **_: Any) -> None:  # noqa: ANN401
    _factor(user, Event.ACCOUNT_SECURED, authenticator)


@receiver(authenticator_removed)
def _loosened(user: User, authenticator: Any, **_: Any) -> None:  # noqa: ANN401
    _factor(user, Event.ACCOUNT_LOOSENED, authenticator)


def _factor(user: User, kind: Event, authenticator: Any) -> None:  # noqa: ANN401
    what = str(authenticator.type)
    if what != "recovery_codes":
        services.told(desk().house, user.get_username(), kind, _by(user), what=what)


def locked(name: str) -> None:
    """Write down that an account let nobody in after too many wrong passwords: once a lock."""
    user = User.objects.filter(username__iexact=name, is_active=True).first()
    if user is None:
        return
    house, stream = desk().house, f"account:{user.get_username()}"
    of_kind = EventRow.objects.filter(stream=stream, kind=Event.ACCOUNT_LOCKED)
    last = of_kind.order_by("-position").values_list("at", flat=True).first()
    if last and last > (house.clock() - LOCKED_AGAIN).isoformat(timespec="microseconds"):
        return
    services.told(house, user.get_username(), Event.ACCOUNT_LOCKED, "public:perisai")


def _by(user: User) -> str:
    return actor_of(user).by if actor_of(user).role else f"public:{user.get_username()}"
