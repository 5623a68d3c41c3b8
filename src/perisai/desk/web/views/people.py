"""Accounts, for administrators: who has one, giving, changing and closing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.http import Http404
from django.shortcuts import redirect

from perisai.desk.people import domain, services, sessions
from perisai.desk.people.models import AskedRow, InvitationRow
from perisai.desk.permissions import Role
from perisai.desk.web import forms
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.tables import Column, as_csv
from perisai.desk.web.trips import agencies, label
from perisai.desk.web.views.acting import attempt
from perisai.desk.web.wording import moment, say, word

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from perisai.desk.web.access import Request


def listed(request: Request, form: forms.Form | None = None, status: int = 200) -> HttpResponse:
    """Who has an account, and what was asked for and needs a second administrator."""
    asked = AskedRow.objects.order_by("at")
    return page(
        request,
        "people",
        status,
        rows=_all(),
        hire=form or forms.Hire(),
        asked=[(each, each.by != request.actor.by) for each in asked],
    )


def spreadsheet(request: Request) -> HttpResponse:  # noqa: ARG001 - as every view
    """The same for a spreadsheet."""
    columns = (
        Column("name", "", lambda row: row.username),
        Column("role", "", _role),
        Column("platform", "", lambda row: row.member.platform if hasattr(row, "member") else ""),
        Column("last-seen", "", lambda row: moment(row.last_login)),
    )
    return as_csv(columns, _all(), "accounts")


def hired(request: Request) -> HttpResponse:
    """Give somebody an account."""
    form = forms.Hire(request.POST)

    def do(said: dict[str, Any]) -> HttpResponse:
        name = said["account"]
        token = services.add(
            desk().house, request.actor, name, Role(said["role"]), said["platform"]
        )
        return _next(request, name, token)

    return attempt(form, do, lambda form, status: listed(request, form, status))


def shown(
    request: Request,
    account: str,
    form: forms.Form | None = None,
    status: int = 200,
    bind: forms.Form | None = None,
) -> HttpResponse:
    """One account, and what may be done with it."""
    user = _known(account)
    member = getattr(user, "member", None)
    current = {"role": member.role, "platform": member.platform} if member else None
    return page(
        request,
        "person",
        status,
        person=user,
        member=member,
        move=form or forms.Move(initial=current),
        asked=AskedRow.objects.filter(account=account).first(),
        invited=InvitationRow.objects.filter(account=account).first(),
        sessions=sessions.opened(desk().house, user),
        bind=bind or forms.Bind(),
        bound=[(name, label(name)) for name in services.bound(desk().house, account)],
        agencies=agencies(),
        two=domain.weighty(Role(member.role)) if member else False,
    )


def moved(request: Request, account: str) -> HttpResponse:
    """Give an account another role."""
    _known(account)
    form = forms.Move(request.POST)

    def do(said: dict[str, Any]) -> HttpResponse:
        role, platform = Role(said["role"]), said["platform"]
        services.move(desk().house, request.actor, account, role, platform)
        return _back(account)

    return attempt(form, do, lambda form, status: shown(request, account, form, status))


def reset(request: Request, account: str) -> HttpResponse:
    """Take password and second factors away; the link for a new one is shown once."""
    _known(account)
    return _next(request, account, services.reset(desk().house, request.actor, account))


def bound(request: Request, account: str) -> HttpResponse:
    """Let somebody at an agency sign in with it."""
    _known(account)
    form = forms.Bind(request.POST)

    def do(said: dict[str, Any]) -> HttpResponse:
        issuer = desk().settings.agencies[said["agency"]].issuer
        identity = services.identity(desk().house, issuer, said["subject"])
        services.bind(desk().house, request.actor, account, said["agency"], identity)
        return _back(account)

    return attempt(form, do, lambda form, status: shown(request, account, None, status, form))


def unbound(request: Request, account: str, agency: str) -> HttpResponse:
    """Let nobody at an agency sign in with it any more."""
    _known(account)
    services.unbind(desk().house, request.actor, account, agency)
    return _back(account)


def closed(request: Request, account: str) -> HttpResponse:
    """Close an account."""
    _known(account)
    services.close(desk().house, request.actor, account)
    return _back(account)


def agreed(request: Request, account: str) -> HttpResponse:
    """Agree to what another administrator asked for."""
    return _next(request, account, services.agree(desk().house, request.actor, account))


def dropped(request: Request, account: str) -> HttpResponse:
    """Let it not be."""
    services.drop(desk().house, request.actor, account)
    return redirect("/people?done=asked-dropped")


def ended(request: Request, account: str) -> HttpResponse:
    """End every session of an account."""
    services.end_sessions(desk().house, request.actor, _known(account), which="all")
    return redirect(f"/people/{account}?done=sessions-ended")


def joining(
    request: Request, token: str, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """Whoever was invited chooses a password."""
    user = services.invited(desk().house, token)
    if user is None:
        return page(request, "invitation_over", 404)
    shown = form or forms.Choose(user=user)
    return page(
        request,
        "invited",
        status,
        form=shown,
        name=user.get_username(),
        token=token,
        agencies=agencies(),
    )


def joined(request: Request, token: str) -> HttpResponse:
    """The password is chosen; the link ends."""
    form = forms.Choose(request.POST, user=services.invited(desk().house, token))

    def do(said: dict[str, Any]) -> HttpResponse:
        if not services.join(desk().house, token, said["password1"]):
            return page(request, "invitation_over", 404)
        return redirect("/sign-in?done=password-chosen")

    again: Callable[[forms.Form, int], HttpResponse] = lambda form, status: joining(  # noqa: E731
        request, token, form, status
    )
    return attempt(form, do, again)


def _next(request: Request, account: str, token: str) -> HttpResponse:
    """The link, once; or back to the page, where there is none."""
    if not token:
        return _back(account)
    link = request.build_absolute_uri(f"/invited/{token}")
    hours = int(services.INVITED_FOR.total_seconds() // 3600)
    return page(request, "invitation", link=link, name=account, hours=hours)


def _back(account: str) -> HttpResponse:
    waits = AskedRow.objects.filter(account=account).exists()
    return redirect("/people?done=account-asked" if waits else "/people?done=account-changed")


def _known(account: str) -> User:
    user = User.objects.select_related("member").filter(username=account).first()
    if user is None:
        raise Http404
    return user


def _all() -> list[User]:
    return list(User.objects.select_related("member").order_by("username"))


def _role(row: User) -> str:
    if not row.is_active:
        return say("people.closed")
    return word(row.member.role, "role") if hasattr(row, "member") else ""
