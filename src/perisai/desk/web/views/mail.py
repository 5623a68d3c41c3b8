"""What a platform's liaison sees: the letters to its own platform, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from perisai.desk.attachments.given import keep_with
from perisai.desk.attachments.services import store_in
from perisai.desk.summons import domain
from perisai.desk.web import forms
from perisai.desk.web.letter_files import file_of
from perisai.desk.web.rendering import page
from perisai.desk.web.running import desk
from perisai.desk.web.views.acting import attempt, besides_of, given_of, known_case

if TYPE_CHECKING:
    from django.http import HttpResponse

    from perisai.desk.procedures import Language
    from perisai.desk.web.access import Request
    from perisai.desk.web.forms import Form


def shown(
    request: Request, key: str, letter: str, sent: Form | None = None, status: int = 200
) -> HttpResponse:
    """One letter, and the form to answer it."""
    case = known_case(key)
    found = [each for each in domain.letters_for(case, request.actor) if each.id == letter]
    if not found:
        raise Http404
    return page(
        request,
        "mail",
        status,
        key=key,
        letter=found[0],
        files=case.attachments,
        clock=case.clocks.get(f"reply:{letter}"),
        form=sent or forms.Reply(),
        sent=sent,
    )


def downloaded(
    request: Request, key: str, letter: str, language: Language, form: str
) -> HttpResponse:
    """The letter as a file."""
    case = known_case(key)
    for each in domain.letters_for(case, request.actor):
        if each.id == letter:
            return file_of(case, each, language, form)
    raise Http404


def answered(request: Request, key: str, letter: str) -> HttpResponse:
    """Answer it."""
    known_case(key)

    def do(said: dict[str, Any]) -> HttpResponse:
        besides = besides_of(said)
        keep_with(
            desk().house,
            store_in(desk().settings),
            request.actor,
            key,
            given_of(said["papers"]),
            lambda case, files: domain.reply(
                case, request.actor, letter, said["text"], besides, files
            ),
            days=desk().settings.desk.attachment_days,
        )
        return redirect(f"{reverse('mail', args=[key, letter])}?done=replied")

    return attempt(
        forms.Reply(request.POST, request.FILES),
        do,
        lambda form, status: shown(request, key, letter, form, status),
    )
