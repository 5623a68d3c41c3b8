"""Pages from templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from perisai.desk.actors import PUBLIC
from perisai.desk.permissions import Permission
from perisai.desk.web.middleware import KEYS_COOKIE
from perisai.desk.web.running import desk
from perisai.desk.web.wording import words

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from perisai.desk.actors import Actor
    from perisai.desk.web.access import Request


class May:
    """``may.CASE_OPEN`` in a template: whether who looks may do that."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def __getitem__(self, name: str) -> bool:
        return self._actor.may(Permission[name])


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """What every template knows."""
    actor = getattr(request, "actor", PUBLIC)
    done = f"done.{request.GET.get('done', '')}"
    return {
        "actor": actor,
        "may": May(actor),
        "house_name": desk().settings.desk.name,
        "language": getattr(request, "language", "id"),
        "keys": request.COOKIES.get(KEYS_COOKIE) != "off",
        "done": done if done in words() else "",
        "here": request.path,
    }


def page(request: Request, template: str, status: int = 200, /, **values: object) -> HttpResponse:
    """Return a page."""
    return render(request, f"desk/{template}.html", values, status=status)
