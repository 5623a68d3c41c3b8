"""Which door needs what: an address, its methods, and the permission that each of them asks for.

This only keeps people out who could do nothing behind the door; what may be done with this very
case is decided in the domain. docs/desk.md prints the table, the tests try each cell.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import path, reverse

from perisai.desk.actors import require
from perisai.desk.permissions import GRANTS, Permission, Role
from perisai.errors import NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.urls import URLPattern

    from perisai.desk.actors import Actor

    Page = Callable[..., HttpResponseBase]


class Who(StrEnum):
    """Doors that ask for no permission."""

    EVERYONE = "everyone"
    STAFF = "staff"
    """Whoever has signed in."""


Need = Permission | Who


class Request(HttpRequest):
    """A request as our middleware hands it on; for type checkers only."""

    actor: Actor
    language: str


class Door(Protocol):
    """A view that says what it needs."""

    needs: Mapping[str, Need]


def door(route: str, name: str, **pages: tuple[Need, Page]) -> URLPattern:
    """Return the URL pattern of an address; ``pages`` has a need and a view for each method."""
    view = _view(pages)
    view.needs = {method: need for method, (need, _) in pages.items()}  # type: ignore[attr-defined]
    return path(route, view, name=name)


def allowed(need: Need) -> frozenset[Role | None]:
    """The roles that get through; None stands for those who have not signed in."""
    if need is Who.EVERYONE:
        return frozenset({None, *Role})
    if need is Who.STAFF:
        return frozenset(Role)
    return frozenset(role for role, granted in GRANTS.items() if need in granted)


def _view(pages: Mapping[str, tuple[Need, Page]]) -> Page:
    def view(request: Request, **parts: str) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in pages:
            return HttpResponseNotAllowed(sorted(pages))
        need, page = pages[method]
        if need is not Who.EVERYONE:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.actor.role is None:
                raise NotAllowed("This account has no role here; ask the administrator.")
            if isinstance(need, Permission):
                require(request.actor, need)
        return page(request, **parts)

    return view


def _to_sign_in(request: Request) -> HttpResponse:
    back = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{reverse('account_login')}?{urlencode(back)}".rstrip("?"))
