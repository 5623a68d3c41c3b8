"""Signing in, and confirming who one is, at one's own agency (OpenID Connect).

There and back are three steps: we send somebody to the agency; the agency sends them back, and we
ask it who they are; our own page leads on to the end, where they are signed in.
"""

from __future__ import annotations

import hmac
import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.http import Http404, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from perisai.desk.agencies import asking
from perisai.desk.agencies.asking import Agency, Start
from perisai.desk.people import services
from perisai.desk.web import trips
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.trips import CONFIRM, ENTER, JOIN, Trip
from perisai.errors import AgencyDown, AgencyError, NotYet

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.http import HttpResponse

    from perisai.desk.web.access import Request

WHYS = ("down", "refused", "wrong", "unknown", "locked", "again", "other", "taken")
"""What can go wrong."""
STATUS = {"down": 503, "locked": 429}
"""Of the pages that say what went wrong; of all others it is 403."""
_LOG = logging.getLogger("perisai.desk")


def confirming(request: Request) -> HttpResponse:
    """Where to confirm who one is, without a password; or what to do where there is no way."""
    mine = services.bound(desk().house, request.user.get_username())
    known = [each for each in trips.agencies() if each[0] in mine]
    back = urlencode({"next": _next(request)})
    return page(request, "agency_confirm", agencies=known, back=back)


def entered_there(request: Request, agency: str) -> HttpResponse:
    """Lead to the agency, to sign in."""
    if request.user.is_authenticated:
        return redirect("home")
    return _leave(request, agency, ENTER)


def confirmed_there(request: Request, agency: str) -> HttpResponse:
    """Lead to the agency, to say there anew who one is."""
    return _leave(request, agency, CONFIRM, user=request.user.pk, since=time.time())


def joined_there(request: Request, token: str, agency: str) -> HttpResponse:
    """Lead to the agency, to sign in there from now on and choose no password."""
    if services.invited(desk().house, token) is None:
        return page(request, "invitation_over", 404)
    return _leave(request, agency, JOIN, token=token)


def came_back(request: Request, agency: str) -> HttpResponse:
    """Somebody came back: ask the agency who they are, and lead on."""
    known, trip = _agency(agency), trips.take(request)
    state = request.GET.get("state", "")
    ours = trip is not None and trip.agency == agency and trip.state
    if trip is None or not ours or not hmac.compare_digest(trip.state.encode(), state.encode()):
        return _failed(request, agency, "again")
    if not trips.first_time(request) or not _may_ask(request):
        return _failed(request, agency, "again")
    if "error" in request.GET:
        return _failed(request, agency, "refused")
    try:
        who = asking.who(
            known, trip.start, _address(request, agency), request.GET.dict(), since=trip.since
        )
    except AgencyDown as error:
        return _failed(request, agency, "down", error)
    except AgencyError as error:
        return _failed(request, agency, "wrong", error)
    identity = services.identity(desk().house, known.chosen.issuer, who.subject)
    on = reverse("agency-end", args=[agency])
    answer = page(request, "agency_on", on=on, agency=trips.label(agency))
    return trips.put(answer, trip.back(identity, known.chosen.issuer, strong=who.strong))


def ended(request: Request, agency: str) -> HttpResponse:
    """The trip is over: whoever it was is signed in, or has confirmed who they are."""
    known, trip = _agency(agency), trips.take(request)
    if trip is None or trip.agency != agency or trip.issuer != known.chosen.issuer:
        return _failed(request, agency, "again")
    if not trip.identity or not trips.first_time(request):
        return _failed(request, agency, "again")
    if trip.why == CONFIRM:
        return _confirm(request, trip)
    if trip.why == JOIN:
        return _join(request, trip)
    user = services.holder(desk().house, agency, trip.identity)
    if user is None:
        return _failed(request, agency, "unknown")
    return _enter(request, trip, user)


def _leave(request: Request, agency: str, why: str, **more: object) -> HttpResponse:
    known, start = _agency(agency), Start.new()
    if not _may_ask(request):
        return _failed(request, agency, "locked")
    back = _address(request, agency)
    try:
        there = asking.leave_for(known, start, back, again=why == CONFIRM)
    except AgencyDown as error:
        return _failed(request, agency, "down", error)
    except AgencyError as error:
        return _failed(request, agency, "wrong", error)
    trip = trips.begun(agency, why, start, next=_next(request), **more)
    return trips.put(HttpResponseRedirect(there), trip)


def _enter(request: Request, trip: Trip, user: User) -> HttpResponse:
    if not get_adapter().may_try(request, user.get_username()):
        return _failed(request, trip.agency, "locked")
    _record(request, user, trip)
    answer: HttpResponse = perform_login(request, Login(user=user, redirect_url=trip.next or None))
    return trips.end(answer)


def _confirm(request: Request, trip: Trip) -> HttpResponse:
    """Who is signed in is who has just said so at the agency: what waited for it goes on."""
    user = services.holder(desk().house, trip.agency, trip.identity)
    mine = request.user.is_authenticated and request.user.pk == trip.user
    if not mine or user is None or user.pk != trip.user:
        return _failed(request, trip.agency, "other")
    _record(request, user, trip, reauthenticated=True)
    request.GET = QueryDict(urlencode({"next": trip.next}))
    answer: HttpResponse | None = resume_request(request)
    return trips.end(answer or redirect("home"))


def _join(request: Request, trip: Trip) -> HttpResponse:
    try:
        user = services.join_by_agency(desk().house, trip.token, trip.agency, trip.identity)
    except NotYet:
        return _failed(request, trip.agency, "taken")
    if user is None:
        return trips.end(page(request, "invitation_over", 404))
    return _enter(request, trip, user)


def _record(request: Request, user: User, trip: Trip, **more: bool) -> None:
    said = {"agency": trip.agency, "issuer": trip.issuer, "strong": trip.strong}
    record_authentication(request, user, method="agency", **said, **more)


def _agency(name: str) -> Agency:
    if name not in desk().settings.agencies:
        raise Http404
    return Agency.of(desk().settings, name)


def _address(request: Request, agency: str) -> str:
    """Where the agency sends people back to: one address for each, so that none stands in."""
    path = reverse("agency-back", args=[agency])
    url = desk().settings.desk.url
    return f"{url.rstrip('/')}{path}" if url else request.build_absolute_uri(path)


def _next(request: Request) -> str:
    """Where somebody wanted to go: within the desk, or nowhere."""
    path = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours and path.startswith("/") and len(path) <= trips.LONGEST_NEXT else ""


def _may_ask(request: Request) -> bool:
    """Whether this network has not asked for too many trips."""
    return bool(ratelimit.consume(request, app="allauth.account", action="agency", limit_get=True))


def _failed(
    request: Request, agency: str, why: str, error: AgencyError | None = None
) -> HttpResponse:
    """Say what to do; the log says what was wrong, and nothing of who it was."""
    _LOG.warning("sign-in at agency %s: %s %s", agency, why, error.why if error else "")
    values = {"why": f"agency-why.{why}", "agency": trips.label(agency)}
    return trips.end(page(request, "agency_failed", STATUS.get(why, 403), **values))
