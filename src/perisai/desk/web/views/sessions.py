"""One's own open sessions, and ending them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect

from perisai.desk.people import services, sessions
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.web.access import Request

DONE = "/account/sessions?done=sessions-ended"


def listed(request: Request) -> HttpResponse:
    """Every session of one's own that is open."""
    rows = sessions.opened(desk().house, request.user)
    this = sessions.number_of(request.session)
    return page(request, "sessions", rows=rows, this=this)


def ended(request: Request, session: str) -> HttpResponse:
    """End one of them; of somebody else's, nothing is ended."""
    services.end_sessions(desk().house, request.actor, request.user, which="one", only=session)
    return redirect(DONE)


def others_ended(request: Request) -> HttpResponse:
    """End all but this one."""
    this = sessions.number_of(request.session)
    services.end_sessions(desk().house, request.actor, request.user, which="others", keep=this)
    return redirect(DONE)
