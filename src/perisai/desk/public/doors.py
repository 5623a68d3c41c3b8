"""Who may send files through a one-time link, and how much: asked before anything is parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from perisai.desk import procedures
from perisai.desk.attachments.given import Given, unfit
from perisai.desk.clocks.calendars import Calendar
from perisai.desk.public import uploads
from perisai.desk.public.here import here
from perisai.desk.summons import replies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from perisai.desk.public import forms
    from perisai.settings import Settings

PATH = re.compile(r"(?:/en)?/jawab/(?P<token>[A-Za-z0-9_-]{1,100})")


def most(settings: Settings) -> int:
    """Bytes of all files that one answer may bring."""
    return settings.desk.attachment_bytes


def room(settings: Settings, path: str, *, known: bool) -> int:
    """How many bytes of files may come to an address; ``known``: its link leads somewhere."""
    if path in uploads.PAGES:
        return uploads.most(settings)
    return most(settings) if known and PATH.fullmatch(path) else 0


async def larger(scope: dict[str, Any]) -> int:
    """How many bytes more a request may send: nobody without a link has the server hold much."""
    path = str(scope.get("path", ""))
    found = PATH.fullmatch(path)
    known = bool(found) and await sync_to_async(_leads_somewhere)(found["token"] if found else "")
    return room(here().settings, path, known=known)


def _leads_somewhere(token: str) -> bool:
    close_old_connections()
    try:
        return here().house.door(token) is not None
    finally:
        close_old_connections()


def given_in(
    request: HttpRequest, form: forms.Asked, words: Mapping[str, str]
) -> list[Given] | None:
    """The documents of an answer; None for what is not taken, and the form says why."""
    files = request.FILES.getlist("papers")
    if sum(each.size or 0 for each in files) > most(here().settings):
        form.add_error("papers", words["files_large"])
        return None
    given = [Given(each.name or "", bytes(each.read())) for each in files]
    if names := unfit(given):
        form.add_error("papers", words["files_unfit"].format(names=", ".join(names)))
        return None
    return given


def besides(form: forms.Answer | forms.AnswerAsked) -> replies.Besides:
    """What comes with an answer: an objection and until when it is decided, and a promise."""
    said, now, desk = form.cleaned_data, here().house.clock(), here().desk
    procedure = procedures.load(desk.procedure)
    calendar = Calendar(procedure.country, desk.zone, desk.days_off)
    by = replies.until(now, procedure, calendar)
    return replies.Besides(now, by, said["objects"], said["promise"] or "", said["promise_by"])
