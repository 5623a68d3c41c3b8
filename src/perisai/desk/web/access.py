"""Which door needs what: an address, its methods, and the permission that each of them asks for.

This only keeps people out who could do nothing behind the door; what may be done with this very
case is decided in the domain. docs/desk.md prints the table, the tests try each cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse

from perisai.desk.actors import require
from perisai.desk.permissions import GRANTS, Permission, Role
from perisai.desk.web import looking
from perisai.desk.web.accounts import actor_of, strongly
from perisai.desk.web.running import desk
from perisai.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.urls import URLPattern

    from perisai.desk.actors import Actor

    Page = Callable[..., HttpResponseBase]
    Behind = tuple["Need", Page]


class Who(StrEnum):
    """Doors that ask for no permission."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed-in"
    """Whoever has an account: for what is about the account itself."""
    STAFF = "staff"
    """Whoever works here, whatever they do."""


Need = Permission | Who


@dataclass(frozen=True, slots=True)
class Door:
    """An address, the need of each of its methods, and whether forms ask for the password."""

    route: str
    name: str
    needs: Mapping[str, Need]
    fresh: bool


DOORS: dict[str, Door] = {}
"""Every door that was made, by name."""


class Request(HttpRequest):
    """A request as our middleware hands it on; for type checkers only."""

    actor: Actor
    language: str


def door(
    route: str,
    name: str,
    *,
    GET: Behind | None = None,  # noqa: N803 - named as the method is
    POST: Behind | None = None,  # noqa: N803
    both: Behind | None = None,
    fresh: bool = False,
) -> URLPattern:
    """Return the URL pattern of an address, with the need and the view of each method.

    ``fresh``: whoever sends a form here has typed the password within the last minutes.
    """
    given = {"GET": GET or both, "POST": POST or both}
    pages = {method: behind for method, behind in given.items() if behind}
    view = _view(pages, route, fresh=fresh)
    needs = {method: need for method, (need, _) in pages.items()}
    DOORS[name] = Door(route, name, needs, fresh)
    return path(route, view, name=name)


def allowed(need: Need) -> frozenset[Role | None]:
    """The roles that get through; None stands for those who have not signed in."""
    if need is Who.EVERYONE:
        return frozenset({None, *Role})
    if isinstance(need, Who):
        return frozenset(Role)
    return frozenset(role for role, granted in GRANTS.items() if need in granted)


def _view(pages: Mapping[str, tuple[Need, Page]], route: str, *, fresh: bool) -> Page:
    def view(request: Request, **parts: str) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in pages:
            return HttpResponseNotAllowed(sorted(pages))
        need, page = pages[method]
        if need is Who.EVERYONE:
            return page(request, **parts)
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        # A form that waited for the password comes back without what our middleware gave it.
        request.actor = actor_of(request.user)
        if need is not Who.SIGNED_IN:
            if request.actor.role is None:
                raise NotAllowed("This account has no role here; ask the administrator.")
            if isinstance(need, Permission):
                require(request.actor, need)
            if desk().settings.desk.second_factor and not (
                strongly(request) or is_mfa_enabled(request.user)
            ):
                return redirect("mfa_activate_totp")
        if fresh and method == "POST":
            raise_if_reauthentication_required(request, app="perisai.desk")
        looking.require_no_party(request.actor, route, parts)
        answer = page(request, **parts)
        looking.looked(request.actor, route, parts, answer)
        return answer

    return view


def _to_sign_in(request: Request) -> HttpResponse:
    back = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{reverse('account_login')}?{urlencode(back)}".rstrip("?"))
